"""What a new cell starts from."""

import keras
import numpy as np
import pytest

from rnnzoo import cells
from tests.cells import tools
from tests.cells.rows import ROWS, every

WIDE, NARROW = 96, 48


def initial(cell, features=NARROW):
    cell.build((None, None, features))
    return {w.name: tools.to_numpy(w) for w in cell.weights}


@every([row for row in ROWS if row.name != "rwkv4"], fast=ROWS)
def test_kernels_and_biases(row):
    weights = initial(row.cell(units=WIDE))
    for name, values in weights.items():
        if name in ("kernel", "output_kernel"):
            limit = np.sqrt(6 / sum(values.shape))
            assert 0.95 * limit < np.abs(values).max() <= limit
            assert abs(values.std() / (limit / np.sqrt(3)) - 1) < 0.05
            assert abs(values.mean()) < 0.05 * limit
        elif name in ("bias", "output_bias") and row.name != "lstm":
            assert (values == 0).all()


@every([row for row in ROWS if row.name in ("elman", "lstm", "gru")])
def test_recurrent_kernels_are_orthogonal(row):
    U = initial(row.cell(units=WIDE))["recurrent_kernel"]
    assert np.abs(U @ U.T - np.eye(WIDE)).max() < 1e-5


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


def test_decays_and_mixes_of_rwkv4():
    """The appendix's values for the first of all layers.

    decay_n = -5 + 8 (n / (N - 1))^0.7, first_n = log 0.3 + ((n + 1) mod 3 - 1)
    / 2, and mixes that grow from zero along the channels.
    """
    weights = initial(cells.RWKV4(WIDE))
    decay, first = weights["time_decay"], weights["time_first"]
    assert decay[0] == -5.0 and np.isclose(decay[-1], 3.0)
    assert np.isclose(decay[19], -5 + 8 * 0.2**0.7)
    pattern = np.log(0.3) + np.array([0.0, 0.5, -0.5])
    assert np.allclose(first, np.tile(pattern, WIDE // 3), atol=1e-6)
    place = np.linspace(0, 1, NARROW, endpoint=False)
    assert np.allclose(weights["key_mix"], place)
    assert np.allclose(weights["value_mix"], place)
    assert np.allclose(weights["receptance_mix"], place**0.5)


@every(ROWS)
def test_initial_states(row):
    """Zeros, in the type of the carry; the maximum starts below all."""
    layer = tools.layer_of(row)
    states = [tools.to_numpy(s) for s in layer.get_initial_state(2)]
    assert [s.shape for s in states] == [(2, n) for n in layer.state_size]
    if layer.cell.float32_carry and layer.cell.stabilised:
        assert np.allclose(states.pop(2), -1e30)
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
