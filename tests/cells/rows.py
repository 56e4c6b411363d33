"""The conformance table: a cell is one row, or one for each of its forms."""

import dataclasses

import keras
import pytest

from rnnzoo import cells

UNITS, FEATURES = 4, 3


@dataclasses.dataclass(frozen=True)
class Row:
    """One cell in one form, and how far rounding may take it.

    Errors are relative to the largest number of what is compared, or to one
    where that is larger. float64 is held to 1e-9 in every row.

    Args:
        name: key of `rnnzoo.cells.CELLS`.
        options: arguments of the cell beyond `units`.
        float32: bound of outputs and states after 9 steps, any form.
        bfloat16: bound of outputs after 40 steps under mixed_bfloat16.
        stock_jax: whether `keras.layers.RNN` masks it rightly on JAX, where
            it takes the first state for the last output.
    """

    name: str
    options: dict = dataclasses.field(default_factory=dict)
    float32: float = 1e-6
    bfloat16: float = 0.03
    stock_jax: bool = True

    def __str__(self):
        options = (f"{k}={v}" for k, v in self.options.items())
        return "-".join([self.name, *options])

    def cell(self, **arguments):
        return cells.CELLS[self.name](
            **{"units": UNITS, **self.options, **arguments}
        )

    @property
    def linear(self):
        return issubclass(cells.CELLS[self.name], cells.LinearCell)


ROWS = [
    Row("elman", bfloat16=0.06),
    Row("elman", {"activation": "relu"}),
    Row("gru"),
    Row("gru", {"reset_after": False}),
    Row("jordan"),
    Row(
        "jordan",
        {
            "output_units": 3,
            "activation": "sigmoid",
            "output_activation": "linear",
        },
    ),
    Row("lstm"),
    Row("lstm", {"unit_forget_bias": False}),
    Row("min_gru"),
    Row("min_gru", {"candidate": "linear"}),
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
    Row("rwkv4", stock_jax=False),
]

# The first form of each cell, where a form more or less proves nothing.
CELL_ROWS = list({row.name: row for row in reversed(ROWS)}.values())
LINEAR_ROWS = [row for row in ROWS if row.linear]


def every(rows, fast=None):
    """Parametrises a test by `rows`; slow are those not in `fast`.

    JAX compiles every loop anew, so one form of each cell is fast there.
    """
    if fast is None:
        fast = CELL_ROWS if keras.backend.backend() == "jax" else ROWS
    return pytest.mark.parametrize(
        "row",
        [
            pytest.param(
                row,
                id=str(row),
                marks=[] if row in fast else [pytest.mark.slow],
            )
            for row in rows
        ],
    )
