import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.layers import MemoryAttention
from rnnzoo.layers.attention import (
    ATTENTIONS,
    SCORES,
    attention_layer,
    masked_softmax,
    monotonic,
)

MASK = np.array([[1, 1, 1, 1, 0], [0, 1, 0, 1, 1]], bool)


def inputs(seed=0, memory_dim=6):
    """`(query, memory)`: three queries, five steps."""
    rng = np.random.default_rng(seed)
    query = rng.normal(size=(2, 3, 4)).astype("float32")
    return query, rng.normal(size=(2, 5, memory_dim)).astype("float32")


def made(score, seed=1, **options):
    """`(layer, query, memory)`, with random weights, of which none is zero."""
    layer = MemoryAttention(4, score=score, **options)
    query, memory = inputs(seed, 4 if score == "dot" else 6)
    layer.build(query.shape, memory.shape)
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer, query, memory


def softmax(scores):
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def reference_scores(layer, s, m, coverage=0.0):
    """e_ij of one query and one memory step, from the equations."""
    s, m = s.astype("float64"), m.astype("float64")
    if layer.score == "dot":
        return s @ m
    U = layer.memory_projection.kernel.numpy().astype("float64")
    if layer.score == "multiplicative":
        return s @ (m @ U)
    if layer.score == "scaled":
        return layer.g.numpy() * (s @ (m @ U))
    W = layer.query_projection.kernel.numpy()
    v = layer.v.numpy().astype("float64")
    bias = 0.0 if layer.score == "concat" else layer.query_projection.bias
    if layer.score == "normed_additive":
        v = layer.g.numpy() * v / np.linalg.norm(v)
    met = s @ W + m @ U + np.asarray(bias)
    if layer.coverage:
        met = met + coverage * layer.w.numpy()
    return v @ np.tanh(met)


def reference(layer, query, memory, mask=None):
    """`(context, weights)`, one pair of query and memory step at a time.

    Each query looks back at those before it.
    """
    weights = np.zeros((2, 3, 5))
    for b in range(2):
        previous = np.eye(5)[0]
        for i in range(3):
            coverage = weights[b, :i].sum(axis=0)
            e = np.array(
                [
                    reference_scores(layer, query[b, i], memory[b, j], c)
                    for j, c in enumerate(coverage)
                ]
            )
            valid = np.ones(5, bool) if mask is None else mask[b]
            if layer.alignment == "softmax":
                a = softmax(np.where(valid, e, -np.inf))
            else:
                p = valid / (1 + np.exp(-e - layer.r.numpy()))
                # All ways to come from k and stop at j, after the paper's (8).
                a = np.array(
                    [
                        p[j]
                        * sum(
                            previous[k] * np.prod(1 - p[k:j])
                            for k in range(j + 1)
                        )
                        for j in range(5)
                    ]
                )
            weights[b, i] = previous = a
    return weights @ memory.astype("float64"), weights


def look(layer, query, memory, mask=None):
    """`(context, weights)` of queries one after the other."""
    keys = layer.keys(memory)
    past = [state[:, None] for state in layer.first_past(keys)]
    found = []
    for i in range(query.shape[1]):
        found.append(
            layer(
                query[:, i : i + 1], keys, memory, memory_mask=mask, past=past
            )
        )
        past = layer.next_past(past, found[-1][1])
    return [np.concatenate(part, axis=1) for part in zip(*found, strict=True)]


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("score", SCORES)
def test_is_what_numpy_does(score, mask):
    for seed in range(5):
        layer, query, memory = made(score, seed)
        found = layer(query, layer.keys(memory), memory, memory_mask=mask)
        expected = reference(layer, query, memory, mask)
        for value, wanted in zip(found, expected, strict=True):
            np.testing.assert_allclose(value, wanted, rtol=0, atol=3e-6)


LOOKING_BACK = [
    {"score": "additive", "coverage": True},
    {"score": "concat", "coverage": True},
    {"score": "normed_additive", "alignment": "monotonic"},
    {"score": "dot", "alignment": "monotonic"},
    {"score": "additive", "alignment": "monotonic", "coverage": True},
]


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("options", LOOKING_BACK)
def test_looking_back_is_what_numpy_does(options, mask):
    for seed in range(5):
        layer, query, memory = made(**options, seed=seed)
        found = look(layer, query, memory, mask)
        expected = reference(layer, query, memory, mask)
        for value, wanted in zip(found, expected, strict=True):
            np.testing.assert_allclose(value, wanted, rtol=0, atol=3e-6)


