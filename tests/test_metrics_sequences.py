import keras
import numpy as np
import pytest

from rnnzoo import metrics

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 2, (40, 3))
LOGITS = RNG.normal(size=(40, 3, 2)).astype("float32")
STEPS = RNG.uniform(size=(40, 3)) * (RNG.uniform(size=(40, 3)) < 0.6)
ROWS = RNG.uniform(size=40) * (RNG.uniform(size=40) < 0.6)


def row_by_row(weights):
    right = total = 0.0
    for y, z, w in zip(Y, LOGITS.argmax(axis=-1), weights, strict=True):
        if any(w > 0):
            total += max(w)
            right += max(w) * all(y[w > 0] == z[w > 0])
    return right / total


@pytest.mark.parametrize("weights", [None, STEPS, ROWS])
def test_of_a_data_set_in_uneven_batches(weights):
    metric = metrics.SequenceAccuracy()
    for cut in (slice(0, 7), slice(7, 40)):
        metric.update_state(
            Y[cut], LOGITS[cut], None if weights is None else weights[cut]
        )
    w = np.ones(40) if weights is None else weights
    w = np.broadcast_to(w[:, None] if w.ndim == 1 else w, Y.shape)
    expected = row_by_row(w)
    assert 0.05 < expected < 0.95
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


def test_comes_back_from_its_config():
    metric = metrics.SequenceAccuracy()
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    assert again.name == "sequence_accuracy"
