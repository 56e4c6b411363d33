"""Keras's own cells, and those written for it, behind our contract."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import cells
from rnnzoo.layers import Recurrent
from tests.cells import tools
from tests.cells.test_masks import MASK
from tests.cells.tools import error, normal

FEATURES = 3
SEQUENCES = {"return_sequences": True, "return_state": True}
PAIRS = {
    "gru": (keras.layers.GRU, keras.layers.GRUCell),
    "lstm": (keras.layers.LSTM, keras.layers.LSTMCell),
    "rnn": (keras.layers.SimpleRNN, keras.layers.SimpleRNNCell),
}


def inputs(seed=2):
    return normal(*MASK.shape, FEATURES, seed=seed, dtype="float32")


def pair(name, **options):
    """Keras's layer, and ours around Keras's cell, with the same weights."""
    theirs, cell = PAIRS[name]
    their = theirs(4, **options, **SEQUENCES)
    our = Recurrent(cell(4, **options), **SEQUENCES)
    for layer in (their, our):
        layer.build(inputs().shape)
        tools.randomise(layer)
    return our, their


@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("name", PAIRS)
def test_equals_the_layer_of_keras(name, mask):
    our, their = pair(name)
    mask = None if mask is None else ops.convert_to_tensor(mask)
    expected = their(inputs(), mask=mask)
    assert error(our(inputs(), mask=mask), expected) < 1e-6


@pytest.mark.parametrize("name", PAIRS)
def test_dropout_equals_that_of_the_layer(name):
    """Inputs and recurrence, by one mask each per sequence, drawn alike."""
    our, their = pair(name, dropout=0.3, recurrent_dropout=0.4, seed=5)
    found = []
    for _ in range(2):
        expected = their(inputs(), training=True)
        found.append(our(inputs(), training=True))
        assert error(found[-1], expected) < 1e-6
    assert error(*found) > 0.01  # new masks for a new sequence
    assert error(our(inputs()), their(inputs())) < 1e-6
    assert error(our(inputs()), found[-1]) > 0.01


def test_dropout_of_stacked_cells_equals_that_of_stock_rnn():
    """Each cell draws, before the loop, masks as wide as what it reads."""
    options = {"dropout": 0.3, "recurrent_dropout": 0.4}

    def stacked():
        return keras.layers.StackedRNNCells(
            [
                keras.layers.GRUCell(5, seed=1, **options),
                keras.layers.LSTMCell(4, seed=2, **options),
            ]
        )

    our = Recurrent(stacked(), return_sequences=True)
    their = keras.layers.RNN(stacked(), return_sequences=True)
    for layer in (our, their):
        layer.build(inputs().shape)
        tools.randomise(layer)
    found = []
    for _ in range(2):
        found.append(our(inputs(), training=True))
        assert error(found[-1], their(inputs(), training=True)) < 1e-6
    assert error(*found) > 0.01


@pytest.mark.parametrize("name", PAIRS)
def test_step_equals_the_sequence(name):
    our, _ = pair(name, dropout=0.3, recurrent_dropout=0.4)
    expected = our(inputs())
    outputs, states = tools.run(our, inputs(), form="step")
    assert error([outputs, *states], expected) < 1e-6


@keras.saving.register_keras_serializable("tests")
class Minimal(keras.Layer):
    """As Keras's documentation writes cells: an int, and `states[0]`."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units))
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units))

    def call(self, inputs, states):
        previous = states[0]
        h = ops.matmul(inputs, self.kernel)
        h = h + ops.matmul(previous, self.recurrent_kernel)
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("tests")
class Two(Minimal):
    """Two states of unlike sizes, a first state that is not the output."""

    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.state_size = [units, 1]
        self.output_size = units

    def call(self, inputs, states):
        h, n = states
        h, _ = super().call(inputs, [h])
        return 2.0 * h + n, [h, n + 1.0]

    def get_initial_state(self, batch_size=None):
        return [
            ops.zeros((batch_size, self.units)),
            ops.ones((batch_size, 1)),
        ]


