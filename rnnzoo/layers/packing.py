"""Sequences with masked steps, packed so that the valid ones come first."""

from keras import ops


class Packing:
    """Where the valid steps of a batch of sequences go, and back.

    A recurrence runs as if masked steps were not there. Packed once, any
    mask, with padding on either side and holes, is a length per sequence, and
    that is all a kernel has to know.

    Args:
        mask: bool tensor `(batch, timesteps)`, True at valid steps; also
            `(batch, timesteps, 1)`.
    """

    def __init__(self, mask):
        mask = ops.cast(mask, "bool")
        self.mask = mask[..., 0] if len(mask.shape) == 3 else mask
        valid = ops.cast(self.mask, "int32")
        timesteps = ops.shape(valid)[1]
        place = ops.arange(timesteps, dtype="int32")[None]
        self.order = ops.argsort((1 - valid) * timesteps + place, axis=1)
        # Valid steps up to and including this one.
        self.rank = ops.cumsum(valid, axis=1)
        self.lengths = ops.sum(valid, axis=1)

    def pack(self, x):
        """`(batch, timesteps, ...)` with the valid steps first, in order."""
        return take_steps(x, self.order)

    def unpack(self, outputs, zero_masked):
        """Puts outputs back where their steps were.

        Keras's rule for masked steps: zeros with `zero_masked`, else the last
        valid output, which is zero before the first valid step.
        """
        found = take_steps(outputs, ops.maximum(self.rank - 1, 0))
        known = self.mask if zero_masked else self.rank > 0
        return ops.where(known[..., None], found, ops.zeros_like(found))

    def last(self, x, initial):
        """`x` `(batch, timesteps, ...)`, packed, at the last valid step.

        `initial` `(batch, ...)` where there is none.
        """
        found = take_steps(x, ops.maximum(self.lengths[:, None] - 1, 0))[:, 0]
        some = ops.reshape(self.lengths > 0, (-1, *[1] * (len(x.shape) - 2)))
        return ops.where(some, found, initial)

    def tail(self, window, lookback):
        """The last `lookback` valid steps, `window` having as many before."""
        index = self.lengths[:, None] + ops.arange(lookback, dtype="int32")
        return take_steps(window, index)


def take_steps(x, index):
    """`x` `(batch, timesteps, ...)` at `index` `(batch, steps)`.

    By whole rows of one flat table, which is many times faster than
    `keras.ops.take_along_axis` and its gradient.
    """
    batch, timesteps = ops.shape(x)[0], ops.shape(x)[1]
    rows = ops.reshape(x, (-1, *ops.shape(x)[2:]))
    start = ops.arange(batch, dtype="int32")[:, None] * timesteps
    return ops.take(rows, ops.cast(index, "int32") + start, axis=0)
