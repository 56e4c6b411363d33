"""Sequences of heads, cut into chunks that meet in matrix products."""

import numpy as np
from keras import ops


def to_chunks(x, chunk):
    """`(batch, timesteps, heads, n)` to `(batch, heads, chunks, chunk, n)`.

    Padded with zeros, which leave a state as it is: no decay, and no key.
    """
    batch, timesteps, heads, n = ops.shape(x)
    chunks = (timesteps + chunk - 1) // chunk
    x = ops.pad(x, [[0, 0], [0, chunks * chunk - timesteps], [0, 0], [0, 0]])
    x = ops.reshape(x, (batch, chunks, chunk, heads, n))
    return ops.transpose(x, (0, 3, 1, 2, 4))


def from_chunks(x, timesteps):
    """`(batch, heads, chunks, chunk, n)` to `(batch, timesteps, heads, n)`."""
    batch, heads, chunks, chunk, n = ops.shape(x)
    x = ops.transpose(x, (0, 2, 3, 1, 4))
    return ops.reshape(x, (batch, chunks * chunk, heads, n))[:, :timesteps]


def within(timesteps, chunk):
    """`chunk`, or all of a shorter sequence where its length is known."""
    return min(chunk, timesteps) if isinstance(timesteps, int) else chunk


def lower_triangle(chunk, diagonal=True):
    """Bool `(chunk, chunk)`: the pairs of a step and those up to it."""
    return np.tril(np.ones((chunk, chunk), "bool"), 0 if diagonal else -1)


def running_sum(x):
    """Sums over the chunk so far, `(..., chunk, n)`.

    By a product, which is several times faster than `keras.ops.cumsum` and
    its gradient.
    """
    ones = ops.cast(lower_triangle(x.shape[-2]), x.dtype)
    return ops.matmul(ones, x)
