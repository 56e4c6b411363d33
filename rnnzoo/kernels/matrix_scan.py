"""The chunkwise form of recurrences with a matrix state."""

import math

import keras
import numpy as np
from keras import ops

from rnnzoo.kernels.chunks import (
    from_chunks,
    lower_triangle,
    running_sum,
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
    total = running_sum(log_decay)
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
    products = matmul_transposed(query, key)
    return ops.matmul(products * weights, value)


def inside_per_key(query, seen, key, total, value, before):
    """As `inside`, with a decay for each key.

    Decays are taken from the beginning of a span to a step, and from a step to
    the end of its span. Pairs within a span divide the former. Of longer
    spans, the second half reads the first, over the decays of the spans
    between them: no factor is above one.
    """
    *lead, chunk, keys = ops.shape(key)
    count = math.prod(lead) * chunk // SPAN

    def spans(t):
        return ops.reshape(t, (count, SPAN, t.shape[-1]))

    q, seen, k, total, v = map(spans, (query, seen, key, total, value))
    end = total[:, -1:]  # since the beginning of the chunk
    begin = ops.reshape(end, (count * SPAN // chunk, chunk // SPAN, keys))
    begin = ops.pad(begin[:, :-1], [[0, 0], [1, 0], [0, 0]])
    begin = ops.reshape(begin, (count, 1, keys))

    q = q * ops.exp(seen - begin)
    pairs = lower_triangle(SPAN, diagonal=not before)
    products = matmul_transposed(q, k * ops.exp(begin - total))
    y = ops.matmul(ops.where(pairs, products, 0.0), v)
    k = k * ops.exp(end - total)

    def halves(t, size):
        """First and second halves of spans of twice the size."""
        parts = size // SPAN
        shape = (count // (2 * parts), 2, parts, t.shape[-2], t.shape[-1])
        return ops.unstack(ops.reshape(t, shape), axis=1)

    def flat(t):
        rows, parts, steps, n = ops.shape(t)
        return ops.reshape(t, (rows, parts * steps, n))

    size = SPAN
    while size < chunk:
        (_, q_2), (k_1, _), (v_1, _) = (halves(t, size) for t in (q, k, v))
        (end_1, _), (_, begin_2) = halves(end, size), halves(begin, size)
        border = end_1[:, -1:]
        q_2 = flat(q_2 * ops.exp(begin_2 - border))
        k_1 = flat(k_1 * ops.exp(border - end_1))
        read = ops.matmul(matmul_transposed(q_2, k_1), flat(v_1))
        both = ops.stack([ops.zeros_like(read), read], axis=1)
        y = y + ops.reshape(both, ops.shape(y))
        size *= 2
    return ops.reshape(y, ops.shape(value))


def matmul_transposed(a, b):
    return ops.matmul(a, ops.swapaxes(b, -1, -2))
