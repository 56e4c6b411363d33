import dataclasses
import os
import signal
import subprocess
import sys
import time
import weakref

import numpy as np
import pytest

from recipes.common import start
from recipes.common.flags import flag
from rnnzoo.training import report


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
