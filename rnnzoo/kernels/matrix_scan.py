"""The chunkwise form of recurrences with a matrix state."""

import math

import keras
import numpy as np
from keras import ops

from rnnzoo.kernels.chunks import (
    from_chunks,
    lower_triangle,
    to_chunks,
    within,
)
from rnnzoo.kernels.linear_scan import linear_scan

# Two matrix products per chunk grow with its length, one loop step per chunk
# shrinks with it; 64 was the fastest of 16 to 256 at 1,024 steps.
CHUNK = 64
# Steps whose decays, one for each key, are divided by each other. Longer spans
# are put together from halves.
SPAN = 4
# Four of them must stay a number: exp(80) in float32, exp(400) in float64. A
# decay of exp(-20) is as good as zero among numbers of seven digits.
STEEPEST = {"float32": -20.0, "float64": -100.0}


def matrix_scan(query, log_decay, key, value, initial, before=False):
    """r_t = q_t S_t with S_t = diag(exp(log_decay_t)) S_{t-1} + k_t v_t^T.

    Inside a chunk every pair of steps meets in matrix products; S is known
    between chunks only, and never stored per step.

    Args:
        query, key: `(batch, timesteps, heads, keys)`.
        log_decay: `(batch, timesteps, heads, keys)`, or with a last axis of
            one for the same decay of all keys. Not above 0 by much: sums of
            it over a chunk are exponentiated.
        value: `(batch, timesteps, heads, values)`.
        initial: S_0, `(batch, heads, keys, values)`.
        before: bool. Whether to read before the step: r_t = q_t S_{t-1}.

    Returns:
        `(r, S)`: `(batch, timesteps, heads, values)` and the last
        `(batch, heads, keys, values)`.
    """
    # Sums of decays are subtracted below, so none may take the digits of the
    # others.
    steepest = STEEPEST[keras.backend.standardize_dtype(log_decay.dtype)]
    log_decay = ops.maximum(log_decay, steepest)
    timesteps = ops.shape(query)[1]
    per_key = log_decay.shape[-1] > 1
    chunk = within(timesteps, CHUNK)
    if per_key:
        chunk = max(SPAN, 2 ** math.ceil(math.log2(chunk)))
    query, log_decay, key, value = (
        to_chunks(t, chunk) for t in (query, log_decay, key, value)
    )
    # Axes from here on: batch, heads, chunks, chunk, keys or values.
    total = ops.cumsum(log_decay, axis=-2)
    end = total[..., -1:, :]
    seen = total - log_decay if before else total

    pairs = inside_per_key if per_key else inside
    inner = pairs(query, seen, key, total, value, before)

    key = key * ops.exp(end - total)
    update = ops.matmul(ops.swapaxes(key, -1, -2), value)
    decay = ops.swapaxes(ops.exp(end), -1, -2)
    after = linear_scan(
        ops.swapaxes(decay, 1, 2), ops.swapaxes(update, 1, 2), initial
    )
    first = ops.concatenate([initial[:, None], after[:, :-1]], axis=1)
    first = ops.swapaxes(first, 1, 2)
    outer = ops.matmul(query * ops.exp(seen), first)
    return from_chunks(inner + outer, timesteps), after[:, -1]


def inside(query, seen, key, total, value, before):
    """What the steps of a chunk read of each other, with one decay for all.

    The sum over s of (q_t . exp(seen_t - total_s) * k_s) v_s.
    """
    pairs = lower_triangle(query.shape[-2], diagonal=not before)
    gap = seen - ops.swapaxes(total, -1, -2)
    weights = ops.exp(ops.where(pairs, gap, -np.inf))
    products = ops.matmul(query, ops.swapaxes(key, -1, -2))
    return ops.matmul(products * weights, value)


def inside_per_key(query, seen, key, total, value, before):
    """As `inside`, with a decay for each key.

    The exponential is split at a step between s and t. Pairs within a span
    share its beginning; of longer spans, the second half reads the first
    across their border, where both factors are at most one.
    """
    *lead, chunk, _ = ops.shape(value)
    rows = math.prod(lead)
    parts = (query, seen, key, total, value)
    parts = [ops.reshape(t, (rows, chunk, t.shape[-1])) for t in parts]

    def halves(t, size):
        """First and second halves of spans of twice the size."""
        t = ops.reshape(t, (rows * chunk // (2 * size), 2, size, t.shape[-1]))
        return ops.unstack(t, axis=1)

    # The sum of decays before the first step of each span.
    begin = ops.reshape(total, (rows, chunk // SPAN, SPAN, total.shape[-1]))[
        :, :-1, -1:
    ]
    begin = ops.pad(begin, [[0, 0], [1, 0], [0, 0], [0, 0]])
    begin = ops.reshape(begin, (rows * chunk // SPAN, 1, key.shape[-1]))
    q, a, k, b, v = (
        ops.reshape(t, (rows * chunk // SPAN, SPAN, t.shape[-1])) for t in parts
    )
    pairs = lower_triangle(SPAN, diagonal=not before)
    products = ops.where(pairs, across(q, a, k, b, begin), 0.0)
    y = ops.reshape(ops.matmul(products, v), ops.shape(parts[-1]))

    size = SPAN
    while size < chunk:
        (_, q), (_, a), (k, _), (b, _), (v, _) = (
            halves(t, size) for t in parts
        )
        read = ops.matmul(across(q, a, k, b, b[:, -1:]), v)
        both = ops.stack([ops.zeros_like(read), read], axis=1)
        y = y + ops.reshape(both, ops.shape(y))
        size *= 2
    return ops.reshape(y, ops.shape(value))


def across(query, seen, key, total, border):
    """q_t . (exp(seen_t - border) * exp(border - total_s) * k_s)."""
    query = query * ops.exp(seen - border)
    key = key * ops.exp(border - total)
    return ops.matmul(query, ops.swapaxes(key, -1, -2))
