import keras
import numpy as np
import pytest

from rnnzoo.layers import Stack, TokenDecoder
from rnnzoo.layers.token_decoder import CONDITIONS
from rnnzoo.text import BEGIN, PAD
from tests.architectures import rows
from tests.cells import tools

TOKENS = np.array([[4, 5, 6, 2], [7, 2, 0, 0]])
RNG = np.random.default_rng(0)
ENCODED = {
    "summary": RNG.normal(size=(2, 5)).astype("float32"),
    "memory": RNG.normal(size=(2, 3, 6)).astype("float32"),
    "mask": np.array([[1, 1, 1], [1, 0, 0]], bool),
}
ATTENTION = (None, "additive", "multiplicative")


def made(cell="gru", attention=None, **options):
    stack = Stack(cell, 8, num_layers=2, pre_norm=True)
    return TokenDecoder(stack, 9, attention, **options)


@pytest.mark.parametrize("attention", ATTENTION)
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("cell", ["gru", "rwkv4"])
def test_steps_are_the_call(cell, condition, attention):
    decoder = made(cell, attention, condition=condition)
    logits = decoder(TOKENS, ENCODED)
    assert logits.shape == (2, 4, 9)
    states, constants = decoder.begin(ENCODED)
    last = np.full(2, BEGIN)
    for t in range(4):
        found, states = decoder.step(last, states, constants)
        np.testing.assert_allclose(found, logits[:, t], rtol=0, atol=5e-6)
        last = TOKENS[:, t]


def test_an_output_sees_earlier_tokens_only():
    decoder = made()
    logits = decoder(TOKENS, ENCODED)
    for t in range(4):
        other = TOKENS.copy()
        other[:, t] = 8
        difference = np.abs(decoder(other, ENCODED) - logits).max(axis=(0, 2))
        assert not difference[: t + 1].any()
        assert (difference[t + 1 :] > 1e-4).all()


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("cell", rows.EVERY_NAME)
def test_the_summary_matters_from_the_first_token_on(cell, condition):
    decoder = made(cell, condition=condition)
    decoder(TOKENS, ENCODED)
    tools.randomise(decoder)
    logits = decoder(TOKENS, ENCODED)
    other = {**ENCODED, "summary": -ENCODED["summary"]}
    difference = np.abs(decoder(TOKENS, other) - logits).max(axis=(0, 2))
    assert (difference > 1e-5).all()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("gru", "initial_state"), ("lstm", "initial_state")]
    + [("mlstm", "first_input"), ("rwkv4", "first_input")],
)
def test_a_cell_that_takes_no_states_reads_the_summary_first(cell, expected):
    decoder = made(cell)
    assert decoder.condition == "initial_state"
    assert decoder.effective_condition == expected
    decoder(TOKENS, ENCODED)
    states, _ = decoder.begin(ENCODED)
    if expected == "first_input":
        start = decoder.stack.get_initial_state(2)
        x = decoder.bridge(ENCODED["summary"])
        _, wanted = decoder.stack.step(x, start)
        for state, value in zip(states, wanted, strict=True):
            np.testing.assert_array_equal(state, value)


@pytest.mark.parametrize("attention", ["additive", "multiplicative"])
def test_attention_weights(attention):
    decoder = made(attention=attention)
    decoder(TOKENS, ENCODED)
    weights = decoder.attention_weights(TOKENS, ENCODED)
    weights = keras.ops.convert_to_numpy(weights)
    assert weights.shape == (2, 4, 3)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)
    np.testing.assert_array_equal(weights[1], [[1, 0, 0]] * 4)
    looked, _, constants = decoder.recur(TOKENS, ENCODED)
    expected = decoder.decoder.look(looked.queries, constants["attention"])
    np.testing.assert_array_equal(weights, expected.weights)


def test_logits_are_float32():
    stack = Stack("gru", 8, dtype="mixed_bfloat16")
    decoder = TokenDecoder(stack, 9)
    assert decoder(TOKENS, ENCODED).dtype == "float32"


def test_drops_in_training_only():
    decoder = made(dropout=0.5)
    first, second = (decoder(TOKENS, ENCODED) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    dropped = decoder(TOKENS, ENCODED, training=True)
    assert np.abs(dropped - first).max() > 1e-3


@pytest.mark.parametrize("attention", ATTENTION)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_comes_back_from_its_config(condition, attention):
    decoder = made("lstm", attention, condition=condition)
    expected = decoder(TOKENS, ENCODED)
    config = keras.saving.serialize_keras_object(decoder)
    again = keras.saving.deserialize_keras_object(config)
    again(TOKENS, ENCODED)
    again.set_weights(decoder.get_weights())
    np.testing.assert_array_equal(again(TOKENS, ENCODED), expected)


# === What is wrong ===


def test_no_attention_to_show():
    decoder = made()
    decoder(TOKENS, ENCODED)
    with pytest.raises(ValueError, match="no attention to show. Build it with"):
        decoder.attention_weights(TOKENS, ENCODED)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"condition": "initial"}, "Unknown condition: 'initial'"),
        ({"attention": "luong"}, "Unknown attention: 'luong'"),
    ],
)
def test_unknown_options(options, message):
    with pytest.raises(ValueError, match=message):
        made(**options)


def test_bidirectional_stack():
    stack = Stack("gru", 8, bidirectional=True)
    with pytest.raises(ValueError, match="writes from left to right"):
        TokenDecoder(stack, 9)


def test_padding_of_a_target_is_read_like_a_token():
    """Nothing comes after it, so it needs no mask."""
    decoder = made()
    wide = np.pad(TOKENS, ((0, 0), (0, 3)), constant_values=PAD)
    np.testing.assert_allclose(
        decoder(wide, ENCODED)[:, :4], decoder(TOKENS, ENCODED), atol=1e-6
    )
