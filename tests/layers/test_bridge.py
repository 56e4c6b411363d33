import numpy as np
import pytest
from keras import ops

from rnnzoo.layers import Bridge, Stack
from tests.architectures import rows
from tests.architectures.own_cell import OwnCell


def made(cell, num_layers=2, **options):
    """`(stack, bridge)` with biases that are not zero."""
    stack = Stack(cell, None if not isinstance(cell, str) else 8, num_layers)
    stack.build((None, None, 3))
    bridge = Bridge(stack, **options)
    bridge.build((None, 5))
    rng = np.random.default_rng(0)
    bridge.set_weights([rng.normal(size=w.shape) for w in bridge.get_weights()])
    return stack, bridge


@pytest.mark.parametrize("cell", rows.EVERY_NAME)
def test_only_states_that_mean_something_are_set(cell):
    stack, bridge = made(cell)
    initial = stack.get_initial_state(2)
    summary = np.random.default_rng(1).normal(size=(2, 5)).astype("float32")
    states = bridge(summary, initial)
    assert len(states) == len(initial) == len(stack.state_size)
    projections = iter(bridge.projections)
    for index, (state, before) in enumerate(zip(states, initial, strict=True)):
        assert state.shape == before.shape
        assert state.dtype == before.dtype
        if index in stack.conditionable_states:
            kernel, bias = (w.numpy() for w in next(projections).weights)
            expected = np.tanh(summary @ kernel + bias)
            np.testing.assert_allclose(state, expected, rtol=0, atol=1e-6)
        else:
            np.testing.assert_array_equal(state, before)
    assert next(projections, None) is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("gru", (0, 1)),
        ("lstm", (0, 1, 2, 3)),
        ("mlstm", ()),
        ("rwkv4", ()),
        (OwnCell(8), (0, 1)),
    ],
)
def test_which_states_those_are(cell, expected):
    stack, bridge = made(cell)
    assert stack.conditionable_states == expected
    assert bridge.indices == list(expected)


def test_states_keep_their_types():
    """A float32 carry stays one, whatever the bridge computes in."""
    stack = Stack("min_gru", 8, dtype="mixed_bfloat16")
    stack.build((None, None, 3))
    bridge = Bridge(stack, dtype="mixed_bfloat16")
    bridge.build((None, 5))
    (state,) = bridge(ops.ones((2, 5), "bfloat16"), stack.get_initial_state(2))
    assert state.dtype == "float32"
