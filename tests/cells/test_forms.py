"""One step, loop and parallel form: the same gradients, the right ones."""

import numpy as np
import pytest
from keras import ops

from rnnzoo.cells import MLSTM, RWKV4, SLSTM
from tests.cells import tools
from tests.cells.rows import FEATURES, LINEAR_ROWS, ROWS, every
from tests.cells.tools import (
    BATCH,
    EXACT,
    ROUNDING,
    error,
)

STEPS = 5


def form_gradients(row, form, x, states, of_states=True):
    """Gradients by weight, then of x, then of each initial state.

    `of_states` tells whether the last states are differentiated too.
    """
    layer = tools.sequence_layer(row)

    def function(x, *states):
        outputs, last = tools.run(layer, x, list(states), form)
        return tools.weighted(layer.cell, outputs, last if of_states else ())

    _, found = tools.gradients(
        function, layer.trainable_variables, [x, *states]
    )
    return found


def reached(row):
    """Initial states that a random prefix leads to."""
    layer = tools.sequence_layer(row)
    prefix = tools.normal(BATCH, 4, FEATURES, seed=1)
    return [tools.to_numpy(s) for s in tools.run(layer, prefix)[1]]


@every(ROWS)
def test_gradients_are_the_equations(row):
    """Also those of the stabiliser, which forms pass on and never create."""
    x, states = tools.normal(BATCH, STEPS, FEATURES, seed=2), reached(row)
    found = {
        form: form_gradients(row, form, x, states)
        for form in ("step", *row.loops)
    }
    for form in found.keys() - {"loop"}:
        assert error(found[form], found["loop"]) < ROUNDING
    for gradient in found["loop"]:
        assert np.linalg.norm(gradient) > 1e-6
    slopes, expected = tools.differences(row, x, states, found["loop"])
    assert error(slopes, expected) < tools.difference_bound(row)


@every(ROWS)
def test_gradients_from_the_initial_state(row):
    x = tools.normal(BATCH, STEPS, FEATURES, seed=3)
    layer = tools.layer_of(row)
    states = [tools.to_numpy(s) for s in layer.get_initial_state(BATCH)]
    expected, *others = (
        form_gradients(row, form, x, states) for form in ("step", *row.loops)
    )
    for found in others:
        assert error(found, expected) < ROUNDING


@every(LINEAR_ROWS)
@pytest.mark.parametrize("timesteps", [1, 70])
def test_parallel_over_chunks(row, timesteps):
    """One step, and more than one chunk of any kernel."""
    x, states = tools.normal(2, timesteps, FEATURES, seed=4), reached(row)
    states = [s[:2] for s in states]
    found = {}
    for form in ("loop", "parallel"):
        outputs = tools.run(tools.sequence_layer(row), x, states, form)
        # Without a limit, the memory of exponential gates overflows by now.
        slopes = form_gradients(row, form, x, states, of_states=False)
        found[form] = [outputs, slopes]
    # Rounding adds up over steps.
    bound = ROUNDING if timesteps == 1 else 20 * ROUNDING
    assert error(found["parallel"], found["loop"]) < bound


@every(ROWS)
def test_gradients_through_a_state(row):
    """A sequence in two calls, the second from the states of the first."""
    x = tools.normal(BATCH, 6, FEATURES, seed=5)
    layer = tools.sequence_layer(row)

    def whole(x):
        outputs, states = tools.run(layer, x)
        return tools.weighted(layer.cell, outputs, states)

    def halves(x):
        first, states = tools.run(layer, x[:, :2])
        second, states = tools.run(layer, x[:, 2:], states)
        outputs = ops.concatenate([first, second], axis=1)
        return tools.weighted(layer.cell, outputs, states)

    expected, found = (
        tools.gradients(function, layer.trainable_variables, [x])
        for function in (whole, halves)
    )
    assert error(found, expected) < ROUNDING


@pytest.mark.parametrize("cell", [MLSTM, RWKV4, SLSTM])
def test_the_output_does_not_depend_on_the_stabiliser(cell):
    """Which is why it may go without a gradient."""
    row = next(row for row in ROWS if row.cell().__class__ is cell)
    layer = tools.sequence_layer(row)
    states, size = reached(row), len(layer.cell.carry_size)
    plain = cell is SLSTM  # its h is not divided by exp(m)
    *linear, m = states[plain:size]
    shift = tools.normal(*m.shape, seed=7)
    scaled = [
        (s.reshape(*m.shape, -1) * np.exp(-shift)[..., None]).reshape(s.shape)
        for s in linear
    ]
    x = tools.normal(BATCH, STEPS, FEATURES, seed=6)
    expected = tools.run(layer, x, states)[0]
    others = [*states[:plain], *scaled, m + shift, *states[size:]]
    found = tools.run(layer, x, others)[0]
    assert error(found, expected) < ROUNDING
    assert found.dtype == expected.dtype == EXACT
