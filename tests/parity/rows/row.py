"""How the weights and states of each package become ours.

A row's `weights` takes the package's, by its names, and returns ours, by
ours. Packages multiply from the left and keep two biases; here kernels are
transposed and biases added. Nothing here is imported but NumPy.
"""

import dataclasses
from collections.abc import Callable

import numpy as np


@dataclasses.dataclass(frozen=True)
class Row:
    """One fixture and the cell that is held to it.

    Args:
        fixture: name of the file under `fixtures/`, without its ending.
        weights: function, see above.
        cell: key of `rnnzoo.cells.CELLS`; the name of the fixture if None.
        options: arguments of the cell beyond `units`.
        states: function from the package's list of states to ours.
        units: int or None. The last axis of the outputs if None.
        bound: float. Largest difference of outputs and of final states,
            relative to the largest of them or to one; the default is for
            fixtures in float64.
    """

    fixture: str
    weights: Callable
    cell: str | None = None
    options: dict = dataclasses.field(default_factory=dict)
    states: Callable = list
    units: int | None = None
    bound: float = 1e-9

    @property
    def name(self):
        return self.cell or self.fixture


@dataclasses.dataclass(frozen=True)
class Disagreement(Row):
    """A fixture of a package that differs from the paper.

    Args:
        reason: str. What the package does instead.
        least: float. By how much its outputs differ from the cell's at least.
    """

    reason: str = ""
    least: float = 0.01


def blocks(weight, *order, count=None):
    """Blocks of the rows of `weight` `(count * n, ...)` in another order."""
    parts = np.split(weight, count or len(order))
    return np.concatenate([parts[n] for n in order])


def kernels(w, *order, count=None, names=("weight_ih", "weight_hh")):
    """`kernel` and `recurrent_kernel`, blocks put in order."""
    return {
        ours: blocks(w[name], *order, count=count).T
        for ours, name in zip(
            ("kernel", "recurrent_kernel"), names, strict=True
        )
    }


def total_bias(w, *order, count=None, names=("bias_ih", "bias_hh")):
    """`bias`: the sum of the package's two, blocks put in order."""
    return {"bias": blocks(sum(w[n] for n in names), *order, count=count)}


def plain(w, *order, count=None, suffix=""):
    """Kernels and bias of the cells that add all of their products."""
    order = order or (0,)
    names = [f"{name}{suffix}" for name in ("weight_ih", "weight_hh")]
    biases = [f"{name}{suffix}" for name in ("bias_ih", "bias_hh")]
    return {
        **kernels(w, *order, count=count, names=names),
        **total_bias(w, *order, count=count, names=biases),
    }


def flat(states):
    """States of any shape as vectors."""
    return [state.reshape(len(state), -1) for state in states]
