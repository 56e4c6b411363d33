"""What several replicas are refused; that others train as one device does."""

import functools
import itertools
import json
import os
import re
import subprocess
import sys

import keras
import pytest

import rnnzoo
from rnnzoo.model_replicas import check_penalties, check_replicas
from tests.architectures import rows
from tests.cells.tools import ROOT

TWO = 2

# Of the first process, which many tests share.
SHARED = (
    "usual",
    "buckets",
    "dropout",
    "norms",
    "scopes",
    "steps_per_execution",
    "strings",
    "ragged",
    "one number",
    "penalty",
)


@functools.cache
def replicas(count, *cases):
    """What a process with `count` logical CPUs found of `cases`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.replicas", str(count), *cases],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


# === As one device ===


def hold(found, count=TWO):
    """Replicas trained, and to what one device trained to."""
    assert found["replicas"] == count
    assert found["initial"] == 0
    assert found["steps"][0] == found["steps"][1] > 0
    assert found["moved"] > 1e-2
    assert found["weights"] <= 1e-6
    for name, difference in found["shown"].items():
        assert difference <= 1e-5, name


@pytest.mark.slow
@pytest.mark.parametrize("case", ["usual", "buckets"])
def test_replicas_train_as_one_device(case):
    hold(replicas(TWO, *SHARED)[case])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "cell", "count"),
    [
        # What replicas share depends on the topology: cells take turns.
        *zip(
            reversed(rows.OPTIONS),
            itertools.cycle(rows.KINDS),
            itertools.repeat(TWO),
        ),
        ("synced", "gru", 3),
    ],
)
def test_every_topology_trains_as_on_one_device(architecture, cell, count):
    case = f"{architecture} {cell}"
    hold(replicas(count, case)[case], count)


@pytest.mark.slow
@pytest.mark.parametrize(
    "cases",
    [
        ("clip global_clipnorm", "clip clipnorm", "clip clipvalue"),
        ("single rows", "loss object", "text pairs", "batch norm"),
        ("sequence metrics", "crf"),
        ("seq2seq None", "seq2seq multiplicative"),
        ("optimizer adam", "optimizer adamw", "optimizer ema"),
        ("optimizer lamb", "optimizer rmsprop", "optimizer schedule"),
    ],
    ids=lambda cases: cases[0],
)
def test_whatever_trains_trains_as_on_one_device(cases):
    for found in replicas(TWO, *cases).values():
        hold(found)


@pytest.mark.slow
def test_a_synchronized_norm_is_that_of_one_device():
    """Rows 4 and 3: the mean of two means would be another one."""
    found = replicas(TWO, *SHARED)["norms"]["True"]
    assert max(found.values()) <= 1e-6


@pytest.mark.slow
def test_another_norm_is_one_for_each_device():
    found = replicas(TWO, *SHARED)["norms"]["False"]
    assert min(found.values()) > 0.05


def differ(found):
    """Replicas dropped differently, and drew as often as one device does."""
    assert found["training"] > 0.1
    assert found["inference"] == 0
    assert found["seeds"]
    assert not any(found["seeds"])


@pytest.mark.slow
def test_each_replica_drops_other_features():
    differ(replicas(TWO, *SHARED)["dropout"])


@pytest.mark.slow
def test_each_replica_drops_other_features_of_its_states():
    differ(replicas(TWO, "recurrent_dropout")["recurrent_dropout"])


@pytest.mark.slow
def test_a_model_goes_from_replicas_to_one_device_and_back():
    found = replicas(TWO, "kept")["kept"]
    assert found["again"] <= 1e-6
    assert found["one"] <= 1e-6
    written, *others = found["written"]
    assert others == [written] * 3


@pytest.mark.slow
def test_replicas_draw_no_batch_but_those_they_train_on():
    found = replicas(TWO, "slow input")["slow input"]
    assert found["iterators"] == 3  # two epochs, an evaluation
    assert found["batches"] == 15
    assert found["before"] == 0
    assert 0.1 < found["during"] < 2
    assert found["after"] == found["during"]


# === Refused ===


def refused(case, message):
    found = replicas(TWO, *SHARED)[case]
    assert re.search(message, found["error"])
    assert found["steps"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("steps_per_execution", "steps_per_execution=2 does not work on sev"),
        ("strings", "Strings do not work on several devices"),
        ("ragged", "RaggedTensors do not work on several devices"),
        ("one number", "one for each row or step"),
        ("penalty", "`activity_regularizer` do not work on several devices"),
    ],
)
def test_refused_before_the_first_step(case, message):
    refused(case, message)


@pytest.mark.slow
def test_models_and_optimizers_of_another_scope_are_refused():
    found = replicas(TWO, *SHARED)["scopes"]
    names = ["model", "model", "model", "optimizer", "metric", "model"]
    for name, error in zip(names, found, strict=True):
        assert f"The {name} was not made in the scope" in error
    assert "MirroredStrategy" in found[0]
    assert "DefaultDistributionStrategy" in found[-1]


def network(layer):
    inputs = keras.Input((3, 2), batch_size=4)
    return keras.Model(inputs, layer(inputs))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps_per_execution": 2}, "^steps_per_execution=2 does not"),
        ({"jit_compile": True}, "^jit_compile=True does not"),
        ({"run_eagerly": True}, "^run_eagerly=True does not"),
    ],
    ids=["loop", "xla", "eager"],
)
def test_settings_that_cannot_be_exact_are_refused(options, message):
    model = network(keras.layers.Dense(1))
    model.compile("sgd", **options)
    with pytest.raises(ValueError, match=message):
        check_replicas(model)


def test_optimizers_that_cannot_be_exact_are_refused():
    model = network(keras.layers.Dense(1))
    optimizer = keras.optimizers.SGD(gradient_accumulation_steps=2)
    model.compile(optimizer)
    with pytest.raises(ValueError, match="^gradient_accumulation_steps=2 do"):
        check_replicas(model)
    model.compile(keras.optimizers.SGD(use_ema=True, ema_overwrite_frequency=4))
    with pytest.raises(ValueError, match="^ema_overwrite_frequency=4 does not"):
        check_replicas(model)
    inner = keras.optimizers.SGD()
    model.compile(keras.optimizers.LossScaleOptimizer(inner))
    with pytest.raises(ValueError, match="^LossScaleOptimizer does not work"):
        check_replicas(model)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("Dense", {"units": 1, "dtype": "mixed_float16"}, "'mixed_float16'"),
        ("GRU", {"units": 1, "stateful": True}, "The stateful layer 'x'"),
        ("BatchNormalization", {}, "The BatchNormalization 'x'"),
    ],
)
def test_layers_that_cannot_be_exact_are_refused(kind, options, message):
    model = network(getattr(keras.layers, kind)(name="x", **options))
    model.compile("sgd", auto_scale_loss=False)
    with pytest.raises(ValueError, match=message) as caught:
        check_replicas(model)
    assert "train on one device: strategy 'one'." in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("Dense", {"units": 1, "dtype": "mixed_bfloat16"}),
        ("GRU", {"units": 1}),
        ("BatchNormalization", {"trainable": False}),
        ("BatchNormalization", {"synchronized": True}),
    ],
)
def test_layers_like_them_are_not(kind, options):
    model = network(getattr(keras.layers, kind)(**options))
    model.compile("sgd", jit_compile=False)
    check_replicas(model)


def test_states_that_go_on_from_batch_to_batch_are_refused():
    model = rnnzoo.build(
        "synced", vocabulary=9, num_outputs=9, units=4, carried_rows=2
    )
    model.compile()
    with pytest.raises(ValueError, match="are not where its rows are"):
        check_replicas(model)


def test_penalties_are_those_of_weights():
    layer = keras.layers.Dense(1, kernel_regularizer="l2")
    model = network(layer)
    check_penalties(model.losses, model.trainable_weights)
    with pytest.raises(ValueError, match="add_loss"):
        check_penalties([*model.losses, 1.0], model.trainable_weights)
