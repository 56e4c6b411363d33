import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.layers import MemoryAttention
from rnnzoo.layers.attention import masked_softmax

SCORES = ("additive", "multiplicative")
MASK = np.array([[1, 1, 1, 1, 0], [0, 1, 0, 1, 1]], bool)


def inputs(seed=0):
    """`(query, memory)`: three queries, five steps."""
    rng = np.random.default_rng(seed)
    query = rng.normal(size=(2, 3, 4)).astype("float32")
    return query, rng.normal(size=(2, 5, 6)).astype("float32")


def made(score, **options):
    """A layer with random weights, of which none is zero."""
    layer = MemoryAttention(4, score=score, **options)
    layer.build((None, None, 4), (None, None, 6))
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def reference(layer, query, memory, mask=None):
    """`(context, weights)`, one pair of query and memory step at a time."""
    U = layer.memory_projection.kernel.numpy().astype("float64")
    scores = np.zeros((2, 3, 5))
    for b, t, j in np.ndindex(2, 3, 5):
        s, m = query[b, t].astype("float64"), memory[b, j].astype("float64")
        if layer.score == "additive":
            W = layer.query_projection.kernel.numpy()
            bias = layer.query_projection.bias.numpy()
            scores[b, t, j] = layer.v.numpy() @ np.tanh(s @ W + bias + m @ U)
        else:
            scores[b, t, j] = s @ (m @ U)
    if mask is not None:
        scores = np.where(mask[:, None], scores, -np.inf)
    weights = softmax(scores)
    return weights @ memory.astype("float64"), weights


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("score", SCORES)
def test_is_what_numpy_does(score, mask):
    layer, (query, memory) = made(score), inputs()
    found = layer(query, layer.keys(memory), memory, memory_mask=mask)
    for value, expected in zip(
        found, reference(layer, query, memory, mask), strict=True
    ):
        np.testing.assert_allclose(value, expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("score", SCORES)
def test_rows_sum_to_one_and_masked_steps_get_nothing(score):
    layer, (query, memory) = made(score), inputs()
    _, weights = layer(query, layer.keys(memory), memory, memory_mask=MASK)
    weights = keras.ops.convert_to_numpy(weights)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)
    assert not np.moveaxis(weights, 1, 2)[~MASK].any()
    assert (np.moveaxis(weights, 1, 2)[MASK] > 0).all()


@pytest.mark.parametrize("score", SCORES)
def test_of_one_step_is_that_step(score):
    """And Keras, which warns of a softmax of one score, does not see it."""
    layer, (query, memory) = made(score), inputs()
    memory = memory[:, :1]
    context, weights = layer(query, layer.keys(memory), memory)
    np.testing.assert_array_equal(weights, np.ones((2, 3, 1)))
    np.testing.assert_allclose(context, memory.repeat(3, 1), rtol=1e-6)


def test_masked_softmax_of_large_scores():
    scores = np.array([[1e4, 1e4 + 1, 2e4], [-1e4, -1e4, 5.0]], "float32")
    mask = np.array([[True, True, False], [True, True, False]])
    found = masked_softmax(scores, mask)
    e = np.e
    expected = [[1 / (1 + e), e / (1 + e), 0], [0.5, 0.5, 0]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("score", SCORES)
def test_weights_are_float32_under_mixed_precision(score):
    layer, (query, memory) = made(score, dtype="mixed_bfloat16"), inputs()
    query, memory = (keras.ops.cast(t, "bfloat16") for t in (query, memory))
    context, weights = layer(query, layer.keys(memory), memory)
    assert keras.backend.standardize_dtype(weights.dtype) == "float32"
    assert keras.backend.standardize_dtype(context.dtype) == "bfloat16"
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(weights).sum(axis=-1), 1, rtol=1e-6
    )


@pytest.mark.parametrize("score", SCORES)
def test_comes_back_from_its_config(score):
    layer, (query, memory) = made(score, name="mine"), inputs()
    again = MemoryAttention.from_config(layer.get_config())
    again.build((None, None, 4), (None, None, 6))
    again.set_weights(layer.get_weights())
    assert (again.name, again.score, again.units) == ("mine", score, 4)
    np.testing.assert_array_equal(
        again(query, again.keys(memory), memory)[0],
        layer(query, layer.keys(memory), memory)[0],
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"score": "dot"}, "Unknown score: 'dot'.*Expected one of: 'additive'"),
        ({"score": "aditive"}, "Did you mean 'additive'"),
        ({"units": 0}, "`units` must be a positive integer"),
    ],
)
def test_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        rnnzoo.layers.MemoryAttention(**{"units": 4, **options})
