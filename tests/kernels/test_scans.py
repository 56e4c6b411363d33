"""The parallel kernels against obvious loops, lengths around every seam."""

import sys

import numpy as np
import pytest
from keras import ops

from rnnzoo import kernels
from tests.cells.tools import EXACT, ON_JAX, ROUNDING, error, gradients, normal
from tests.kernels import naive

# One step; around 16 = 4 x 4 and 64 = 8 x 8, where chunks leave no remainder;
# 64 is also the chunk of a matrix scan; and lengths between.
LENGTHS = [1, 2, 3, 15, 16, 17, 63, 64, 65, 100]
# JAX compiles every operation anew for every length.
if ON_JAX:
    LENGTHS = [1, 16, 17, 65]
BATCH, UNITS, HEADS, KEYS, VALUES = 2, 3, 2, 3, 4


def vector(timesteps, seed=0):
    """decay in (0, 1), update, initial."""
    decay = 1 / (1 + np.exp(-2 * normal(BATCH, timesteps, UNITS, seed=seed)))
    update = normal(BATCH, timesteps, UNITS, seed=seed + 1)
    return decay, update, normal(BATCH, UNITS, seed=seed + 2)


def turning(timesteps, seed=0, constant=False):
    """Complex: decay inside of the unit circle, update, initial."""
    steps = (1, 1) if constant else (BATCH, timesteps)
    size = 1 / (1 + np.exp(-2 * normal(*steps, UNITS, seed=seed)))
    angle = 3 * normal(*steps, UNITS, seed=seed + 3)
    decay = np.stack([size * np.cos(angle), size * np.sin(angle)], axis=-2)
    update = normal(BATCH, timesteps, 2, UNITS, seed=seed + 1)
    return decay, update, normal(BATCH, 2, UNITS, seed=seed + 2)


def matrix(timesteps, seed=0, decays=1):
    """query, log_decay, key, value, initial."""
    inner = (BATCH, timesteps, HEADS)
    return (
        normal(*inner, KEYS, seed=seed),
        -np.abs(normal(*inner, decays, seed=seed + 1)),
        normal(*inner, KEYS, seed=seed + 2),
        normal(*inner, VALUES, seed=seed + 3),
        normal(BATCH, HEADS, KEYS, VALUES, seed=seed + 4),
    )


def delta(timesteps, seed=0):
    """query, log_decay, erase, replace, key, value, initial."""
    query, log_decay, key, value, initial = matrix(timesteps, seed, KEYS)
    erase = normal(*key.shape, seed=seed + 5)
    erase = erase / np.linalg.norm(erase, axis=-1, keepdims=True)
    rate = 1 / (1 + np.exp(-normal(*key.shape, seed=seed + 6)))
    log_decay = np.maximum(log_decay, -1.0)
    return query, log_decay, erase, rate * erase, key, value, initial


def tensors(arrays):
    return [ops.convert_to_tensor(a) for a in arrays]


@pytest.mark.parametrize("timesteps", LENGTHS)
def test_linear_scan(timesteps):
    arrays = vector(timesteps)
    found = kernels.linear_scan(*tensors(arrays))
    assert error(found, naive.linear_scan(*arrays)) < ROUNDING
    decay, update, initial = arrays
    arrays = decay[:1, :1], update, initial
    found = kernels.linear_scan(*tensors(arrays))
    repeated = np.broadcast_to(arrays[0], update.shape)
    assert error(found, naive.linear_scan(repeated, *arrays[1:])) < ROUNDING


@pytest.mark.parametrize("timesteps", LENGTHS)
def test_running_maximum(timesteps):
    decay, candidate, initial = vector(timesteps)
    arrays = (np.log(decay), candidate, initial)
    found = kernels.running_maximum(*tensors(arrays))
    assert error(found, naive.running_maximum(*arrays)) < ROUNDING


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("timesteps", LENGTHS)
def test_complex_scan(timesteps, constant):
    arrays = turning(timesteps, constant=constant)
    found = kernels.linear_scan(*tensors(arrays), is_complex=True)
    assert error(found, naive.complex_scan(*arrays)) < ROUNDING


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("decays", [1, KEYS])
@pytest.mark.parametrize("timesteps", LENGTHS)
def test_matrix_scan(timesteps, decays, before):
    arrays = matrix(timesteps, decays=decays)
    found = kernels.matrix_scan(*tensors(arrays), before)
    assert error(found, naive.matrix_scan(*arrays, before)) < ROUNDING


