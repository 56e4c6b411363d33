"""Masked steps are as if deleted, wherever they are."""

import numpy as np

from tests.cells import tools
from tests.cells.rows import CELL_ROWS, FEATURES, ROWS, every
from tests.cells.tools import EXACT, ROUNDING, error

# Full, padded right, padded left, with holes, without any step.
MASK = np.array(
    [
        [1, 1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0, 0],
        [0, 0, 1, 1, 1, 1],
        [0, 1, 0, 1, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ],
    "bool",
)
BATCH, STEPS = MASK.shape


def inputs(row):
    """x, and states that a random prefix reaches."""
    prefix = tools.normal(BATCH, 3, FEATURES, seed=1)
    _, states = tools.run(tools.sequence_layer(row), prefix)
    x = tools.normal(BATCH, STEPS, FEATURES, seed=2)
    return x, [tools.to_numpy(s) for s in states]


@every(ROWS)
def test_masked_steps_are_as_if_deleted(row):
    """From zero and from other states, outputs and states."""
    x, reached = inputs(row)
    layer = tools.sequence_layer(row)
    weights = tools.named_weights(layer.cell)
    for states in (tools.start(layer, BATCH), reached):
        expected = tools.reference(row, weights, x, states, MASK)
        given = [s.astype(EXACT) for s in states]
        for form in row.loops:
            found = tools.run(layer, x, given, form, mask=MASK)
            assert error(found, expected) < ROUNDING


@every(CELL_ROWS)
def test_last_output_and_zeros_for_masked(row):
    x, _ = inputs(row)
    weights = tools.named_weights(tools.layer_of(row).cell)
    start = tools.start(tools.layer_of(row), BATCH)
    expected, _ = tools.reference(row, weights, x, start, MASK)
    for form in row.loops:
        parallel = form == "parallel"
        layer = tools.layer_of(row, parallel=parallel)
        assert error(layer(x, mask=MASK), expected[:, -1]) < ROUNDING
        zeros = {"zero_output_for_mask": True, "parallel": parallel}
        layer = tools.layer_of(row, **zeros)
        found = layer(x, mask=MASK)
        assert error(found, expected[:, -1] * MASK[:, -1:]) < ROUNDING
        layer = tools.layer_of(row, return_sequences=True, **zeros)
        found = layer(x, mask=MASK)
        assert error(found, expected * MASK[..., None]) < ROUNDING


@every(ROWS)
def test_backwards_under_a_mask(row):
    """Reads from the end; outputs stay in the order they were made in."""
    x, _ = inputs(row)
    layer = tools.sequence_layer(row, go_backwards=True)
    weights = tools.named_weights(layer.cell)
    start = tools.start(layer, BATCH)
    expected = tools.reference(row, weights, x[:, ::-1], start, MASK[:, ::-1])
    assert error(tools.run(layer, x, mask=MASK), expected) < ROUNDING


@every(ROWS)
def test_what_is_masked_changes_nothing(row):
    """Neither its values nor more of it, to the last bit of the outputs."""
    x, _ = inputs(row)
    other = np.where(MASK[..., None], x, 100 * np.cos(x)).astype(EXACT)
    layer = tools.sequence_layer(row)
    outputs, states = tools.run(layer, x, mask=MASK)
    again, last = tools.run(layer, other, mask=MASK)
    assert error(again, outputs) == 0
    assert error(last, states) == 0
    padding = tools.normal(BATCH, 4, FEATURES, seed=3)
    longer = np.concatenate([x, padding], axis=1)
    mask = np.pad(MASK, [[0, 0], [0, 4]])
    again, last = tools.run(layer, longer, mask=mask)
    # The chunks of a parallel form are cut differently.
    assert error(again[:, :STEPS], outputs) < ROUNDING
    assert error(last, states) < ROUNDING


@every(ROWS)
def test_gradients_under_a_mask(row):
    """Those of the equations without the masked steps, and none for these."""
    x, states = inputs(row)
    found = {}
    for form in row.loops:
        layer = tools.sequence_layer(row)

        def function(x, *states, layer=layer, form=form):
            results = tools.run(layer, x, list(states), form, mask=MASK)
            return tools.weighted(layer.cell, *results)

        variables = layer.trainable_variables
        _, found[form] = tools.gradients(function, variables, [x, *states])
        assert (found[form][len(variables)][~MASK] == 0).all()
        assert error(found[form], found["loop"]) < ROUNDING
    slopes, expected = tools.differences(
        row, x, states, found["loop"], mask=MASK
    )
    assert error(slopes, expected) < tools.difference_bound(row)
