"""Every cell, in every form, against its equations in NumPy."""

import pytest

from rnnzoo.cells import CELLS
from tests import references
from tests.cells import tools
from tests.cells.rows import FEATURES, ROWS, every_form
from tests.cells.tools import BATCH, EXACT, error, normal

STEPS = 9


def test_every_cell_has_a_reference():
    assert set(references.REFERENCES) == set(CELLS)


def deviation(row, form, dtype):
    """From zero, and from what a random prefix reaches."""
    layer = tools.sequence_layer(row, dtype=dtype)
    weights = tools.named_weights(layer.cell)
    prefix = normal(BATCH, 4, FEATURES, seed=1, dtype=dtype)
    x = normal(BATCH, STEPS, FEATURES, seed=2, dtype=dtype)
    states, deviations = tools.start(layer), []
    for inputs in (prefix, x):
        expected = tools.reference(row, weights, inputs, states)
        given = [s.astype(dtype) for s in states]
        deviations.append(
            error(tools.run(layer, inputs, given, form), expected)
        )
        states = expected[1]
    return max(deviations)


@pytest.mark.parametrize("dtype", sorted({EXACT, "float32"}))
@every_form(ROWS)
def test_one_sequence(row, dtype, form):
    bound = row.float32 if dtype == "float32" else 1e-9
    assert deviation(row, form, dtype) < bound


@pytest.mark.parametrize(
    "row, oracle",
    [
        (row, oracle)
        for row in ROWS
        for oracle in references.SECOND_ORACLES.get(row.name, [])
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_second_oracle(row, oracle):
    """Forms of the paper that share no stabiliser with the cell."""
    layer = tools.layer_of(row, return_sequences=True)
    x = normal(BATCH, STEPS, FEATURES, seed=3)
    expected = oracle(tools.named_weights(layer.cell), x, **row.form)
    # Without a stabiliser, weights of the same step round otherwise.
    bound = 4 * row.float32 if EXACT == "float32" else 1e-9
    assert error(layer(x), expected) < bound
