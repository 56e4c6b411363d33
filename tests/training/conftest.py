import shutil

import pytest

from rnnzoo.training import store


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A database without runs: MLflow needs seconds to create one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        root = tmp_path_factory.mktemp("store")
        client, identifier = store.connect("none", root)
        client.delete_experiment(identifier)
    return root


@pytest.fixture
def root(tmp_path, monkeypatch, empty_store):
    """Where a test's runs go."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return shutil.copytree(empty_store, tmp_path / "mlruns")
