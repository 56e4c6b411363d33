import keras
import numpy as np
import pytest

from rnnzoo.losses import LastStepCrossentropy, StepCrossentropy

RNG = np.random.default_rng(0)
ROWS, STEPS, CLASSES = 12, 5, 7
LOGITS = (3 * RNG.normal(size=(ROWS, STEPS, CLASSES))).astype("float32")
LENGTHS = RNG.integers(1, STEPS + 1, ROWS)
VALID = np.arange(STEPS) < LENGTHS[:, None]
Y = RNG.integers(1, CLASSES, (ROWS, STEPS)) * VALID
WEIGHTS = RNG.uniform(size=(ROWS, STEPS)) * (
    RNG.uniform(size=VALID.shape) < 0.7
)
LOSSES = [StepCrossentropy, LastStepCrossentropy]


def nats(smoothing=0.0):
    """Of each step, from the probabilities in float64."""
    p = np.exp(LOGITS.astype("float64"))
    p /= p.sum(axis=-1, keepdims=True)
    q = (1 - smoothing) * np.eye(CLASSES)[Y] + smoothing / CLASSES
    return -(q * np.log(p)).sum(axis=-1)


def last(weights):
    """`weights` with all but the last one of each row that is not 0."""
    kept = np.zeros_like(weights)
    for row, found in zip(kept, weights, strict=True):
        if found.any():
            step = np.flatnonzero(found)[-1]
            row[step] = found[step]
    return kept


def mean(kind, values, weights):
    weights = weights if kind is StepCrossentropy else last(weights)
    return (values * weights).sum() / weights.sum()


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_values_of_steps(smoothing):
    expected = nats(smoothing)
    for kind in LOSSES:
        found = kind(smoothing).call(Y, LOGITS)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    found = StepCrossentropy(smoothing, ignore=0).call(Y, LOGITS)
    np.testing.assert_allclose(found, expected * VALID, rtol=1e-5)
    # A class that does not exist.
    ids = np.where(VALID, Y, -1)
    found = StepCrossentropy(smoothing, ignore=-1).call(ids, LOGITS)
    np.testing.assert_allclose(found, expected * VALID, rtol=1e-5)


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("weights", [None, WEIGHTS, WEIGHTS[:, 0]])
@pytest.mark.parametrize("ignore", [None, 0])
def test_means_by_weights(kind, weights, ignore):
    w = np.ones(VALID.shape) if weights is None else weights
    w = np.broadcast_to(w[:, None] if w.ndim == 1 else w, VALID.shape)
    expected = mean(kind, nats(0.2), w if ignore is None else w * VALID)
    loss = kind(0.2, ignore)(Y, LOGITS, weights)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


@pytest.mark.parametrize("kind", LOSSES)
def test_no_weight_at_all_is_no_loss(kind):
    assert float(kind()(Y, LOGITS, np.zeros(ROWS))) == 0


def test_one_class_for_a_row():
    found = LastStepCrossentropy()(Y[:, 0], LOGITS, VALID)
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=-1, keepdims=True)
    at = np.arange(ROWS)
    expected = -np.log(p[at, LENGTHS - 1, Y[:, 0]]).mean()
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    found = StepCrossentropy()(Y[:, 0], LOGITS[:, 0])
    np.testing.assert_allclose(found, nats()[:, 0].mean(), rtol=1e-5)


@pytest.mark.parametrize("kind", LOSSES)
def test_in_any_keras_model_that_masks(kind):
    """The mask of its layers, without a word about it."""
    inputs = keras.Input((STEPS, CLASSES))
    model = keras.Model(inputs, keras.layers.Masking()(inputs))
    model.compile(loss=kind())
    found = model.evaluate(LOGITS * VALID[..., None], Y, ROWS, verbose=0)
    expected = mean(kind, nats(), VALID.astype("float64"))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("kind", LOSSES)
def test_comes_back_from_its_config(kind):
    loss = kind(0.1, 0, reduction="sum", name="mine")
    config = keras.saving.serialize_keras_object(loss)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is kind
    assert again.get_config() == loss.get_config()
    assert (again.label_smoothing, again.ignore) == (0.1, 0)
    np.testing.assert_allclose(again(Y, LOGITS), loss(Y, LOGITS))


def test_what_is_wrong():
    for share in (1.0, -0.1, "some"):
        with pytest.raises(ValueError, match="`label_smoothing` must be a nu"):
            StepCrossentropy(share)