@keras.saving.register_keras_serializable("tests")
class Pair(Two):
    """Sizes in a tuple, which Keras takes as well."""

    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.state_size = (units, 1)


FOREIGN = {
    "minimal": lambda: Minimal(4),
    "pair": lambda: Pair(4),
    "two": lambda: Two(4),
    "stacked": lambda: keras.layers.StackedRNNCells(
        [keras.layers.LSTMCell(4), keras.layers.GRUCell(3)]
    ),
}


@pytest.mark.parametrize("make", FOREIGN)
def test_equals_stock_rnn(make, tmp_path):
    """Whole, step by step, and after a file."""
    layer = Recurrent(FOREIGN[make](), **SEQUENCES)
    layer.build(inputs().shape)
    tools.randomise(layer)
    stock = keras.layers.RNN(layer.cell.cell, **SEQUENCES)
    outputs, *states = layer(inputs())
    expected = keras.tree.flatten(stock(inputs()))
    assert error([outputs, *states], expected) < 1e-6
    stepped = tools.run(layer, inputs(), form="step")
    assert error(stepped, (outputs, states)) < 1e-6
    whole = keras.Input((None, FEATURES))
    model = keras.Model(whole, layer(whole))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert error(loaded(inputs()), expected) == error(model(inputs()), expected)


@pytest.mark.parametrize("make", FOREIGN)
def test_masked_steps_are_as_if_deleted(make):
    layer = Recurrent(FOREIGN[make](), **SEQUENCES)
    layer.build(inputs().shape)
    tools.randomise(layer)
    outputs, *states = map(tools.to_numpy, layer(inputs(), mask=MASK))
    for e, valid in enumerate(MASK[:4]):
        shorter, *last = layer(inputs()[e : e + 1, valid])
        assert error(outputs[e : e + 1][:, valid], shorter) < 1e-6
        assert error([s[e : e + 1] for s in states], last) < 1e-6


class Unregistered(keras.Layer):
    state_size = 4

    def call(self, inputs, states):
        return inputs, states


class Image(Unregistered):
    state_size = [(4, 4)]


@pytest.mark.parametrize(
    "cell, message",
    [
        (Unregistered(), "Unregistered.*not registered.*register_keras_seri"),
        (Image(), r"vectors.*Image\.state_size=\[\(4, 4\)\]"),
        (keras.layers.Dense(4), "cell must be a name.*Received: cell=<Dense"),
        (4, "A cell must be a name of.*Received: cell=4"),
        (None, "Received: cell=None"),
    ],
    ids=["unregistered", "image", "layer", "number", "nothing"],
)
def test_what_cannot_be_a_cell(cell, message):
    with pytest.raises(ValueError, match=message):
        Recurrent(cell)


def test_units_are_those_of_the_cell():
    cell = cells.get(keras.layers.LSTMCell(6), units=6)
    assert isinstance(cell, cells.KerasCell)
    assert (cell.units, cell.state_size, cell.output_size) == (6, [6, 6], 6)
    with pytest.raises(ValueError, match="units=5 and a KerasCell of 6 units"):
        cells.get(keras.layers.LSTMCell(6), units=5)


def test_types_follow_the_cell():
    policy = "mixed_bfloat16"
    layer = Recurrent(keras.layers.GRUCell(4, dtype=policy), **SEQUENCES)
    outputs, state = layer(inputs())
    assert keras.backend.standardize_dtype(outputs.dtype) == "bfloat16"
    layer.cell.cell.set_weights(layer.cell.cell.get_weights())
    exact = Recurrent(keras.layers.GRUCell(4))
    exact.build(inputs().shape)
    exact.set_weights(layer.get_weights())
    assert error(outputs[:, -1], exact(inputs())) < 0.02
    assert np.abs(tools.to_numpy(state)).max() > 0.01
