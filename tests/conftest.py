"""What every test stands on: a quiet start, own folders, the slow tier."""

import os
import signal
import sys
import tempfile

import pytest

# Read when TensorFlow and Keras are imported. A test process shows no
# banners, and its models are the same wherever Keras is configured otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def pytest_addoption(parser):
    parser.addoption(
        "--run-slow",
        action="store_true",
        help="also run the tests marked slow: the whole product",
    )


def pytest_configure(config):
    # Prepared data sets go where they do not outlive the tests, also those
    # of the processes that tests start.
    folder = tempfile.TemporaryDirectory(prefix="rnnzoo-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["TFDS_DATA_DIR"] = folder.name
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    # What a shell starts in the background ignores Ctrl-C, which is tested.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    """Leaves slow tests out, rather than reporting them as skipped."""
    if config.getoption("--run-slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in set(slow)]


@pytest.fixture(autouse=True)
def same_start():
    """The same seeds before each test, and Keras's own settings after it.

    Keras is not imported for it: tests of text and flags need none.
    """
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(1)
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A database without runs; MLflow needs seconds to create one."""
    from rnnzoo.training import store

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        root = tmp_path_factory.mktemp("store")
        client, identifier = store.connect("none", root)
        client.delete_experiment(identifier)
    return root
