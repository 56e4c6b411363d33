"""`Recurrent` as a Keras layer: flags, shapes, states, errors."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import cells
from rnnzoo.layers import Recurrent, recurrent
from tests.cells import tools
from tests.cells.rows import KINDS
from tests.cells.test_masks import MASK
from tests.cells.tools import ON_JAX, error, normal

FEATURES = 3
BATCH, STEPS = MASK.shape
FLAGS = (
    "return_sequences",
    "return_state",
    "go_backwards",
    "zero_output_for_mask",
    "unroll",
)
every_name = pytest.mark.parametrize(
    "name",
    [
        name if name in KINDS else pytest.param(name, marks=pytest.mark.slow)
        for name in sorted(cells.CELLS)
    ],
)


def inputs(seed=2):
    return normal(BATCH, STEPS, FEATURES, seed=seed, dtype="float32")


def built(layer):
    layer.build((BATCH, STEPS, FEATURES))
    return tools.randomise(layer)


COMBINATIONS = [
    dict(zip(FLAGS, values, strict=True))
    for values in itertools.product([False, True], repeat=len(FLAGS))
]


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(f, marks=[pytest.mark.slow] * (ON_JAX and n % 5 > 0))
        for n, f in enumerate(COMBINATIONS)
    ],
    ids=lambda flags: "-".join(k for k, v in flags.items() if v) or "none",
)
def test_flags_mean_what_they_mean_in_keras(flags, mask):
    mask = None if mask is None else ops.convert_to_tensor(mask)
    our = built(Recurrent("lstm", units=4, **flags))
    # Keras's unrolled loop, run backwards, zeroes by a mask left forwards.
    flags = {**flags, "unroll": flags["unroll"] and not flags["go_backwards"]}
    their = built(keras.layers.RNN(keras.layers.LSTMCell(4), **flags))
    found, expected = our(inputs(), mask=mask), their(inputs(), mask=mask)
    assert error(found, expected) < 1e-6
    shape = our.compute_output_shape((BATCH, STEPS, FEATURES))
    assert keras.tree.map_structure(
        lambda t: tuple(t.shape), found
    ) == keras.tree.map_structure_up_to(found, tuple, shape)


@every_name
def test_unroll_and_loop_and_products_before_it(name, monkeypatch):
    """Ways to run that nobody should be able to tell apart."""
    flags = {"return_sequences": True, "return_state": True}
    expected = None
    for small in (True, False):
        monkeypatch.setattr(
            recurrent, "prefers_small_products", lambda s=small: s
        )
        for unroll in (True, False):
            layer = Recurrent(
                cells.CELLS[name](4), parallel=False, unroll=unroll, **flags
            )
            found = built(layer)(inputs(), mask=MASK)
            expected = found if expected is None else expected
            assert error(found, expected) < 1e-6


@every_name
def test_symbolic_outputs_are_the_real_ones(name):
    """Shapes and types, states included, under mixed precision."""
    layer = Recurrent(
        name,
        units=4,
        return_sequences=True,
        return_state=True,
        dtype="mixed_bfloat16",
    )
    whole = keras.Input((STEPS, FEATURES), batch_size=BATCH)
    symbolic = layer(whole)
    for spec, real in zip(symbolic, layer(inputs()), strict=True):
        assert tuple(spec.shape) == tuple(real.shape)
        kind = keras.backend.standardize_dtype(real.dtype)
        assert keras.backend.standardize_dtype(spec.dtype) == kind


@every_name
def test_states_in_and_out_of_a_functional_model(name):
    """An encoder's states start a decoder, symbolically, and are saved."""
    first = keras.Input((None, FEATURES))
    second = keras.Input((None, FEATURES))
    _, *states = Recurrent(name, units=4, return_state=True)(first)
    # All outputs: the last one of a cell that forgets shows little.
    outputs = Recurrent(name, units=4, return_sequences=True)(
        second, initial_state=states
    )
    model = tools.randomise(keras.Model([first, second], outputs))
    left, right = (
        layer for layer in model.layers if isinstance(layer, Recurrent)
    )
    _, *states = left(inputs(1))
    expected = right(inputs(2), initial_state=states)
    assert error(model([inputs(1), inputs(2)]), expected) < 1e-6
    assert error(expected, right(inputs(2))) > 1e-3


