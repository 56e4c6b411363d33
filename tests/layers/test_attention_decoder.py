import keras
import numpy as np
import pytest

from rnnzoo.layers import AttentionDecoder, Stack
from tests.architectures import rows
from tests.cells import tools

ATTENTION = (None, "additive", "multiplicative")
# Float32, through two layers; an mlstm divides by what may be small.
BOUND = {"rtol": 0, "atol": 5e-5}
MASK = np.array([[1, 1, 1, 1, 0], [0, 1, 0, 1, 1]], bool)


def inputs():
    """`(sequences, memory)`: four steps of three, five of six."""
    rng = np.random.default_rng(0)
    sequences = rng.normal(size=(2, 4, 3)).astype("float32")
    return sequences, rng.normal(size=(2, 5, 6)).astype("float32")


def made(cell="gru", attention="multiplicative", **options):
    stack = Stack(cell, 8, num_layers=2, residual=True)
    decoder = AttentionDecoder(stack, attention, **options)
    decoder.build((None, None, 3), memory_shape=(None, None, 6))
    return decoder


@pytest.mark.parametrize(("cell", "attention"), rows.names_with(ATTENTION))
def test_steps_are_the_call(cell, attention):
    decoder = made(cell, attention, return_state=True)
    sequences, memory = inputs()
    constants = decoder.prepare(memory, MASK)
    outputs, *last = decoder(sequences, constants=constants)
    assert outputs.shape[:2] == (2, 4)
    states = decoder.get_initial_state(2)
    for t in range(4):
        output, states = decoder.step(sequences[:, t], states, constants)
        assert output.shape == outputs[:, t].shape
        np.testing.assert_allclose(output, outputs[:, t], **BOUND)
    for state, expected in zip(states, last, strict=True):
        np.testing.assert_allclose(state, expected, **BOUND)


# Of each kind of attention one, and any of them fed in.
FEEDING_BACK = [
    ("coverage", False),
    ("monotonic", False),
    ("multiplicative", True),
    ("coverage", True),
    ("monotonic", True),
]


@pytest.mark.parametrize(("attention", "input_feeding"), FEEDING_BACK)
@pytest.mark.parametrize("cell", ["gru", "min_gru"])
def test_what_feeds_back_runs_as_its_steps(cell, attention, input_feeding):
    """From any states on; with beams of one memory as rows as well."""
    decoder = made(
        cell, attention, input_feeding=input_feeding, return_state=True
    )
    tools.randomise(decoder, scale=0.4)
    sequences, memory = inputs()
    constants = decoder.prepare(memory, MASK)
    outputs, *last = decoder(sequences, constants=constants)
    assert outputs.shape == (2, 4, 8)
    states = decoder.get_initial_state(2, constants)
    beams = [np.repeat(state, 3, axis=0) for state in states]
    for t in range(4):
        output, states = decoder.step(sequences[:, t], states, constants)
        np.testing.assert_allclose(output, outputs[:, t], **BOUND)
        output, beams = decoder.step(
            np.repeat(sequences[:, t], 3, axis=0), beams, constants
        )
        repeated = np.repeat(outputs[:, t], 3, axis=0)
        np.testing.assert_allclose(output, repeated, **BOUND)
        if t == 1:
            middle = states
    for state, expected in zip(states, last, strict=True):
        np.testing.assert_allclose(state, expected, **BOUND)
    rest, *end = decoder(
        sequences[:, 2:], initial_state=middle, constants=constants
    )
    np.testing.assert_allclose(rest, outputs[:, 2:], **BOUND)
    for state, expected in zip(end, last, strict=True):
        np.testing.assert_allclose(state, expected, **BOUND)


def test_input_feeding_is_its_equation():
    """s_t = stack([x_t; a_{t-1}]), a_0 = 0."""
    decoder = made(attention="additive", input_feeding=True)
    sequences, memory = inputs()
    constants = decoder.prepare(memory, MASK)
    outputs = decoder(sequences, constants=constants)
    a, states = np.zeros((2, 8), "float32"), decoder.stack.get_initial_state(2)
    for t in range(4):
        x = np.concatenate([sequences[:, t], a], axis=-1)
        s, states = decoder.stack.step(x, states)
        a = decoder.look(s[:, None], constants).outputs[:, 0]
        np.testing.assert_allclose(outputs[:, t], a, rtol=0, atol=2e-6)


