import keras
import numpy as np
import pytest

from rnnzoo import metrics

RNG = np.random.default_rng(0)
STEPS = {
    "y": RNG.integers(0, 3, (4, 5)),
    "outputs": RNG.normal(size=(4, 5, 3)).astype("float32"),
    "weights": RNG.uniform(size=(4, 5)) * (RNG.uniform(size=(4, 5)) < 0.7),
}
LABELS = RNG.integers(0, 2, (4, 5, 3))
VALUES = RNG.normal(size=(4, 5, 3)).astype("float32")


def step_values(kind):
    """What NumPy says of each step: `(metric, targets, values)`."""
    outputs = STEPS["outputs"]
    right = outputs.argmax(axis=-1) == STEPS["y"]
    right_labels = (outputs > 0) == LABELS
    error = np.abs(outputs - VALUES)
    return {
        "classes": (metrics.StepAccuracy, STEPS["y"], right),
        "labels": (
            metrics.StepBinaryAccuracy,
            LABELS,
            right_labels.mean(axis=-1),
        ),
        "values": (metrics.StepAbsoluteError, VALUES, error.mean(axis=-1)),
    }[kind]


KINDS = ["classes", "labels", "values"]


@pytest.mark.parametrize("kind", KINDS)
def test_unweighted(kind):
    metric, y, values = step_values(kind)
    metric = metric()
    metric.update_state(y, STEPS["outputs"])
    np.testing.assert_allclose(metric.result(), values.mean(), rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_by_the_weights_of_steps(kind):
    metric, y, values = step_values(kind)
    metric, weights = metric(), STEPS["weights"]
    metric.update_state(y, STEPS["outputs"], sample_weight=weights)
    expected = (values * weights).sum() / weights.sum()
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_by_the_weights_of_rows(kind):
    metric, y, values = step_values(kind)
    metric, weights = metric(), np.array([0.5, 0.0, 2.0, 1.0])
    metric.update_state(y, STEPS["outputs"], sample_weight=weights)
    expected = (values * weights[:, None]).sum() / (5 * weights.sum())
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_one_output_per_row(kind):
    metric, y, values = step_values(kind)
    metric = metric()
    weights = STEPS["weights"][:, 0]
    metric.update_state(y[:, 0], STEPS["outputs"][:, 0], weights)
    expected = (values[:, 0] * weights).sum() / weights.sum()
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_uneven_batches_are_one(kind):
    """Keras's mean of batch means would depend on where they are cut."""
    metric, y, values = step_values(kind)
    metric, weights = metric(), STEPS["weights"]
    for cut in (slice(0, 1), slice(1, 4)):
        metric.update_state(y[cut], STEPS["outputs"][cut], weights[cut])
    expected = (values * weights).sum() / weights.sum()
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)
    per_batch = [
        (values[cut] * weights[cut]).sum() / weights[cut].sum()
        for cut in (slice(0, 1), slice(1, 4))
    ]
    assert abs(np.mean(per_batch) - expected) > 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_no_weight_at_all_is_zero(kind):
    metric, y, _ = step_values(kind)
    metric = metric()
    metric.update_state(y, STEPS["outputs"], np.zeros((4, 5)))
    assert float(metric.result()) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_comes_back_from_its_config(kind):
    metric = step_values(kind)[0](name="mine")
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(metric)
    assert again.name == "mine"


def test_targets_may_be_of_other_types():
    metric = metrics.StepAccuracy()
    metric.update_state(STEPS["y"].astype("float32"), STEPS["outputs"])
    expected = step_values("classes")[2].mean()
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


def test_spread():
    values = np.zeros((2, 3, 4))
    weights = np.array([1.0, 2.0])
    spread = np.array(metrics.spread(weights, values))
    np.testing.assert_array_equal(spread, weights[:, None, None] + values)
    with pytest.raises(NotImplementedError, match="StepMean.values"):
        metrics.StepMean().update_state([1], [1])
