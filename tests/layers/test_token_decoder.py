import keras
import numpy as np
import pytest

from rnnzoo.layers import ScheduledSampling, Stack, TokenDecoder
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


@pytest.mark.parametrize(("cell", "condition"), rows.names_with(CONDITIONS))
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


# Everything that changes how a target is written, some of it together.
FORMS = [
    {"attention": "coverage", "condition": "every_step"},
    {"attention": "monotonic", "input_feeding": True},
    {"attention": "additive", "input_feeding": True, "tied": True},
    {"attention": "additive", "copy_slots": 2, "condition": "every_step"},
    {"attention": "dot", "copy_slots": 2, "input_feeding": True},
    {"tied": True},
]
# As wide as the decoder, and with words outside the vocabulary.
COPIED = {**ENCODED, "source": np.array([[4, 10, 5], [9, 0, 0]])}
COPIED["memory"] = RNG.normal(size=(2, 3, 8)).astype("float32")


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_runs_as_its_steps(form, condition):
    """Also where several beams of each source come one after the other."""
    decoder = made(**{**form, "condition": condition})
    tokens = TOKENS.copy()
    if form.get("copy_slots"):
        tokens[0, 1] = 10
    decoder(tokens, COPIED)
    tools.randomise(decoder, scale=0.4)
    logits = decoder(tokens, COPIED)
    assert logits.shape == (2, 4, 9 + form.get("copy_slots", 0))
    states, constants = decoder.begin(COPIED)
    beams = [np.repeat(state, 3, axis=0) for state in states]
    last = np.full(2, BEGIN)
    for t in range(4):
        found, states = decoder.step(last, states, constants)
        np.testing.assert_allclose(found, logits[:, t], rtol=0, atol=2e-5)
        found, beams = decoder.step(np.repeat(last, 3), beams, constants)
        expected = np.repeat(logits[:, t], 3, axis=0)
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)
        last = tokens[:, t]


def test_tied_tokens_are_written_by_what_reads_them():
    decoder = made(tied=True)
    decoder(TOKENS, ENCODED)
    names = [weight.path.split("/")[-2] for weight in decoder.weights]
    assert names.count("embedding") == 2 and "head" not in names
    looked, _, _ = decoder.recur(TOKENS, ENCODED)
    E = decoder.embedding.embeddings.numpy()
    np.testing.assert_allclose(
        decoder(TOKENS, ENCODED), looked.outputs @ E.T, rtol=0, atol=1e-5
    )


# === Scheduled sampling ===


def drawing(coins, uniform):
    """A `ScheduledSampling` that draws what it is told to."""
    layer = ScheduledSampling(1.0)
    layer.draw = lambda *_: (
        keras.ops.convert_to_tensor(coins),
        keras.ops.convert_to_tensor(uniform.astype("float32")),
    )
    return layer


@pytest.mark.parametrize("form", FORMS)
def test_no_coin_is_teacher_forcing(form):
    coins, uniform = np.zeros((2, 4), bool), RNG.uniform(size=(2, 4))
    sampling = drawing(coins, uniform)
    decoder = made(**form, scheduled_sampling=sampling)
    expected = decoder(TOKENS, COPIED)
    if decoder.decoder.looks_back:
        decoder.decoder.attend.noise = 0.0
    logits = decoder(TOKENS, COPIED, training=True)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_a_coin_reads_what_was_sampled(form):
    """Step by step, with the same coins and numbers."""
    coins = np.array([[1, 0, 1, 1], [0, 1, 1, 0]], bool)
    uniform = RNG.uniform(size=(2, 4))
    decoder = made(**form, scheduled_sampling=drawing(coins, uniform))
    decoder(TOKENS, COPIED)
    tools.randomise(decoder, scale=0.4)
    if decoder.decoder.looks_back:
        decoder.decoder.attend.noise = 0.0
    logits = decoder(TOKENS, COPIED, training=True)
    states, constants = decoder.begin(COPIED)
    right = np.concatenate([np.full((2, 1), BEGIN), TOKENS[:, :-1]], axis=1)
    guess, differs = right[:, 0], 0
    for t in range(4):
        token = np.where(coins[:, t], guess, right[:, t])
        differs += (token != right[:, t]).sum()
        found, states = decoder.step(token, states, constants)
        np.testing.assert_allclose(logits[:, t], found, rtol=0, atol=2e-5)
        shares = np.exp(found - np.max(found, axis=-1, keepdims=True))
        shares[:, [PAD, BEGIN]] = 0
        ends = shares.cumsum(axis=-1) / shares.sum(axis=-1, keepdims=True)
        guess = (ends <= uniform[:, t, None]).sum(axis=-1)
    assert differs


# === Penalties ===


def test_penalties_of_attention():
    decoder = made(
        attention="additive", coverage_loss=0.3, doubly_stochastic=0.7
    )
    decoder(TOKENS, ENCODED)
    tools.randomise(decoder)
    decoder(TOKENS, ENCODED)
    found = np.asarray(decoder.penalties)
    a = np.asarray(decoder.attention_weights(TOKENS, ENCODED))
    expected = np.zeros((2, 4))
    for row in range(2):
        length = (TOKENS[row] != PAD).sum()
        for t in range(length):
            seen = a[row, :t].sum(axis=0)
            expected[row, t] = 0.3 * np.minimum(a[row, t], seen).sum()
        missing = 1 - a[row, :length].sum(axis=0)
        missing = missing[np.asarray(ENCODED["mask"])[row]]
        expected[row, 0] += 0.7 * (missing**2).sum()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert made(attention="additive").penalties is None


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


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize(
    "form",
    [{"attention": attention} for attention in ATTENTION]
    + [FORMS[1], {**FORMS[3], "scheduled_sampling": ScheduledSampling(0.5)}],
)
def test_comes_back_from_its_config(condition, form):
    decoder = made("lstm", **{**form, "condition": condition})
    expected = decoder(TOKENS, COPIED)
    config = keras.saving.serialize_keras_object(decoder)
    again = keras.saving.deserialize_keras_object(config)
    again(TOKENS, COPIED)
    again.set_weights(decoder.get_weights())
    np.testing.assert_array_equal(again(TOKENS, COPIED), expected)


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
        ({"copy_slots": 3}, "Received copy_slots=3 without attention"),
        ({"coverage_loss": 1.0}, "Received coverage_loss=1.0 without att"),
        ({"doubly_stochastic": 1}, "Received doubly_stochastic=1.0 without"),
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
