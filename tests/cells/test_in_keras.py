"""Cells in Keras's own layers, and against Keras's own cells."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import cells
from rnnzoo.layers import Recurrent
from tests.cells import tools
from tests.cells.rows import CELL_ROWS, FEATURES, ROWS, every
from tests.cells.test_masks import MASK
from tests.cells.tools import EXACT, ON_JAX, ROUNDING, error

BATCH, STEPS = MASK.shape
SEQUENCES = {"return_sequences": True, "return_state": True}


def inputs(seed=2):
    return tools.normal(BATCH, STEPS, FEATURES, seed=seed)


@every(ROWS)
def test_in_stock_rnn(row):
    layer = tools.sequence_layer(row)
    stock = keras.layers.RNN(layer.cell, dtype=EXACT, **SEQUENCES)
    outputs, *states = stock(inputs())
    expected = tools.run(layer, inputs())
    assert error((outputs, states), expected) < ROUNDING


# On JAX, Keras takes the first state for the last output; cells for which it
# is another thing cannot be masked there by anyone.
@every([row for row in ROWS if row.stock_jax or not ON_JAX])
def test_in_stock_rnn_under_a_mask(row):
    layer = tools.sequence_layer(row)
    stock = keras.layers.RNN(layer.cell, dtype=EXACT, **SEQUENCES)
    outputs, *states = stock(inputs(), mask=MASK)
    expected = tools.run(layer, inputs(), mask=MASK)
    assert error((outputs, states), expected) < ROUNDING


@every(CELL_ROWS)
@pytest.mark.parametrize("kind", [keras.layers.RNN, Recurrent])
def test_in_bidirectional(row, kind):
    """The backward copy is made from the configuration."""
    inner = kind(row.cell(dtype=EXACT), return_sequences=True, dtype=EXACT)
    both = keras.layers.Bidirectional(inner, dtype=EXACT)
    both.build((None, None, FEATURES))
    tools.randomise(both)
    backward = both.backward_layer
    assert type(backward) is kind
    assert backward.cell.get_config() == {
        **inner.cell.get_config(),
        "name": backward.cell.name,
    }
    x = inputs()
    parts = [both.forward_layer(x), ops.flip(backward(x), axis=1)]
    assert error(both(x), ops.concatenate(parts, axis=-1)) < ROUNDING
    assert error(parts[0], parts[1]) > 0.01  # two sets of weights


@every(CELL_ROWS)
def test_in_bidirectional_under_a_mask(row):
    inner = Recurrent(row.cell(dtype=EXACT), return_sequences=True)
    both = keras.layers.Bidirectional(inner, dtype=EXACT)
    both.build((None, None, FEATURES))
    tools.randomise(both)
    found = tools.to_numpy(both(inputs(), mask=MASK))
    for row_found, row_inputs, valid in zip(found, inputs(), MASK, strict=True):
        if valid.any():
            shorter = both(row_inputs[None, valid])[0]
            assert error(row_found[valid], shorter) < ROUNDING


PAIRS = {
    "SimpleRNN": (keras.layers.SimpleRNN, cells.Elman, {}),
    "SimpleRNN-relu": (
        keras.layers.SimpleRNN,
        cells.Elman,
        {"activation": "relu"},
    ),
    "LSTM": (keras.layers.LSTM, cells.LSTM, {}),
    "GRU-after": (keras.layers.GRU, cells.GRU, {"reset_after": True}),
    "GRU-before": (keras.layers.GRU, cells.GRU, {"reset_after": False}),
}


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
def test_the_same_weights_as_keras_mean_the_same(pair, mask):
    """Outputs, states and gradients, weights in the same layout."""
    theirs, ours, options = PAIRS[pair]
    their = theirs(4, **options, **SEQUENCES)
    our = Recurrent(ours(4, **options), **SEQUENCES)
    x = inputs().astype("float32")
    for layer in (their, our):
        layer.build(x.shape)
        tools.randomise(layer)
    assert [w.name for w in our.weights] == [w.name for w in their.weights]
    mask = None if mask is None else ops.convert_to_tensor(mask)
    assert error(our(x, mask=mask), their(x, mask=mask)) < 1e-6
    found = []
    for layer in (our, their):

        def function(x, layer=layer):
            outputs, *states = layer(x, mask=mask)
            return tools.weighted(None, outputs, states)

        found.append(tools.gradients(function, layer.weights, [x])[1])
    assert error(*found) < 1e-5


@pytest.mark.parametrize("pair", PAIRS)
def test_a_cell_starts_from_what_keras_starts_from(pair):
    """The same distributions: shapes, zeros, the forget bias."""
    theirs, ours, options = PAIRS[pair]
    their, our = theirs(64, **options).cell, ours(64, **options)
    for cell in (their, our):
        cell.build((None, 64))
    for t, o in zip(their.weights, our.weights, strict=True):
        t, o = tools.to_numpy(t), tools.to_numpy(o)
        assert t.shape == o.shape
        assert np.isclose(t.mean(), o.mean(), atol=0.01)
        assert np.isclose(t.std(), o.std(), atol=0.01)
        assert np.isclose(np.abs(t).max(), np.abs(o).max(), atol=0.05)