@pytest.mark.parametrize("timesteps", LENGTHS)
def test_delta_scan(timesteps):
    arrays = delta(timesteps)
    found = kernels.delta_scan(*tensors(arrays))
    assert error(found, naive.delta_scan(*arrays)) < ROUNDING


def weigh(values):
    """A scalar that every number enters differently."""
    return sum(
        ops.sum(v * normal(*v.shape, seed=40 + n)) for n, v in enumerate(values)
    )


def plain_linear(decay, update, initial):
    h, steps = initial, []
    for t in range(update.shape[1]):
        h = decay[:, t] * h + update[:, t]
        steps.append(h)
    return ops.stack(steps, axis=1)


def plain_complex(decay, update, initial):
    """Each number as the matrix of its multiplication."""

    def times(a, b):
        a_re, a_im = a[..., 0, :], a[..., 1, :]
        rows = [[a_re, -a_im], [a_im, a_re]]
        return sum(
            ops.stack([rows[0][n], rows[1][n]], -2) * b[..., n : n + 1, :]
            for n in range(2)
        )

    h, steps = initial, []
    for t in range(update.shape[1]):
        h = times(decay[:, min(t, decay.shape[1] - 1)], h) + update[:, t]
        steps.append(h)
    return ops.stack(steps, axis=1)


def outer(a, b):
    return a[..., :, None] * b[..., None, :]


def plain_matrix(query, log_decay, key, value, initial, before=False):
    S, steps = initial, []
    for t in range(query.shape[1]):
        new = ops.exp(log_decay[:, t])[..., None] * S
        new = new + outer(key[:, t], value[:, t])
        seen, S = S if before else new, new
        steps.append(ops.sum(query[:, t][..., None] * seen, axis=-2))
    return ops.stack(steps, axis=1), S


def plain_delta(query, log_decay, erase, replace, key, value, initial):
    S, steps = initial, []
    for t in range(query.shape[1]):
        erased = ops.sum(erase[:, t][..., None] * S, axis=-2)
        S = ops.exp(log_decay[:, t])[..., None] * S
        S = S - outer(replace[:, t], erased) + outer(key[:, t], value[:, t])
        steps.append(ops.sum(query[:, t][..., None] * S, axis=-2))
    return ops.stack(steps, axis=1), S


@pytest.mark.parametrize("timesteps", [1, 2, 9, 16, 17])
def test_gradients_of_linear_scan(timesteps):
    """The own gradient against that of the plain loop."""
    arrays = vector(timesteps)
    found, expected = (
        gradients(lambda *a, scan=scan: weigh([scan(*a)]), [], arrays)
        for scan in (kernels.linear_scan, plain_linear)
    )
    assert error(found, expected) < ROUNDING


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("timesteps", [1, 9, 17])
def test_gradients_of_complex_scan(timesteps, constant):
    arrays = turning(timesteps, constant=constant)
    found, expected = (
        gradients(lambda *a, scan=scan: weigh([scan(*a)]), [], arrays)
        for scan in (
            lambda *a: kernels.linear_scan(*a, is_complex=True),
            plain_complex,
        )
    )
    assert error(found, expected) < ROUNDING


def chunks_of_four(monkeypatch, name):
    # The module, which the package hides behind the function's name.
    module = sys.modules[f"rnnzoo.kernels.{name}"]
    monkeypatch.setattr(module, "CHUNK", 4)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("decays", [1, KEYS])
@pytest.mark.parametrize("timesteps", [1, 4, 7, 12, 17])
def test_gradients_of_matrix_scan(timesteps, decays, before, monkeypatch):
    """Chunks of four, with and without a remainder; 17 in one chunk."""
    if timesteps < 17:
        chunks_of_four(monkeypatch, "matrix_scan")
    arrays = matrix(timesteps, decays=decays)
    found, expected = (
        gradients(lambda *a, s=scan: weigh(s(*a, before)), [], arrays)
        for scan in (kernels.matrix_scan, plain_matrix)
    )
    assert error(found, expected) < ROUNDING


