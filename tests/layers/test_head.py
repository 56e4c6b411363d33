import keras
import numpy as np
import pytest

from rnnzoo import metrics
from rnnzoo.layers import CTCHead, Head
from rnnzoo.layers.head import KINDS

FEATURES = np.random.default_rng(0).normal(size=(2, 4, 5)).astype("float32")


@pytest.mark.parametrize("kind", KINDS)
def test_is_linear(kind):
    head = Head(3, kind)
    outputs = head(FEATURES)
    kernel, bias = (w.numpy() for w in head.weights)
    np.testing.assert_allclose(outputs, FEATURES @ kernel + bias, rtol=1e-5)


def test_losses_are_those_of_numpy():
    outputs = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=-1, keepdims=True)
    p = 1 / (1 + np.exp(-outputs))
    classes, labels = np.array([0, 2, 1, 2]), outputs > 0.3
    expected = {
        "softmax": (classes, -np.log(shares[range(4), classes])),
        "sigmoid": (labels, -np.log(np.where(labels, p, 1 - p)).mean(axis=-1)),
        "regression": (p, ((outputs - p) ** 2).mean(axis=-1)),
    }
    assert expected.keys() == set(KINDS)
    for kind, (y, values) in expected.items():
        loss = Head(3, kind).default_loss()
        found = loss.call(keras.ops.cast(y, "float32"), outputs)
        np.testing.assert_allclose(found, values, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "metric", "name"),
    [
        ("softmax", metrics.StepAccuracy, "accuracy"),
        ("sigmoid", metrics.StepBinaryAccuracy, "accuracy"),
        ("regression", metrics.StepAbsoluteError, "mean_absolute_error"),
    ],
)
def test_metrics(kind, metric, name):
    (found,) = Head(3, kind).default_metrics()
    assert type(found) is metric
    assert found.name == name


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("float32", "float32"),
        ("mixed_bfloat16", "float32"),
        ("bfloat16", "float32"),
        ("float64", "float64"),
        (None, "float32"),
    ],
)
def test_outputs_are_float32_at_least(policy, expected):
    outputs = Head(3, dtype=policy)(keras.ops.cast(FEATURES, "float64"))
    assert outputs.dtype == expected


def test_follows_the_global_policy():
    keras.config.set_dtype_policy("float64")
    assert Head(3).dtype == "float64"


@pytest.mark.parametrize("kind", KINDS)
def test_comes_back_from_its_config(kind):
    head = Head(3, kind, name="mine")
    again = Head.from_config(head.get_config())
    assert (again.name, again.kind, again.units) == ("mine", kind, 3)
    assert again.dtype_policy == head.dtype_policy


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, "softmaxx"), "Unknown head: 'softmaxx'. Did you mean 'softmax'"),
        ((0,), "`num_outputs` must be a positive integer.*num_outputs=0"),
        ((2.5,), "`num_outputs` must be a positive integer"),
    ],
)
def test_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        Head(*arguments)


@pytest.mark.parametrize("kind", [Head, CTCHead])
def test_options_of_dense_are_refused(kind):
    """They would be lost in a file."""
    with pytest.raises(ValueError, match="A head has no option 'use_bias'"):
        kind(3, use_bias=False)