def test_monotonic_attention_never_goes_back():
    """Sure of each step, it moves on and stops, or stays."""
    layer, query, memory = made("normed_additive", alignment="monotonic")
    scores = np.full((1, 3, 5), -50.0, "float32")
    scores[0, 0, 2] = scores[0, 1, 1] = scores[0, 1, 2] = scores[0, 2, 4] = 50
    previous = np.eye(5, dtype="float32")[None, :1]
    stops = []
    for i in range(3):
        previous = monotonic(scores[:, i : i + 1], previous)
        stops.append(int(np.argmax(previous)))
    # At the second query it could stop at 1, but is at 2 already.
    assert stops == [2, 2, 4]


def test_noise_is_drawn_for_monotonic_attention_only():
    layer, query, memory = made("additive")
    assert layer.draw_noise((2, 3, 5)) is None
    layer, query, memory = made(
        "normed_additive", alignment="monotonic", noise=2.0
    )
    noise = np.asarray(layer.draw_noise((40, 30, 50)))
    np.testing.assert_allclose([noise.mean(), noise.std()], [0, 2], atol=0.02)
    keys = layer.keys(memory)
    past = [p[:, None] for p in layer.first_past(keys)]
    still = layer(query[:, :1], keys, memory, past=past)[1]
    moved = layer(
        query[:, :1], keys, memory, past=past, noise=noise[:2, :1, :5]
    )[1]
    assert np.abs(np.asarray(still) - np.asarray(moved)).max() > 1e-2


@pytest.mark.parametrize("score", ["normed_additive", "scaled"])
def test_a_learned_scale_starts_as_wide_as_softmax_likes(score):
    layer = MemoryAttention(16, score=score)
    layer.build((None, None, 16), (None, None, 6))
    assert float(layer.g.numpy()) == 0.25


@pytest.mark.parametrize("name", list(ATTENTIONS))
def test_what_decoders_take_by_name(name):
    layer = attention_layer(name, 4, name="mine")
    assert (layer.units, layer.name) == (4, "mine")
    config = {key: getattr(layer, key) for key in ATTENTIONS[name]}
    assert config == ATTENTIONS[name]
    template = MemoryAttention(**ATTENTIONS[name])
    again = attention_layer(template, 7)
    assert again.units == 7 and template.units is None
    assert again.get_config() | {"name": 0, "units": 0} == (
        template.get_config() | {"name": 0, "units": 0}
    )


@pytest.mark.parametrize("score", SCORES)
def test_rows_sum_to_one_and_masked_steps_get_nothing(score):
    layer, query, memory = made(score)
    _, weights = layer(query, layer.keys(memory), memory, memory_mask=MASK)
    weights = keras.ops.convert_to_numpy(weights)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)
    assert not np.moveaxis(weights, 1, 2)[~MASK].any()
    assert (np.moveaxis(weights, 1, 2)[MASK] > 0).all()


@pytest.mark.parametrize("score", SCORES)
def test_of_one_step_is_that_step(score):
    """And Keras, which warns of a softmax of one score, does not see it."""
    layer, query, memory = made(score)
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
    layer, query, memory = made(score, dtype="mixed_bfloat16")
    query, memory = (keras.ops.cast(t, "bfloat16") for t in (query, memory))
    context, weights = layer(query, layer.keys(memory), memory)
    assert keras.backend.standardize_dtype(weights.dtype) == "float32"
    assert keras.backend.standardize_dtype(context.dtype) == "bfloat16"
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(weights).sum(axis=-1), 1, rtol=1e-6
    )


@pytest.mark.parametrize("score", SCORES)
def test_comes_back_from_its_config(score):
    layer, query, memory = made(score, name="mine")
    again = MemoryAttention.from_config(layer.get_config())
    again.build(query.shape, memory.shape)
    again.set_weights(layer.get_weights())
    assert (again.name, again.score, again.units) == ("mine", score, 4)
    np.testing.assert_array_equal(
        again(query, again.keys(memory), memory)[0],
        layer(query, layer.keys(memory), memory)[0],
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"score": "luong"}, "Unknown score: 'luong'.*one of: 'additive'"),
        ({"alignment": "hard"}, "Unknown alignment: 'hard'.*'monotonic'"),
        ({"coverage": True}, "part of an additive score. Received.*'multi"),
        ({"score": "aditive"}, "Did you mean 'additive'"),
        ({"units": 0}, "`units` must be a positive integer"),
    ],
)
def test_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        rnnzoo.layers.MemoryAttention(**{"units": 4, **options})


def test_dot_of_unequal_widths():
    layer = MemoryAttention(4, score="dot")
    with pytest.raises(ValueError, match="one width. Received: 4 and 6. Choo"):
        layer.build((None, None, 4), (None, None, 6))
