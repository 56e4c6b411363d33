"""Windows of a series to batches: its past, and the future to forecast."""

import numpy as np
import tensorflow as tf

from rnnzoo.pipelines.continuous import is_count
from rnnzoo.pipelines.resumable import resumable
from rnnzoo.pipelines.standard import checked_series


class Windows:
    """All windows of a series as batches: `look_back` steps, then `horizon`.

    The series is kept in memory once; the windows, which overlap, are gathered
    from it. Each occurs exactly once per epoch, and none is left out at the
    end: the last batch is smaller where they do not fill it.

    Args:
        series: numbers `(time, columns)`, one time step after the other, such
            as a split of `rnnzoo.datasets.load_series`.
        look_back: int. Time steps that a forecast is made from.
        horizon: int. Time steps to forecast.
        batch_size: int. Windows per batch.
        targets: sequence of int. The columns to forecast; None for all.
        shuffle_seed: an integer, for an order that it and the number of the
            epoch determine; None for the order of time.
        stride: int. Time steps from a window to the next.
        flat: bool. Whether the future is one vector, `(batch, horizon *
            targets)`, as a model with one output has it.

    Attributes:
        examples: number of windows in an epoch; `len()` is that of batches.

    Raises:
        ValueError: a series that holds no window, or is none; sizes or columns
            that are none.

    Example:

    ```python
    from rnnzoo.pipelines.windows import Windows

    series = np.arange(20.0).reshape(10, 2)
    windows = Windows(series, look_back=4, horizon=2, batch_size=3)
    for past, future in windows.dataset():
        print(past.shape, future.shape)
    ```
    """

    def __init__(
        self,
        series,
        look_back,
        horizon,
        batch_size,
        *,
        targets=None,
        shuffle_seed=None,
        stride=1,
        flat=False,
    ):
        sizes = {
            "look_back": look_back,
            "horizon": horizon,
            "batch_size": batch_size,
            "stride": stride,
        }
        for name, value in sizes.items():
            if not is_count(value) or value < 1:
                raise ValueError(
                    f"Received {name}={value!r}, where a positive integer is "
                    "expected."
                )
        if shuffle_seed is not None and not is_count(shuffle_seed):
            raise ValueError(
                f"Received shuffle_seed={shuffle_seed!r}, where an integer "
                "from 0 on is expected, or None for the order of time."
            )
        series = checked_series("series", series)
        length, columns = series.shape
        if length < look_back + horizon:
            raise ValueError(
                f"A window of {look_back} time steps and {horizon} to forecast "
                f"is longer than the series of {length}: shorten look_back or "
                "horizon, or take a longer series."
            )
        self._series = series.astype("float32")
        self._targets = _columns(targets, columns)
        self._starts = np.arange(0, length - look_back - horizon + 1, stride)
        self._look_back = look_back
        self._horizon = horizon
        self._batch_size = batch_size
        self._shuffle_seed = shuffle_seed
        self._flat = bool(flat)
        self.examples = len(self._starts)

    def __len__(self):
        """The number of batches per epoch."""
        return -(-self.examples // self._batch_size)

    def dataset(self, epoch=0, batch=0):
        """The batches, from a place on that a training may go on from.

        Args:
            epoch: number of the epoch that the first iteration gives; the
                second gives the next.
            batch: how many batches of the first iteration are left out. A data
                set that leaves any out is good for one iteration.

        Returns:
            A `tf.data.Dataset` of pairs `(past float32 (batch, look_back,
            columns), future float32 (batch, horizon, targets))`.
        """
        return resumable(self._order, 1, self._made, len(self), epoch, batch)

    def _order(self, epoch, skipped):
        """Where the windows of an epoch start, in its order: `(starts,)`."""
        starts = self._starts
        if self._shuffle_seed is not None:
            random = np.random.RandomState([self._shuffle_seed, epoch])
            starts = random.permutation(starts)
        return (starts[skipped * self._batch_size :],)

    def _made(self, starts):
        """A data set of batches, from what `_order` returns."""
        with tf.device("cpu:0"):  # Where tf.data runs.
            series = tf.constant(self._series)
            targets = tf.constant(self._series[:, self._targets])
        past = tf.range(self._look_back, dtype=tf.int64)
        future = tf.range(self._horizon, dtype=tf.int64) + self._look_back

        def batch(starts):
            x = tf.gather(series, starts[:, None] + past)
            y = tf.gather(targets, starts[:, None] + future)
            if self._flat:
                y = tf.reshape(y, [-1, self._horizon * len(self._targets)])
            return x, y

        starts = tf.ensure_shape(starts, [None])
        dataset = tf.data.Dataset.from_tensor_slices(starts)
        return dataset.batch(self._batch_size).map(batch)


def _columns(targets, count):
    """The columns to forecast, as a list of int.

    Raises:
        ValueError: there are none, or not such.
    """
    if targets is None:
        return list(range(count))
    found = list(targets)
    known = all(is_count(column) and column < count for column in found)
    if not found or not known or len(set(found)) < len(found):
        raise ValueError(
            f"`targets` must name columns by their numbers, 0 to {count - 1}, "
            f"each once. Received: targets={targets!r}"
        )
    return [int(column) for column in found]