def test_states_may_be_arrays_a_tensor_or_positional():
    layer = built(Recurrent("gru", units=4))
    h = normal(BATCH, 4, seed=3, dtype="float32")
    expected = layer(inputs(), initial_state=[ops.convert_to_tensor(h)])
    for found in (
        layer(inputs(), [h]),
        layer(inputs(), h),
        layer(inputs(), initial_state=h),
    ):
        assert error(found, expected) == 0
    assert error(expected, layer(inputs())) > 1e-3


def test_masks_of_other_layers_arrive():
    """From Masking and from an Embedding, and go on behind sequences."""
    x = inputs() * MASK[..., None]
    layer = built(Recurrent("gru", units=4, return_sequences=True))
    pooled = keras.layers.GlobalAveragePooling1D()
    model = keras.Sequential([keras.layers.Masking(), layer, pooled])
    outputs = tools.to_numpy(layer(x, mask=MASK))
    counts = np.maximum(MASK.sum(axis=1), 1)[:, None]
    expected = (outputs * MASK[..., None]).sum(axis=1) / counts
    found = tools.to_numpy(model(x))
    # Pooling divides by the number of valid steps, of which one has none.
    assert error(found[:4], expected[:4]) < 1e-6
    embedding = keras.layers.Embedding(9, FEATURES, mask_zero=True)
    tokens = np.arange(1, 1 + MASK.size).reshape(MASK.shape) % 8 + 1
    tokens = tokens * MASK
    found = keras.Sequential([embedding, layer])(tokens)
    assert error(found, layer(embedding(tokens), mask=MASK)) < 1e-6


def test_masks_behind_the_layer():
    mask = ops.convert_to_tensor(MASK)
    assert Recurrent("gru", units=4).compute_mask(inputs(), mask) is None
    layer = Recurrent("lstm", 4, return_sequences=True, return_state=True)
    first, *others = layer.compute_mask(inputs(), mask)
    assert (tools.to_numpy(first) == MASK).all()
    assert others == [None, None]


def test_a_mask_of_numbers_or_with_a_last_axis():
    layer = built(Recurrent("gru", units=4))
    expected = layer(inputs(), mask=MASK)
    for mask in (MASK.astype("float32"), MASK.astype("int32"), MASK[..., None]):
        assert error(layer(inputs(), mask=mask), expected) == 0


# === Errors ===


@pytest.mark.parametrize(
    "shape, message",
    [
        ((2, 3), r"sequences \(batch, timesteps, features\).*\(2, 3\)"),
        ((2, 3, 4, 5), r"Received: shape \(2, 3, 4, 5\)"),
    ],
)
def test_inputs_must_be_sequences(shape, message):
    with pytest.raises(ValueError, match=message):
        Recurrent("gru", units=4)(np.zeros(shape, "float32"))


@pytest.mark.parametrize(
    "states, message",
    [
        ([(BATCH, 4)], r"carries states of the sizes \[4, 4\].*\[\(5, 4\)\]"),
        ([(BATCH, 4)] * 3, r"sizes \[4, 4\]"),
        ([(BATCH, 4), (BATCH, 5)], r"\[\(5, 4\), \(5, 5\)\]"),
        ([(BATCH, 4, 1), (BATCH, 4)], r"\[\(5, 4, 1\), \(5, 4\)\]"),
    ],
)
def test_states_must_fit(states, message):
    layer = built(Recurrent("lstm", units=4))
    states = [np.zeros(shape, "float32") for shape in states]
    with pytest.raises(ValueError, match=f"(?s)LSTM.*{message}"):
        layer(inputs(), initial_state=states)


def test_step_refuses_states_of_another_batch_and_size():
    layer = built(Recurrent("gru", units=4))
    x = inputs()[:, 0]
    with pytest.raises(ValueError, match="same batch size"):
        layer.step(x, [np.zeros((BATCH + 1, 4), "float32")])
    with pytest.raises(ValueError, match=r"sizes \[4\]"):
        layer.step(x, [np.zeros((BATCH, 5), "float32")])


def test_step_takes_arrays():
    layer = built(Recurrent("gru", units=4, return_state=True))
    h = normal(BATCH, 4, seed=3, dtype="float32")
    output, (state,) = layer.step(inputs()[:, 0], [h])
    expected = layer(inputs()[:, :1], initial_state=[h])
    assert error([output, state], list(expected)) < 1e-6
