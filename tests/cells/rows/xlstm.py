"""Rows of the cells of xLSTM."""

import numpy as np

from tests.cells.rows.row import Row
from tests.cells.statistics import glorot, normal, uniform, zeros

SCALAR = {"float32": 3e-6, "bfloat16": 0.1, "float32_carry": True}

ROWS = [
    Row(
        "mlstm", {"num_heads": 2}, float32=6e-6, bfloat16=0.15, stock_jax=False
    ),
    Row(
        "mlstm", {"num_heads": 1}, float32=6e-6, bfloat16=0.15, stock_jax=False
    ),
    Row(
        "mlstm",
        {"num_heads": 2, "forget_gate": "exp"},
        float32=6e-6,
        bfloat16=0.15,
        stock_jax=False,
    ),
    Row("slstm", {"num_heads": 2}, **SCALAR),
    Row(
        "slstm",
        {"num_heads": 1, "forget_gate": "exp"},
        **SCALAR,
    ),
]


def gates(values):
    """Input gates near one, forget gates spread over 3 to 6."""
    i, f = np.split(values, 2)
    assert np.allclose(f, np.linspace(3.0, 6.0, len(f)), atol=1e-6)
    normal(0.1)(i)


def glorot_blocks(values):
    """Each head's block from the same interval."""
    for block in values:
        # What Keras takes for the fans of three axes.
        heads, rows, columns = values.shape
        uniform(np.sqrt(6 / (heads * (rows + columns))))(block)


def power_law(values):
    """b_f falls from 5 to -7 along each of two heads; the others are zero."""
    i, f, z, o = np.split(values, 4)
    place = np.linspace(0, 1, len(f) // 2)
    assert np.allclose(f.reshape(2, -1), 5 - 12 * place**0.3, atol=1e-5)
    for others in (i, z, o):
        zeros(others)


INITIAL_VALUES = {
    "mlstm": {
        "kernel": glorot,
        "bias": zeros,
        "gate_kernel": zeros,
        "gate_bias": gates,
    },
    "slstm": {
        "kernel": glorot,
        "recurrent_kernel": glorot_blocks,
        "bias": power_law,
    },
}
