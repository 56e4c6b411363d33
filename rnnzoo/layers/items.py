"""The same function of every item of a sequence."""

from keras import ops


def each_item(function, sequences, units):
    """Runs `function` on all items of all sequences, as one batch.

    Args:
        function: from `(items, ...)` to `(items, units)`.
        sequences: `(batch, timesteps, ...)`.
        units: int.

    Returns:
        `(batch, timesteps, units)`.
    """
    batch, timesteps, *item = ops.shape(sequences)
    items = ops.reshape(sequences, (batch * timesteps, *item))
    # A replica may get no row, and convolutions of TensorFlow on a CPU give
    # no items a wrong shape: one of zeros stands in.
    count = ops.shape(items)[0]
    known = isinstance(count, int)
    if not known or not count:
        missing = 1 if known else ops.maximum(1 - count, 0)
        spare = ops.zeros((missing, *item), items.dtype)
        items = ops.concatenate([items, spare], axis=0)
    outputs = function(items)[:count]
    return ops.reshape(outputs, (batch, timesteps, units))
