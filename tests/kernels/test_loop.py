"""The loop against an obvious one, with lengths and trees of tensors."""

import numpy as np
import pytest
from keras import ops

from rnnzoo import kernels
from tests.cells.tools import ON_JAX, ROUNDING, error, gradients, normal
from tests.kernels import naive

BATCH, UNITS = 4, 3
WAYS = {"loop": {}, "unroll": {"unroll": True}}


def step(x, states):
    (h,) = states
    h = ops.tanh(x + 0.9 * h)
    return 2.0 * h, [h]


def numpy_step(x, h):
    h = np.tanh(x + 0.9 * h)
    return 2.0 * h, h


def arrays(timesteps):
    x = normal(BATCH, timesteps, UNITS, seed=1)
    return x, normal(BATCH, UNITS, seed=2)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("timesteps", [1, 2, 7])
@pytest.mark.parametrize("lengths", ["all", "some"])
def test_values(way, timesteps, lengths):
    """Sequences without a step give the stand-in output."""
    x, h = arrays(timesteps)
    counts = [timesteps] * BATCH if lengths == "all" else [timesteps, 1, 0, 2]
    expected = naive.loop(numpy_step, x, h, counts)
    given = None if lengths == "all" else ops.convert_to_tensor(counts, "int32")
    inputs, states = ops.convert_to_tensor(x), [ops.convert_to_tensor(h)]
    outputs, last, (state,) = kernels.loop(
        step, inputs, states, ops.zeros_like(states[0]), given, **WAYS[way]
    )
    assert error((outputs, last, state), expected) < ROUNDING
    outputs, last, (state,) = kernels.loop(
        step,
        inputs,
        states,
        ops.zeros_like(states[0]),
        given,
        keep_outputs=False,
        **WAYS[way],
    )
    assert outputs is None
    assert error((last, state), expected[1:]) < ROUNDING


@pytest.mark.parametrize("way", WAYS)
def test_gradients(way):
    """Against those of the steps written out, lengths included."""
    lengths = np.array([5, 1, 0, 3], "int32")

    def weigh(outputs, last, state):
        values = [outputs, last, state]
        return sum(
            ops.sum(v * normal(*v.shape, seed=9 + n))
            for n, v in enumerate(values)
        )

    def function(x, h):
        limits = ops.convert_to_tensor(lengths)
        outputs, last, (state,) = kernels.loop(
            step, x, [h], ops.zeros_like(h), limits, **WAYS[way]
        )
        return weigh(outputs, last, state)

    def plain(x, h):
        last, outputs = ops.zeros_like(h), []
        for t in range(5):
            valid = ops.convert_to_tensor(t < lengths)[:, None]
            output, (new,) = step(x[:, t], [h])
            last = ops.where(valid, output, last)
            h = ops.where(valid, new, h)
            outputs.append(last)
        return weigh(ops.stack(outputs, axis=1), last, h)

    found, expected = (gradients(f, [], arrays(5)) for f in (function, plain))
    assert error(found, expected) < ROUNDING


@pytest.mark.parametrize("way", WAYS)
def test_trees(way):
    """Inputs, states and outputs that are more than one tensor each."""
    x, h = arrays(4)
    x, h = ops.convert_to_tensor(x), ops.convert_to_tensor(h)

    def two(inputs, states):
        a, (b, c) = inputs["a"], inputs["rest"]
        first, second = states
        first, second = first + a * b, second - c[:, :1]
        return {"sum": first + second, "one": second}, [first, second]

    inputs = {"a": x, "rest": (2.0 * x, 3.0 * x)}
    output = {"sum": ops.zeros_like(h), "one": ops.zeros_like(h[:, :1])}
    outputs, last, states = kernels.loop(
        two, inputs, [h, h[:, :1]], output, **WAYS[way]
    )
    first = h[:, None] + ops.cumsum(2.0 * x * x, axis=1)
    second = h[:, None, :1] - ops.cumsum(3.0 * x[..., :1], axis=1)
    assert error(outputs["sum"], first + second) < ROUNDING
    assert error(outputs["one"], second) < ROUNDING
    assert error(last["one"], second[:, -1]) < ROUNDING
    assert error(states, [first[:, -1], second[:, -1]]) < ROUNDING


def test_the_step_is_traced_rather_than_run_at_every_step():
    """On JAX, and under a function of TensorFlow's."""
    calls = []

    def counted(x, states):
        calls.append(1)
        return step(x, states)

    def function(x, h):
        outputs, _, _ = kernels.loop(counted, x, [h], ops.zeros_like(h))
        return ops.sum(outputs)

    gradients(function, [], arrays(30), compiled=not ON_JAX)
    assert 1 <= len(calls) < 5
