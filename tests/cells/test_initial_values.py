"""What a new cell starts from."""

import keras
import numpy as np
import pytest

from rnnzoo import cells
from tests.cells import tools
from tests.cells.rows import CELL_ROWS, INITIAL_VALUES, ROWS, every

WIDE, NARROW = 96, 48


def initial(cell, features=NARROW):
    cell.build((None, None, features))
    return {w.name: tools.to_numpy(w) for w in cell.weights}


def test_every_cell_has_its_statistics():
    assert set(INITIAL_VALUES) == set(cells.CELLS)


@every(CELL_ROWS, fast=CELL_ROWS)
def test_weights(row):
    """Each weight by its statistics; none is left out."""
    weights = initial(row.cell(units=WIDE))
    expected = INITIAL_VALUES[row.name]
    assert list(weights) == list(expected)
    for name, check in expected.items():
        check(weights[name])


@pytest.mark.parametrize("unit_forget_bias", [True, False])
def test_forget_bias_of_the_lstm(unit_forget_bias):
    cell = cells.LSTM(5, unit_forget_bias=unit_forget_bias)
    expected = np.zeros((4, 5))
    expected[1] = 1.0 if unit_forget_bias else 0.0
    assert (initial(cell)["bias"].reshape(4, 5) == expected).all()


def test_gates_of_the_mlstm():
    weights = initial(cells.MLSTM(2000, num_heads=1000))
    i, f = np.split(weights["gate_bias"], 2)
    assert (weights["gate_kernel"] == 0).all()
    assert np.allclose(f, np.linspace(3.0, 6.0, 1000), atol=1e-6)
    assert abs(i.mean()) < 0.015 and abs(i.std() - 0.1) < 0.01


@every(ROWS)
def test_initial_states(row):
    """Zeros, in the type of the carry; the maximum starts below all."""
    layer = tools.layer_of(row)
    states = [tools.to_numpy(s) for s in layer.get_initial_state(2)]
    assert [s.shape for s in states] == [(2, n) for n in layer.state_size]
    if getattr(layer.cell, "stabilised", False):
        m = states.pop(len(layer.cell.carry_size) - 1)
        assert np.allclose(m, -1e30)
    for state in states:
        assert (state == 0).all()


def test_two_cells_differ_and_a_seed_repeats():
    """Weights follow Keras's global seed."""
    found = []
    for seed in (3, 3, 4):
        keras.utils.set_random_seed(seed)
        found.append(initial(cells.GRU(4))["kernel"])
    assert (found[0] == found[1]).all()
    assert (found[0] != found[2]).all()
