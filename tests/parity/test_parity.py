"""Every cell that a public package has, against the numbers of that package.

The fixtures are made by scripts of this folder: see its README.
"""

import numpy as np
import pytest
from keras import ops

from rnnzoo.cells import CELLS
from rnnzoo.layers import Recurrent
from tests.parity import fixture
from tests.parity.rows import DISAGREEMENTS, ROWS, WITHOUT_PACKAGE


def run(row):
    """`(stored, outputs, states)`: what the package did, and what we do."""
    stored = fixture.load(row.fixture)
    units = row.units or stored.y.shape[-1]
    dtype = stored.x.dtype.name
    cell = CELLS[row.name](units, **row.options, dtype=dtype)
    layer = Recurrent(cell, return_sequences=True, return_state=True)
    layer.build(stored.x.shape)
    assign(cell, row.weights(stored.weights))
    initial = layer.get_initial_state(len(stored.x))
    if stored.initial:
        given = row.states(stored.initial)
        initial = [
            zero if state is None else state
            for zero, state in zip(initial, given, strict=True)
        ]
    y, *states = layer(stored.x, initial_state=initial)
    return stored, y, states


def assign(cell, weights):
    """Gives every weight of `cell` the value of its name."""
    own = {weight.name: weight for weight in cell.weights}
    random = {name for name in own if "seed" in name}
    assert set(weights) == set(own) - random
    for name, values in weights.items():
        assert values.shape == tuple(own[name].shape), name
        own[name].assign(values)


def difference(ours, theirs):
    """The largest, relative to the largest number or to one."""
    ours = ops.convert_to_numpy(ours)
    assert ours.shape == theirs.shape
    assert np.isfinite(ours).all()
    return np.max(np.abs(ours - theirs)) / max(1.0, np.max(np.abs(theirs)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fixture)
def test_numbers_of_the_package(row):
    stored, y, states = run(row)
    assert difference(y, stored.y) < row.bound
    if stored.final:
        final = row.states(stored.final)
        for ours, theirs in zip(states, final, strict=True):
            if theirs is None:
                continue
            assert difference(ours, theirs) < row.bound


@pytest.mark.parametrize("row", DISAGREEMENTS, ids=lambda row: row.fixture)
def test_packages_that_differ_from_the_paper(row):
    """They still do: or the row belongs to the other table."""
    stored, y, _ = run(row)
    assert difference(y, stored.y) > row.least


def test_every_fixture_has_a_row():
    rows = [row.fixture for row in (*ROWS, *DISAGREEMENTS)]
    assert sorted(rows) == fixture.names()


def test_every_cell_has_a_row():
    """Or a reason in `WITHOUT_PACKAGE` not to have one."""
    covered = {row.name for row in ROWS}
    assert covered | set(WITHOUT_PACKAGE) == set(CELLS)
    assert not covered & set(WITHOUT_PACKAGE)
