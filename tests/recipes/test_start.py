import dataclasses
import os
import signal
import subprocess
import sys
import time
import weakref

import numpy as np
import pytest
import tensorflow as tf

from recipes.common import start
from recipes.common.flags import flag
from rnnzoo.commands.workers import free_ports
from rnnzoo.training import multiworker, report, strategy


@dataclasses.dataclass(frozen=True)
class Config:
    seed: int = flag(3, "seed")


@pytest.fixture
def command(monkeypatch):
    """`start.command` in this process, where TensorFlow is imported already."""
    monkeypatch.setattr(start.console, "start_tensorflow", lambda: None)
    handler = signal.getsignal(signal.SIGTERM)

    def run(main, *arguments):
        start.command(main, Config, "what it does", list(arguments))

    yield run
    signal.signal(signal.SIGTERM, handler)


def test_a_command_is_silent_but_for_what_it_prints():
    code = (
        "from recipes.common import flags, start\n"
        "import dataclasses\n"
        "@dataclasses.dataclass(frozen=True)\n"
        "class Config:\n"
        "    seed: int = flags.flag(3, 'seed')\n"
        "def main(config):\n"
        "    import keras; print(config.seed, keras.ops.ones(()))\n"
        "start.command(main, Config)"
    )
    environment = dict(os.environ)
    # As a user has it: tests/conftest.py alone quiets TensorFlow.
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    answer = subprocess.run(
        [sys.executable, "-c", code, "--seed", "5"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("5 tf.Tensor(1.0")


@dataclasses.dataclass(frozen=True)
class Training(Config):
    fresh: bool = flag(False, "start again")
    evaluate: str | None = flag(None, "test a run", none="train")


@pytest.mark.parametrize(
    "config_class, flags, created",
    [
        (Training, [], True),
        (Training, ["--evaluate", "latest"], False),
        (Config, [], False),
    ],
)
def test_the_database_of_what_trains_is_created_meanwhile(
    config_class, flags, created, command, monkeypatch
):
    order = []
    monkeypatch.setattr(
        start.store, "create_beside", lambda: order.append("database")
    )
    monkeypatch.setattr(
        start.console, "start_tensorflow", lambda: order.append("tensorflow")
    )
    with pytest.raises(SystemExit) as stopped:
        start.command(order.append, config_class, "what it does", flags)
    assert stopped.value.code == 0
    assert order[:-1] == ["database"] * created + ["tensorflow"]


def test_a_command_gets_its_flags(command):
    seen = []
    with pytest.raises(SystemExit) as stopped:
        command(seen.append, "--seed", "5")
    assert stopped.value.code == 0
    assert seen == [Config(seed=5)]


def test_our_own_errors_end_with_their_sentence_alone(command):
    with pytest.raises(SystemExit) as stopped:
        command(lambda config: report.exact_match([], ["a"]))
    assert stopped.value.code.startswith("error: Got 0 texts and 1 targets")


def test_errors_of_others_keep_their_traceback(command):
    with pytest.raises(ValueError, match="invalid literal for int"):
        command(lambda config: int("x"))


# === One of several workers ===


@pytest.fixture
def second(monkeypatch):
    """As the second of two, whom nobody has to meet."""
    addresses = ["127.0.0.1:1", "127.0.0.1:2"]
    config = start.workers.config(addresses, 1)
    monkeypatch.setenv("TF_CONFIG", config)
    done = []
    monkeypatch.setattr(start.workers, "wait", lambda: done.append("waited"))
    monkeypatch.setattr(strategy, "make", lambda name: done.append(name))
    monkeypatch.setattr(multiworker, "meet", lambda: done.append("met"))
    return done


def test_a_worker_waits_is_quiet_and_leaves_with_the_others(
    command, second, capsys
):
    with pytest.raises(SystemExit) as stopped:
        command(lambda config: print("said"))
    assert stopped.value.code == 0
    assert second == ["waited", None, "met"]
    assert capsys.readouterr().out == ""


def test_a_worker_that_lost_another_one_asks_to_be_started_again(
    command, second, capsys
):
    def main(config):
        raise tf.errors.UnavailableError(None, None, "aborted\nby\nTF")

    with pytest.raises(SystemExit) as stopped:
        command(main)
    assert stopped.value.code == 75
    assert capsys.readouterr().err == (
        "\nerror: Worker 1 has lost another one, and ends (UnavailableError: "
        "aborted). Started again, all of them go on from the last "
        "checkpoint.\n"
    )
    assert second == ["waited", None]


def test_a_worker_that_waits_in_vain_ends_with_a_sentence(command, monkeypatch):
    (port,) = free_ports(1)
    addresses = ["127.0.0.1:1", f"127.0.0.1:{port}"]
    monkeypatch.setenv("TF_CONFIG", start.workers.config(addresses, 1))
    monkeypatch.setenv(start.workers.WAIT, "0.2")
    with pytest.raises(SystemExit) as stopped:
        command(lambda config: None)
    assert stopped.value.code.startswith("error: Worker 1 has waited 0 s for ")


def test_a_broken_description_of_the_workers_is_told(command, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{")
    with pytest.raises(SystemExit) as stopped:
        command(lambda config: None)
    assert stopped.value.code.startswith("error: TF_CONFIG cannot be read")


def test_errors_of_a_worker_itself_are_as_ever(command, second):
    with pytest.raises(SystemExit) as stopped:
        command(lambda config: report.exact_match([], ["a"]))
    assert stopped.value.code.startswith("error: Got 0 texts")
    with pytest.raises(ValueError, match="invalid literal for int"):
        command(lambda config: int("x"))


def test_alone_that_error_is_one_of_tensorflow(command):
    def main(config):
        raise tf.errors.UnavailableError(None, None, "aborted")

    with pytest.raises(tf.errors.UnavailableError):
        command(main)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_stopping_ends_with_status_130_and_a_line(command, capsys, name):
    def main(config):
        os.kill(os.getpid(), getattr(signal, name))
        time.sleep(5)

    with pytest.raises(SystemExit) as stopped:
        command(main)
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "\nStopped.\n"


def test_nothing_of_a_stopped_main_outlives_it(command):
    """A TensorFlow iterator that does can abort the process."""
    held = []

    class Iterator:
        pass

    def main(config):
        iterator = Iterator()
        iterator.itself = iterator  # as in Keras, in a ring
        held.append(weakref.ref(iterator))
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as stopped:
        command(main)
    assert stopped.value.__context__ is None
    assert held[0]() is None


def test_fixed_seeds_repeat_every_kind_of_random_number(monkeypatch):
    import keras
    import tensorflow as tf

    # Cannot be undone, and must not reach the tests after this one.
    called = []
    monkeypatch.setattr(
        tf.config.experimental,
        "enable_op_determinism",
        lambda: called.append(True),
    )

    def draw():
        start.fix_seeds(7)
        weights = keras.layers.Dense(2)
        weights.build((None, 3))
        return np.concatenate(
            [
                np.random.rand(2),
                keras.ops.convert_to_numpy(weights.kernel).ravel(),
                keras.ops.convert_to_numpy(keras.random.normal((2,))),
            ]
        )

    first = draw()
    np.testing.assert_array_equal(first, draw())
    assert len(set(first)) == 10
    assert called == [True, True]
