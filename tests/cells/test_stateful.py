"""Stateful layers, and what is saved of a layer."""

import keras
import numpy as np
import pytest
from keras import ops

import rnnzoo
from rnnzoo.layers import Recurrent
from tests.cells import tools
from tests.cells.rows import CELL_ROWS, FEATURES, ROWS, UNITS, every
from tests.cells.test_masks import MASK
from tests.cells.tools import BATCH, ROUNDING, error, normal


class Counter(rnnzoo.Cell):
    """Counts from five, so that a reset to zero is seen."""

    def initial_carry(self, batch_size):
        return [ops.full((batch_size, self.units), 5.0, self.carry_dtype)]

    def project(self, inputs, training=False):
        return ops.sum(inputs, axis=-1, keepdims=True)

    def step(self, projected, states):
        (n,) = states
        n = n + projected
        return n, [n]


@every(ROWS)
def test_halves_are_one_sequence(row):
    """Masks of both halves included; a reset starts anew."""
    x = normal(BATCH, 8, FEATURES, seed=2)
    mask = np.ones((BATCH, 8), "bool")
    mask[0, 6:] = mask[1, :3] = mask[2, 3:5] = False
    whole = tools.layer_of(row, return_sequences=True)
    expected = tools.to_numpy(whole(x, mask=mask))
    halves = tools.layer_of(row, return_sequences=True, stateful=True)
    for _ in range(2):
        first = halves(x[:, :4], mask=mask[:, :4])
        second = tools.to_numpy(halves(x[:, 4:], mask=mask[:, 4:]))
        assert error(first, expected[:, :4]) < ROUNDING
        assert (
            error(second[mask[:, 4:]], expected[:, 4:][mask[:, 4:]]) < ROUNDING
        )
        assert error(halves(x[:, :4]), first) > 0.01
        halves.reset_state()


@every(CELL_ROWS)
def test_halves_in_mixed_bfloat16(row):
    """The variables between the halves round no float32 state."""
    x = normal(BATCH, 8, FEATURES, seed=2, dtype="float32")
    mixed = {"dtype": "mixed_bfloat16", "return_state": True}
    whole = tools.layer_of(row, **mixed)
    halves = tools.layer_of(row, stateful=True, **mixed)
    halves(x[:, :4])
    assert error(halves(x[:, 4:]), whole(x)) < (
        row.float32 if row.linear else 0.01
    )


def test_reset_returns_to_an_initial_state_that_is_not_zero():
    layer = Recurrent(Counter(2), stateful=True)
    x = np.ones((BATCH, 4, 1), "float32")
    for expected in (9.0, 13.0):
        assert (tools.to_numpy(layer(x)) == expected).all()
    layer.reset_state()
    assert (tools.to_numpy(layer(x)) == 9.0).all()


def test_stateful_needs_a_batch_size():
    layer = Recurrent("gru", units=2, stateful=True)
    with pytest.raises(ValueError, match="batch"):
        layer(keras.Input((None, FEATURES)))


FLAGS = {
    "return_sequences": True,
    "go_backwards": True,
    "zero_output_for_mask": True,
    "parallel": False,
}


@every(ROWS)
def test_file_round_trip(row, tmp_path):
    """Everything off its default; identical predictions and configuration."""
    options = {"recurrent_dropout": 0.25, "seed": 7, "name": "my_cell"}
    inputs = keras.Input((None, FEATURES), name="inputs")
    mask = keras.Input((None,), dtype="bool", name="mask")
    layer = Recurrent(row.cell(**options), name="my_layer", **FLAGS)
    model = keras.Model([inputs, mask], layer(inputs, mask=mask))
    tools.randomise(model)
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    again = loaded.get_layer("my_layer")
    for name, value in FLAGS.items():
        assert getattr(again, name) == value
    assert again.cell.get_config() == layer.cell.get_config()
    for name, value in {**row.options, **options}.items():
        assert again.cell.get_config()[name] == value
    x = normal(*MASK.shape, FEATURES, seed=3, dtype="float32")
    expected = tools.to_numpy(model([x, MASK]))
    assert (tools.to_numpy(loaded([x, MASK])) == expected).all()
    assert np.abs(expected).max() > 0.01


@every(ROWS)
def test_configuration_round_trip(row):
    """A clone has the options, and weights of its own."""
    options = {"recurrent_dropout": 0.25, "seed": 7, "dtype": "mixed_bfloat16"}
    cell = row.cell(**options)
    clone = rnnzoo.cells.clone(cell)
    config = cell.get_config()
    assert {**clone.get_config(), "name": cell.name} == config
    assert clone is not cell and clone.name != cell.name
    assert not clone.built
    assert config["units"] == row.options.get("units", UNITS)
    assert config["recurrent_dropout"] == 0.25
    again = rnnzoo.cells.deserialize(rnnzoo.cells.serialize(cell))
    assert type(again) is type(cell)
    assert again.get_config() == config