@pytest.mark.parametrize("block", [None, "min_rnn", "rwkv", "xlstm"])
def test_dropout_while_feeding_back(block):
    """One mask for a whole sequence, scaled so that the mean stays."""
    cell = {None: "gru", "min_rnn": "min_gru", "rwkv": "rwkv6"}
    options = {"recurrent_dropout": 0.5} if block is None else {}
    stack = Stack(
        cell.get(block, "mlstm"), 8, block=block, dropout=0.5, **options
    )
    decoder = AttentionDecoder(stack, "additive", input_feeding=True)
    decoder.build((None, None, 3), memory_shape=(None, None, 6))
    tools.randomise(decoder, scale=0.4)
    sequences, memory = inputs()
    constants = decoder.prepare(memory, MASK)
    still = decoder(sequences, constants=constants)
    for _ in range(2):
        dropped = decoder(sequences, constants=constants, training=True)
        assert np.abs(dropped - still).max() > 1e-3
    masks = stack.draw_noise(1000)
    for block_masks in masks:
        mask = np.asarray(block_masks["drop"])
        assert set(np.unique(mask)) == {0.0, 2.0}
        np.testing.assert_allclose(mask.mean(), 1.0, atol=0.05)


@pytest.mark.parametrize("attention", ["additive", "multiplicative"])
def test_is_its_equation(attention):
    """a_t = tanh(W [c_t; s_t]), the context first."""
    decoder = made(attention=attention)
    sequences, memory = inputs()
    constants = decoder.prepare(memory, MASK)
    outputs = decoder(sequences, constants=constants)
    s, *_ = decoder.stack(sequences)
    c, weights = decoder.attend(
        s, decoder.attend.keys(memory), memory, memory_mask=MASK
    )
    W, b = (w.numpy() for w in decoder.combine.weights)
    both = np.concatenate([c, s], axis=-1)
    expected = np.tanh(both @ W + b)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=2e-6)
    looked = decoder.look(s, constants)
    np.testing.assert_allclose(looked.outputs, expected, rtol=0, atol=2e-6)
    np.testing.assert_array_equal(looked.weights, weights)


def test_without_attention_it_is_its_stack():
    decoder = made(attention=None)
    sequences, memory = inputs()
    assert decoder.prepare(memory, MASK) == {}
    expected, *_ = decoder.stack(sequences)
    np.testing.assert_array_equal(decoder(sequences), expected)
    assert decoder.look(expected, None).weights is None


def test_starts_from_given_states():
    decoder = made(return_state=True)
    sequences, memory = inputs()
    constants = decoder.prepare(memory)
    whole, *last = decoder(sequences, constants=constants)
    _, *middle = decoder(sequences[:, :2], constants=constants)
    rest, *end = decoder(
        sequences[:, 2:], initial_state=middle, constants=constants
    )
    np.testing.assert_allclose(rest, whole[:, 2:], rtol=0, atol=2e-6)
    for state, expected in zip(end, last, strict=True):
        np.testing.assert_allclose(state, expected, rtol=0, atol=2e-6)


def test_masked_memory_does_not_matter():
    decoder = made()
    sequences, memory = inputs()
    other = np.where(MASK[..., None], memory, 100)
    outputs = [
        decoder(sequences, constants=decoder.prepare(m, MASK))
        for m in (memory, other)
    ]
    np.testing.assert_allclose(*outputs, rtol=0, atol=1e-6)


def test_sizes_are_those_of_the_stack():
    decoder = made("lstm")
    assert decoder.output_size == 8
    assert decoder.state_size == [8] * 4
    assert [s.shape for s in decoder.get_initial_state(3)] == [(3, 8)] * 4


@pytest.mark.parametrize("attention", ATTENTION)
def test_comes_back_from_its_config(attention):
    decoder = made("min_gru", attention, return_state=True)
    config = keras.saving.serialize_keras_object(decoder)
    again = keras.saving.deserialize_keras_object(config)
    again.build((None, None, 3), memory_shape=(None, None, 6))
    again.set_weights(decoder.get_weights())
    sequences, memory = inputs()
    for found, expected in zip(
        again(sequences, constants=again.prepare(memory)),
        decoder(sequences, constants=decoder.prepare(memory)),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)


# === What is wrong ===


def test_bidirectional_stack():
    stack = Stack("gru", 8, bidirectional=True)
    with pytest.raises(ValueError, match="writes from left to right.*Build it"):
        AttentionDecoder(stack)


def test_unknown_attention():
    with pytest.raises(ValueError, match="Unknown attention: 'luong'"):
        AttentionDecoder(Stack("gru", 8), attention="luong")


def test_unknown_memory():
    decoder = AttentionDecoder(Stack("gru", 8))
    with pytest.raises(ValueError, match="must know its memory's shape: call"):
        decoder.build((None, None, 3))


def test_what_feeds_back_takes_no_mask():
    decoder = made(attention="coverage")
    sequences, memory = inputs()
    constants = decoder.prepare(memory)
    with pytest.raises(ValueError, match="one by one take no mask"):
        decoder(sequences, mask=np.ones((2, 4), bool), constants=constants)


def test_input_feeding_without_attention():
    with pytest.raises(ValueError, match="nothing to feed in without attent"):
        made(attention=None, input_feeding=True)


def test_looking_back_starts_from_the_memory():
    with pytest.raises(ValueError, match="Pass the constants that `prepare`"):
        made(attention="monotonic").get_initial_state(2)
