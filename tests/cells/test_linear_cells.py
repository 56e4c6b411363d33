"""What is particular to single cells with a linear state."""

import numpy as np
import pytest
from keras import ops

from rnnzoo import cells
from rnnzoo.layers import Recurrent, parallel
from tests.cells import tools
from tests.cells.rows import ROWS
from tests.cells.tools import FORMS

WIDE = 512


def built(cell, features=48):
    cell.build((None, None, features))
    return {w.name: tools.to_numpy(w) for w in cell.weights}


# === What a new cell starts from, off the defaults ===


def test_forget_bias_of_the_min_lstm():
    bias = built(cells.MinLSTM(5, forget_bias=1.5))["bias"]
    assert (bias.reshape(3, 5) == [[1.5] * 5, [0.0] * 5, [0.0] * 5]).all()


def test_highway_bias_of_the_sru():
    bias = built(cells.SRU(5, highway_bias=-2.0))["bias"]
    assert (bias.reshape(2, 5) == [[0.0] * 5, [-2.0] * 5]).all()


def test_gates_of_the_sru_without_v():
    """W has all of the variance that v would share."""
    weights = built(cells.SRU(WIDE, recurrent_gates=False))
    assert "recurrent_kernel" not in weights
    for block in np.split(weights["kernel"], 3, axis=1):
        assert abs(block.std() * np.sqrt(48) - 1) < 0.02


@pytest.mark.parametrize("highway_bias", [0.0, -2.0])
def test_a_new_sru_keeps_the_scale_of_its_inputs(highway_bias):
    """The reason of alpha: without it these are 0.62 and 0.86."""
    cell = cells.SRU(WIDE, highway_bias=highway_bias)
    layer = Recurrent(cell, return_sequences=True)
    x = tools.normal(4, 20, WIDE, seed=1, dtype="float32")
    spread = tools.to_numpy(layer(x)).std()
    assert 0.93 < spread < 1.05


def test_blocks_of_the_rg_lru():
    """Variance 1 / width of a block, not of the state."""
    kernel = built(cells.RGLRU(WIDE, num_heads=16))["kernel"]
    assert kernel.shape == (16, 32, 64)
    assert abs(kernel.std() * np.sqrt(32) - 1) < 0.02


# === Gates at their ends ===


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("gate", [-300.0, 300.0])
def test_a_saturated_rg_lru(gate, form):
    """r_t = 0: a_t = 1, and a square root of nothing, with a gradient."""
    cell = cells.RGLRU(3)
    layer = Recurrent(cell, return_sequences=True, return_state=True)
    layer.build((None, None, 3))
    cell.bias.assign([gate] * 3 + [0.0] * 3)
    x = tools.normal(2, 30, 3, seed=1, dtype="float32")
    states = [np.ones((2, 3), "float32")]

    def function(x):
        return tools.weighted(None, tools.run(layer, x, states, form)[0])

    for found in tools.gradients(function, layer.weights, [x])[1]:
        assert np.isfinite(found).all()
    outputs = tools.to_numpy(tools.run(layer, x, states, form)[0])
    row = next(row for row in ROWS if row.name == "rg_lru")
    weights = tools.named_weights(cell)
    with np.errstate(over="ignore"):
        expected, _ = tools.reference(row, weights, x, states)
    assert tools.error(outputs, expected) < 1e-5
    assert (np.abs(outputs - 1).max() < 1e-6) == (gate < 0)


@pytest.mark.parametrize("gate", [-300.0, 300.0])
def test_a_saturated_min_lstm(gate):
    """Both gates at one end: half of each, where 0 / 0 would be nothing."""
    cell = cells.MinLSTM(2, candidate="linear")
    layer = Recurrent(cell, return_state=True)
    layer.build((None, None, 3))
    cell.kernel.assign(np.zeros((3, 6)))
    cell.bias.assign([gate] * 4 + [2.0] * 2)
    y, _ = layer(np.zeros((1, 1, 3)), initial_state=[np.ones((1, 2))])
    assert np.allclose(tools.to_numpy(y), 1.5)


def test_a_lower_bound_keeps_its_share():
    """Of the length of the complex state, which rotates by theta."""
    cell = cells.HGRN(4, lower_bound=0.75)
    built(cell, 3)
    cell.bias.assign([-300.0] * 20)
    projected = cell.project(ops.zeros((1, 3)))
    _, (re, im) = cell.step(projected, [ops.ones((1, 4)), ops.zeros((1, 4))])
    theta = tools.to_numpy(cell.theta)
    assert np.allclose(tools.to_numpy(re), 0.75 * np.cos(theta), atol=1e-6)
    assert np.allclose(tools.to_numpy(im), 0.75 * np.sin(theta), atol=1e-6)


# === Forms ===


def test_an_sru_runs_in_parallel_where_its_gates_leave_the_state_alone():
    assert not parallel.runs_in_parallel(cells.SRU(4))
    assert parallel.runs_in_parallel(cells.SRU(4, recurrent_gates=False))


def test_the_input_reaches_a_convolution_for_kernel_size_steps():
    """With gates that forget all at once: what is seen is the window."""
    cell = cells.QRNN(2, kernel_size=3, pooling="f")
    layer = Recurrent(cell, return_sequences=True)
    layer.build((None, None, 1))
    kernel = np.zeros((3, 4))
    kernel[:, :2] = [[0.1, 0.1], [0.2, 0.2], [0.3, 0.3]]
    cell.kernel.assign(kernel)
    cell.bias.assign([0.0, 0.0, -300.0, -300.0])
    x = np.zeros((1, 6, 1))
    x[0, 1] = 1.0
    found = tools.to_numpy(layer(x))[0, :, 0]
    assert np.allclose(found, np.tanh([0, 0.3, 0.2, 0.1, 0, 0]), atol=1e-6)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: cells.MinLSTM(4, candidate="plus"), "'positive', 'linear'"),
        (lambda: cells.MinLSTM(4, forget_bias="big"), "forget_bias='big'"),
        (lambda: cells.QRNN(4, pooling="of"), "'f', 'fo', 'ifo'"),
        (lambda: cells.QRNN(4, kernel_size=0), "kernel_size=0"),
        (lambda: cells.SRU(4, highway_bias=None), "highway_bias=None"),
        (lambda: cells.RGLRU(6, num_heads=4), "multiple of `num_heads`.*=6"),
        (lambda: cells.RGLRU(6, num_heads=0), "num_heads=0"),
        (lambda: cells.HGRN(4, lower_bound=1.0), r"\[0, 1\).*bound=1.0"),
    ],
)
def test_cells_check_their_options(make, message):
    with pytest.raises(ValueError, match=message):
        make()
