"""The conformance table: a cell is one row, or one for each of its forms."""

import pytest

from tests.cells.rows import (
    classic,
    gru_family,
    linear,
    lstm_family,
    others,
    rwkv,
    xlstm,
)
from tests.cells.rows.row import FEATURES, UNITS, Row

__all__ = [
    "CELL_ROWS",
    "FEATURES",
    "INITIAL_VALUES",
    "KINDS",
    "LINEAR_ROWS",
    "ROWS",
    "Row",
    "UNITS",
    "every",
    "every_form",
]

FAMILIES = (classic, gru_family, linear, lstm_family, others, rwkv, xlstm)

ROWS = [row for family in FAMILIES for row in family.ROWS]

# By cell, then by weight: a function that holds a new weight's values to the
# statistics that the paper, or Keras, starts from.
INITIAL_VALUES = {
    name: weights
    for family in FAMILIES
    for name, weights in family.INITIAL_VALUES.items()
}

# The first form of each cell, where a form more or less proves nothing.
CELL_ROWS = list({row.name: row for row in reversed(ROWS)}.values())
LINEAR_ROWS = [row for row in ROWS if row.linear]

# One of each kind, for the fast tier: a loop, a scan over vectors, one over
# matrices, and the delta rule with a look-back.
KINDS = ("gru", "min_gru", "mlstm", "rwkv7")
KIND_ROWS = [row for row in CELL_ROWS if row.name in KINDS]


def every(rows, fast=KIND_ROWS):
    """Parametrises a test by `rows`; slow are those not in `fast`."""
    return pytest.mark.parametrize(
        "row", [parameter(row, row in fast) for row in rows]
    )


def every_form(rows, fast=KIND_ROWS, steps=("step",)):
    """By `rows` and the forms of each: what has no parallel one is a loop."""
    return pytest.mark.parametrize(
        ("row", "form"),
        [
            parameter(row, row in fast, form)
            for row in rows
            for form in (*steps, *row.loops)
        ],
    )


def parameter(row, fast, *more):
    return pytest.param(
        row,
        *more,
        id="-".join([str(row), *more]),
        marks=[] if fast else [pytest.mark.slow],
    )
