"""Strategies by name, and the CPU split into several."""

import json
import subprocess
import sys

import pytest
import tensorflow as tf

from rnnzoo.training import strategy
from tests.cells.tools import ROOT

SCRIPT = """
import json
from rnnzoo.training import strategy
strategy.split_cpu(3)
strategy.split_cpu(2)
replicas = [strategy.make(n).num_replicas_in_sync for n in strategy.NAMES[:3]]
strategy.split_cpu(2)
try:
    strategy.split_cpu(3)
except ValueError as error:
    print(json.dumps([replicas, str(error)]))
"""


def test_names():
    assert strategy.NAMES == ("auto", "one", "mirrored", "multiworker")


def test_one_device_is_what_tensorflow_does_by_itself():
    with strategy.make("one").scope():
        assert not tf.distribute.has_strategy()


def test_replicas_of_a_cpu_in_two_parts():
    """Mirrored on both, without TensorFlow's warnings; auto stays on one."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    replicas, error = json.loads(done.stdout)
    assert replicas == [1, 1, 2]
    assert error == (
        "Cannot split the CPU into 3: TensorFlow has started with 2. Split it "
        "before anything is computed."
    )
    assert "MirroredStrategy" not in done.stderr


GPUS = [tf.config.LogicalDevice(f"/device:GPU:{n}", "GPU") for n in range(2)]


@pytest.mark.parametrize(
    ("name", "gpus", "devices"),
    [
        ("auto", GPUS, ["/device:GPU:0", "/device:GPU:1"]),
        ("mirrored", GPUS, ["/device:GPU:0", "/device:GPU:1"]),
        ("mirrored", GPUS[:1], ["/device:GPU:0"]),
        ("auto", GPUS[:1], None),
        ("one", GPUS, None),
    ],
)
def test_gpus_come_first(monkeypatch, name, gpus, devices):
    """Machines without them are told of some; nothing runs on these."""
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: gpus)
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", list)
    made = strategy.make(name)
    assert made == (devices or tf.distribute.get_strategy())


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="'tpu'. Choose one of auto, one, mi"):
        strategy.make("tpu")


def test_no_part_at_all_is_refused():
    with pytest.raises(ValueError, match="count=0"):
        strategy.split_cpu(0)
