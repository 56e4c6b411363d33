"""One row of the conformance table."""

import dataclasses

from rnnzoo import cells
from rnnzoo.layers.parallel import runs_in_parallel

UNITS, FEATURES = 4, 3


@dataclasses.dataclass(frozen=True)
class Row:
    """One cell in one form, and how far rounding may take it.

    Errors are relative to the largest number of what is compared, or to one
    where that is larger. float64 is held to 1e-9 in every row.

    Args:
        name: key of `rnnzoo.cells.CELLS`.
        options: arguments of the cell; `units` are 4 unless among them.
        float32: bound of outputs and states after 9 steps, any form.
        bfloat16: bound of outputs after 40 steps under mixed_bfloat16.
        difference: bound of gradients against central differences in float64,
            which a norm bends.
        stock_jax: whether `keras.layers.RNN` masks it rightly on JAX, where
            it takes the first state for the last output.
        float32_carry: whether it keeps float32 states although it is not
            linear.
    """

    name: str
    options: dict = dataclasses.field(default_factory=dict)
    float32: float = 1e-6
    bfloat16: float = 0.03
    difference: float = 1e-7
    stock_jax: bool = True
    float32_carry: bool = False

    def __str__(self):
        options = (f"{k}={v}" for k, v in self.options.items())
        return "-".join([self.name, *options])

    def cell(self, **arguments):
        return cells.CELLS[self.name](
            **{"units": UNITS, **self.options, **arguments}
        )

    @property
    def form(self):
        """The options that its equations depend on."""
        return {k: v for k, v in self.options.items() if k != "units"}

    @property
    def loops(self):
        """As `loops` of its cell."""
        return loops(self.cell())

    @property
    def matrix(self):
        return issubclass(cells.CELLS[self.name], cells.MatrixCell)

    @property
    def linear(self):
        return issubclass(cells.CELLS[self.name], cells.LinearCell)


def loops(cell):
    """The forms in which `Recurrent` runs it; others are the loop again."""
    return ("loop", "parallel") if runs_in_parallel(cell) else ("loop",)
