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

# One of each kind, for the fast tier: a loop, a scan over vectors, a scan
# over matrices, a scan with a look-back, and the delta rule.
KINDS = ("gru", "min_gru", "mlstm", "rwkv4", "rwkv7")
KIND_ROWS = [row for row in CELL_ROWS if row.name in KINDS]


def every(rows, fast=KIND_ROWS):
    """Parametrises a test by `rows`; slow are those not in `fast`."""
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
