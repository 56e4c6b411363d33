"""Normalisation inside of cells, in float32 at least."""

import keras
from keras import ops


def layer_norm(x, scale, offset=None, epsilon=1e-5):
    """Zero mean and unit variance over the last axis, scaled and shifted.

    Args:
        x: `(..., n)`.
        scale, offset: `(n,)`; no offset if None.
        epsilon: float, added to the variance.
    """
    dtype = keras.backend.result_type(x.dtype, "float32")
    y = ops.cast(x, dtype)
    y = y - ops.mean(y, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(y), axis=-1, keepdims=True)
    y = y * ops.rsqrt(variance + epsilon) * ops.cast(scale, dtype)
    if offset is not None:
        y = y + ops.cast(offset, dtype)
    return ops.cast(y, x.dtype)


def head_norm(x, heads, scale, offset=None, epsilon=1e-5):
    """`layer_norm` of each of `heads` equal parts of the last axis.

    A group normalisation of single steps: `scale` and `offset` are those of
    all parts, `(n,)`.
    """
    shape = ops.shape(x)
    parts = (heads, x.shape[-1] // heads)
    scale = ops.reshape(scale, parts)
    offset = None if offset is None else ops.reshape(offset, parts)
    y = layer_norm(
        ops.reshape(x, (*shape[:-1], *parts)), scale, offset, epsilon
    )
    return ops.reshape(y, shape)