@pytest.mark.parametrize("timesteps", [1, 4, 7, 12])
def test_gradients_of_delta_scan(timesteps, monkeypatch):
    """Chunks of four, with and without a remainder."""
    chunks_of_four(monkeypatch, "delta_scan")
    arrays = delta(timesteps)
    found, expected = (
        gradients(lambda *a, s=scan: weigh(s(*a)), [], arrays)
        for scan in (kernels.delta_scan, plain_delta)
    )
    assert error(found, expected) < ROUNDING


def test_gradients_of_a_decay_that_is_broadcast():
    """They are summed over what it was broadcast to."""
    _, update, initial = vector(10)
    check_broadcast(np.array([0.9, 0.5, 0.1], EXACT), update, initial)


def test_gradients_of_one_decay_of_all_steps():
    _, update, initial = vector(10)
    check_broadcast(np.array([[[0.9, 0.5, 0.1]]], EXACT), update, initial)


def check_broadcast(decay, update, initial):
    found, expected = (
        gradients(function, [], [decay, update, initial])
        for function in (
            lambda d, u, i: weigh([kernels.linear_scan(d, u, i)]),
            lambda d, u, i: weigh(
                [plain_linear(ops.broadcast_to(d, u.shape), u, i)]
            ),
        )
    )
    assert error(found, expected) < ROUNDING


def test_no_gradient_of_a_running_maximum():
    decay, candidate, initial = vector(5)

    def function(*arrays):
        return weigh([kernels.running_maximum(*arrays), arrays[2]])

    _, found = gradients(function, [], [np.log(decay), candidate, initial])
    assert (found[0] == 0).all() and (found[1] == 0).all()
    assert (found[2] == normal(*initial.shape, seed=41)).all()


# === Extremes ===


@pytest.mark.parametrize(
    "decays",
    [
        [0.0],
        [1.0],
        [1e-30],
        [0.0, 1.0],
        [1.0 - 1e-6],
        [1.02],
        [-0.9],
        [1e-30, 1],
    ],
    ids=str,
)
def test_extreme_decays(decays):
    _, update, initial = vector(100)
    decay = np.resize(np.array(decays, EXACT), update.shape)
    expected = naive.linear_scan(decay, update, initial)
    found = kernels.linear_scan(*tensors((decay, update, initial)))
    assert error(found, expected) < ROUNDING

    def function(*arrays):
        return weigh([kernels.linear_scan(*arrays)])

    _, slopes = gradients(function, [], [decay, update, initial])
    assert all(np.isfinite(slope).all() for slope in slopes)


@pytest.mark.parametrize("decay", [0.0, -1e-6, -50.0, -1e4, 3.0])
@pytest.mark.parametrize("start", [-1e30, 0.0, 1e4])
def test_extreme_terms_of_a_maximum(decay, start):
    _, candidate, initial = vector(100)
    arrays = (np.full_like(candidate, decay), candidate, initial + start)
    found = kernels.running_maximum(*tensors(arrays))
    assert error(found, naive.running_maximum(*arrays)) < ROUNDING


@pytest.mark.parametrize("decays", [1, KEYS])
@pytest.mark.parametrize("decay", [0.0, -1e-6, -50.0, -1e4, -1e30])
def test_extreme_decays_of_a_matrix(decay, decays):
    query, log_decay, key, value, initial = matrix(100, decays=decays)
    log_decay = np.full_like(log_decay, decay)
    arrays = (query, log_decay, key, value, initial)
    found = kernels.matrix_scan(*tensors(arrays))
    assert error(found, naive.matrix_scan(*arrays)) < ROUNDING

    def function(*arrays):
        return weigh(kernels.matrix_scan(*arrays))

    _, slopes = gradients(function, [], arrays)
    assert all(np.isfinite(slope).all() for slope in slopes)


def test_a_steep_decay_takes_no_digits_of_those_after_it():
    """In float32, where 1e6 has none left behind the point."""
    for decays in (1, KEYS):
        arrays = [a.astype("float32") for a in matrix(64, decays=decays)]
        arrays[1][:, 5] = -1e6
        found = kernels.matrix_scan(*tensors(arrays))
        assert error(found, naive.matrix_scan(*arrays)) < 2e-5


def test_the_mildest_and_the_steepest_decays_of_the_delta_rule():
    """In float32, over several chunks."""
    for decay in (0.0, -1.0):
        arrays = [a.astype("float32") for a in delta(100)]
        arrays[1][:] = decay
        found = kernels.delta_scan(*tensors(arrays))
        assert error(found, naive.delta_scan(*arrays)) < 2e-5
