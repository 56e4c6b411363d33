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
    # no items a wrong shape: there is always one more.
    spare = ops.zeros((1, *item), items.dtype)
    outputs = function(ops.concatenate([items, spare], axis=0))
    return ops.reshape(outputs[:-1], (batch, timesteps, units))
