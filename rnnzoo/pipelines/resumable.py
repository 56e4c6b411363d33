"""Epochs as data sets that a training may enter at any batch."""

import itertools

import tensorflow as tf


def resumable(order, arrays, batches, count, epoch, batch):
    """A data set of the batches of an epoch, from a place on.

    Args:
        order: function from the number of an epoch, and how many of its
            batches are left out, to a tuple of int64 arrays that say what is
            where in it.
        arrays: int. How many these are.
        batches: function from these arrays, as tensors, to a `tf.data.Dataset`.
        count: int. Number of batches in an epoch.
        epoch, batch: ints. The place, see `TextPairs.dataset`.

    Raises:
        ValueError: there is no such place.
    """
    if not 0 <= batch < count or epoch < 0:
        raise ValueError(
            f"Received epoch={epoch}, batch={batch}, where an epoch of 0 "
            f"or more and a batch from 0 to {count - 1} are expected."
        )
    epochs = itertools.count(epoch)

    def next_order():
        number = next(epochs)
        return order(number, batch if number == epoch else 0)

    # Python is called once per epoch and TensorFlow gathers the rows: fast,
    # and at the end of the process no thread is in Python. A generator
    # there, called per batch, could abort the process.
    dataset = tf.data.Dataset.from_tensors(0).map(
        lambda _: tf.numpy_function(next_order, [], (tf.int64,) * arrays)
    )
    dataset = dataset.flat_map(batches)
    cardinality = tf.data.experimental.assert_cardinality(count - batch)
    return dataset.apply(cardinality).prefetch(tf.data.AUTOTUNE)


def gather(values, starts, lengths, rows, width):
    """Some sequences that lie one after the other, padded with zeros.

    Args:
        values: (items, ...), of all sequences.
        starts, lengths: int64 (sequences,), where each is in `values`.
        rows: int64 (rows,), which ones.
        width: how long the longest of them is, or longer.

    Returns:
        (rows, width, ...), of the dtype of `values`.
    """
    columns = tf.range(width)
    present = columns < tf.gather(lengths, rows)[:, None]
    places = tf.gather(starts, rows)[:, None] + columns
    # Places behind the end of the last sequence would be outside.
    last = tf.shape(values, tf.int64)[0] - 1
    found = tf.gather(values, tf.minimum(places, last))
    for _ in values.shape[1:]:
        present = present[..., None]
    return tf.where(present, found, tf.zeros((), found.dtype))
