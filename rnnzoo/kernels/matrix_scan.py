"""The chunkwise form of recurrences with a matrix state."""

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
# With a decay for each key there is no such product, and every pair of steps
# in a chunk takes a vector of keys.
CHUNK_OF_KEYS = 16


def matrix_scan(query, log_decay, key, value, initial, before=False):
    """r_t = q_t S_t with S_t = diag(exp(log_decay_t)) S_{t-1} + k_t v_t^T.

    Inside a chunk every pair of steps meets in one matrix product; S is known
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
    # others; exp(-100) is as good as zero.
    log_decay = ops.maximum(log_decay, -100.0)
    timesteps = ops.shape(query)[1]
    per_key = log_decay.shape[-1] > 1
    chunk = within(timesteps, CHUNK_OF_KEYS if per_key else CHUNK)
    query, log_decay, key, value = (
        to_chunks(t, chunk) for t in (query, log_decay, key, value)
    )
    # Axes from here on: batch, heads, chunks, chunk, keys or values.
    total = ops.cumsum(log_decay, axis=-2)
    end = total[..., -1:, :]
    seen = total - log_decay if before else total

    pairs = lower_triangle(chunk, diagonal=not before)
    inside = ops.matmul(scores(query, seen, key, total, pairs), value)

    key = key * ops.exp(end - total)
    update = ops.matmul(ops.swapaxes(key, -1, -2), value)
    decay = ops.swapaxes(ops.exp(end), -1, -2)
    after = linear_scan(
        ops.swapaxes(decay, 1, 2), ops.swapaxes(update, 1, 2), initial
    )
    first = ops.concatenate([initial[:, None], after[:, :-1]], axis=1)
    first = ops.swapaxes(first, 1, 2)
    outside = ops.matmul(query * ops.exp(seen), first)
    return from_chunks(inside + outside, timesteps), after[:, -1]


def scores(query, seen, key, total, pairs):
    """q_t . (exp(seen_t - total_s) * k_s) for the steps t, s of `pairs`."""
    gap = seen[..., :, None, :] - total[..., None, :, :]
    weights = ops.exp(ops.where(pairs[..., None], gap, -np.inf))
    if weights.shape[-1] == 1:
        products = ops.matmul(query, ops.swapaxes(key, -1, -2))
        return products * weights[..., 0]
    weighted = weights * key[..., None, :, :]
    return ops.matmul(weighted, query[..., None])[..., 0]
