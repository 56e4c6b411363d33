import keras
import numpy as np
import pytest

from rnnzoo import metrics

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 5, (6, 4))
LOGITS = RNG.normal(size=(6, 4, 5)).astype("float32")
WEIGHTS = RNG.uniform(size=(6, 4)) * (RNG.uniform(size=(6, 4)) < 0.7)
KINDS = {
    metrics.Perplexity: lambda p, w: np.exp(-(w * np.log(p)).sum() / w.sum()),
    metrics.BitsPerCharacter: lambda p, w: -(w * np.log2(p)).sum() / w.sum(),
}


def probabilities():
    shares = np.exp(LOGITS.astype("float64"))
    shares /= shares.sum(axis=-1, keepdims=True)
    return np.take_along_axis(shares, Y[..., None], axis=-1)[..., 0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "weights", [None, WEIGHTS, np.array([1, 0, 2, 1, 0, 0.5])]
)
def test_of_a_data_set_in_uneven_batches(kind, weights):
    metric = kind()
    for cut in (slice(0, 1), slice(1, 6)):
        metric.update_state(
            Y[cut], LOGITS[cut], None if weights is None else weights[cut]
        )
    w = np.ones(6) if weights is None else weights
    w = np.broadcast_to(w[:, None] if w.ndim == 1 else w, Y.shape)
    expected = KINDS[kind](probabilities(), w)
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)
    metric.reset_state()
    nothing = 1 if kind is metrics.Perplexity else 0
    assert float(metric.result()) == nothing


@pytest.mark.parametrize("kind", KINDS)
def test_comes_back_from_its_config(kind):
    config = keras.saving.serialize_keras_object(kind(name="mine"))
    again = keras.saving.deserialize_keras_object(config)
    assert (type(again), again.name) == (kind, "mine")
    assert kind().name in ("perplexity", "bits_per_character")
