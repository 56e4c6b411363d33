"""Several processes, on one machine or more, that train one model.

Each worker reads the same batches and takes its rows of each. What they do not
share by themselves, such as a checkpoint that one of them reads, is told from
one to the others here.
"""

import contextlib
import functools

import numpy as np
import tensorflow as tf

from rnnzoo.training import workers

# Kinds of errors of TensorFlow when another worker is gone.
_LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
    tf.errors.UnknownError,
)


class Workers(tf.distribute.MultiWorkerMirroredStrategy):
    """The strategy of processes that share each batch row by row.

    TensorFlow's own gives each worker other batches, or parts of them, after
    guessing the batch size from the data set. Here a batch of any size, the
    uneven last one too, is cut into one share for each replica, all of a batch
    in the same step, so that a step is the step of one device. Where a batch
    has fewer rows than there are replicas, the last of these get none, and add
    nothing to the sums of that step.
    """

    def __init__(self):
        super().__init__()
        # All workers have as many batches: they need not ask each other
        # before each step whether one is left.
        self.extended.experimental_enable_get_next_as_optional = False

    def experimental_distribute_dataset(self, dataset, options=None):
        """`dataset`, of the same batches in all workers, cut into shares."""
        local = self.extended.worker_devices
        number = functools.partial(
            replica_number, workers=self.num_replicas_in_sync // len(local)
        )

        def shares(context):
            numbers = [
                number(context.input_pipeline_id, place)
                for place in range(len(local))
            ]
            return shared(dataset, self.num_replicas_in_sync, numbers)

        return self.distribute_datasets_from_function(shares, options)


def replica_number(worker, place, workers):
    """Which share of a batch a replica gets, from 0.

    Args:
        worker: int. Index of its process.
        place: int. Its place among those of the process.
        workers: int. Number of processes.
    """
    # In the order in which Keras joins what `predict` gives.
    return place * workers + worker


def shared(dataset, count, numbers):
    """The rows of each batch that belong to some replicas.

    Args:
        dataset: `tf.data.Dataset` of batches.
        count: int. Shares of a batch. Their sizes differ by one row at most,
            and the first ones are the larger.
        numbers: list of int. Which of them.

    Returns:
        `tf.data.Dataset` with `len(numbers)` elements for each batch, one
        share after the other.
    """

    def share(batch, number):
        def cut(leaf):
            rows = tf.shape(leaf)[0]
            size, larger = rows // count, rows % count
            start = number * size + tf.minimum(number, larger)
            return leaf[start : start + size + tf.cast(number < larger, "int32")]

        return tf.nest.map_structure(cut, batch)

    def shares(*batch):
        batch = batch if len(batch) > 1 else batch[0]
        parts = tf.data.Dataset.from_tensor_slices(tf.constant(numbers))
        return parts.map(lambda number: share(batch, number))

    parts = dataset.flat_map(shares)
    batches = dataset.cardinality()
    if batches > 0:
        known = tf.data.experimental.assert_cardinality(batches * len(numbers))
        parts = parts.apply(known)
    options = tf.data.Options()
    # They are cut already.
    options.experimental_distribute.auto_shard_policy = (
        tf.data.experimental.AutoShardPolicy.OFF
    )
    return parts.with_options(options).prefetch(tf.data.AUTOTUNE)
