"""The chunkwise form of recurrences with a matrix state."""

import numpy as np
from keras import ops

from rnnzoo.kernels.linear_scan import linear_scan

# Two matrix products per chunk grow with its length, one loop step per chunk
# shrinks with it; 64 was the fastest of 16 to 256 at 1,024 steps.
CHUNK = 64


def matrix_scan(query, log_decay, key, value, initial):
    """r_t = q_t S_t with S_t = exp(log_decay_t) S_{t-1} + k_t v_t^T.

    Inside a chunk every pair of steps meets in one matrix product; S is known
    between chunks only, and never stored per step.

    Args:
        query, key: `(batch, timesteps, heads, keys)`.
        log_decay: `(batch, timesteps, heads)`, not above 0 by much: sums of
            it over a chunk are exponentiated.
        value: `(batch, timesteps, heads, values)`.
        initial: S_0, `(batch, heads, keys, values)`.

    Returns:
        `(r, S)`: `(batch, timesteps, heads, values)` and the last
        `(batch, heads, keys, values)`.
    """
    # Sums of decays are subtracted below, so none may take the digits of the
    # others; exp(-100) is as good as zero.
    log_decay = ops.maximum(log_decay, -100.0)
    timesteps = ops.shape(query)[1]
    chunk = min_static(timesteps)
    padding = -timesteps % chunk
    query, log_decay, key, value = (
        to_chunks(t, chunk, padding) for t in (query, log_decay, key, value)
    )
    total = ops.cumsum(log_decay, axis=-1)  # (batch, heads, chunks, chunk)
    end = total[..., -1:]

    causal = np.tril(np.ones((chunk, chunk), "bool"))
    gap = total[..., :, None] - total[..., None, :]
    weights = ops.exp(ops.where(causal, gap, -np.inf))
    scores = ops.matmul(query, ops.swapaxes(key, -1, -2)) * weights
    inside = ops.matmul(scores, value)

    key = key * ops.exp(end - total)[..., None]
    update = ops.matmul(ops.swapaxes(key, -1, -2), value)
    decay = ops.exp(end)[..., None]
    after = linear_scan(
        ops.swapaxes(decay, 1, 2), ops.swapaxes(update, 1, 2), initial
    )
    before = ops.concatenate([initial[:, None], after[:, :-1]], axis=1)
    before = ops.swapaxes(before, 1, 2)
    outside = ops.matmul(query, before) * ops.exp(total)[..., None]
    return from_chunks(inside + outside)[:, :timesteps], after[:, -1]


def min_static(timesteps):
    """A chunk no longer than the sequence, where its length is known."""
    return min(CHUNK, timesteps) if isinstance(timesteps, int) else CHUNK


def to_chunks(x, chunk, padding):
    """`(batch, timesteps, heads, ...)` to `(batch, heads, chunks, chunk, ...)`.

    The padding leaves S as it is: no decay, and no key.
    """
    rest = [[0, 0]] * (len(x.shape) - 2)
    x = ops.pad(x, [[0, 0], [0, padding], *rest])
    x = ops.reshape(x, (ops.shape(x)[0], -1, chunk, *x.shape[2:]))
    return ops.transpose(x, (0, 3, 1, 2, *range(4, len(x.shape))))


def from_chunks(x):
    """`(batch, heads, chunks, chunk, n)` to `(batch, timesteps, heads, n)`."""
    x = ops.transpose(x, (0, 2, 3, 1, 4))
    return ops.reshape(x, (ops.shape(x)[0], -1, *x.shape[3:]))
