"""Several processes, on one machine or more, that train one model.

Each worker reads the same batches and takes its rows of each. What they do not
share by themselves, such as a checkpoint that one of them reads, is told from
one to the others here.
"""

import contextlib
import functools
import json
import os

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
            return leaf[
                start : start + size + tf.cast(number < larger, "int32")
            ]

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
    return parts.prefetch(tf.data.AUTOTUNE)


@functools.cache
def connect():
    """The strategy of this process and the other workers, once they are there.

    To be called before anything is computed: TensorFlow cannot join others
    later.

    Returns:
        `Workers`; always the same.

    Raises:
        ValueError: TF_CONFIG is not set or wrong; TensorFlow has started.
        OSError: see `workers.wait`.
    """
    if not os.environ.get("TF_CONFIG"):
        raise ValueError(
            "The strategy 'multiworker' is for one of several processes that "
            "train together, and TF_CONFIG does not say which one this is. "
            "Start them all by `python -m rnnzoo workers 2 -- COMMAND`."
        )
    workers.wait()
    try:
        return Workers()
    except RuntimeError as error:
        if "program startup" not in str(error):
            raise
        raise ValueError(
            "TensorFlow has started, and cannot join other workers any more. "
            "Call `strategy.make('multiworker')` before anything is computed."
        ) from error


# === From one to all ===


def several(strategy):
    """Whether `strategy` is of more than one process."""
    return isinstance(strategy, Workers) and workers.me().count > 1


def total(strategy, numbers):
    """The sums over all workers, which must all call this.

    Args:
        strategy: a `tf.distribute.Strategy`.
        numbers: list of int or array of int32 or int64.

    Returns:
        `numpy.ndarray`.
    """
    numbers = np.asarray(numbers)
    if not several(strategy):
        return numbers
    with strategy.scope():
        return strategy.reduce("SUM", tf.constant(numbers), axis=None).numpy()


def any_wants(strategy, wishes):
    """What any worker wants, in all of them, which must all call this.

    Args:
        strategy: a `tf.distribute.Strategy`.
        wishes: list of bool, of this worker.

    Returns:
        list of bool.
    """
    return [count > 0 for count in total(strategy, [*map(int, wishes)])]


def from_chief(strategy, content):
    """What the chief has, in all workers, which must all call this.

    Args:
        strategy: a `tf.distribute.Strategy`.
        content: bytes or None. The chief's; that of others is not looked at.

    Returns:
        bytes or None.
    """
    if not several(strategy):
        return content
    mine = content if workers.me().chief else None
    size = int(total(strategy, [0 if mine is None else len(mine) + 1])[0])
    if size == 0:
        return None
    # Whole words of 32 bits, the smallest that all reductions know.
    words = np.zeros(-(-size // 4), "int32")
    if mine is not None:
        words.view("uint8")[: size - 1] = np.frombuffer(mine, "uint8")
    words = total(strategy, words).astype("int32")
    return words.view("uint8")[: size - 1].tobytes()


def check_same(strategy, values):
    """Refuses to train where the chief does so from something else.

    Args:
        strategy: a `tf.distribute.Strategy`.
        values: dict of JSON values, such as the number of examples.

    Raises:
        ValueError: in each worker that differs from the chief.
    """
    if not several(strategy):
        return
    chiefs = json.loads(from_chief(strategy, json.dumps(values).encode()))
    different = [
        f"{name} is {values.get(name)} here and {chiefs.get(name)} there"
        for name in values | chiefs
        if values.get(name) != chiefs.get(name)
    ]
    if different:
        raise ValueError(
            f"Worker {workers.me().index} has other data than the chief: "
            f"{'; '.join(different)}. Give all workers the same files and the "
            "same command."
        )


@contextlib.contextmanager
def chief_first():
    """Lets the chief do something before the other workers do it too.

    Such as to prepare a data set, which two processes cannot write at once.
    Those that find it done, or have disks of their own, come after it.

    Example:

    ```python
    from rnnzoo.training import multiworker

    with multiworker.chief_first():
        data = [1, 2, 3]  # what one process writes, and the others read
    ```
    """
    worker = workers.me()
    if not worker.chief:
        meet()
    yield
    if worker.chief:
        meet()


def meet():
    """Returns when all workers have called it; at once in a process alone."""
    if workers.me().count > 1:
        total(connect(), [1])


def is_lost(error):
    """Whether an exception tells that another worker is gone."""
    if workers.me().count == 1:
        return False
    return isinstance(error, (workers.WorkerLost, *_LOST))
