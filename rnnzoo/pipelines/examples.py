"""Examples in memory to batches, for every topology."""

import functools

import numpy as np
import tensorflow as tf

from rnnzoo.pipelines import buckets
from rnnzoo.pipelines.resumable import gather, resumable


class Examples:
    """Batches of examples, with a place for each that can be found again.

    The examples stay in memory. Batches hold sequences of similar length,
    padded with zeros to one of at most twelve widths, and each example occurs
    exactly `passes` times per epoch.

    Args:
        columns: dict from name to a `columns.Column`, all of as many examples.
        batch_size: examples per batch; one batch of an epoch may hold fewer.
        make: function of a dict of tensors that returns what `fit` takes, such
            as `(inputs, targets)`. The dict has each column by its name, with
            the batch as its first axis; of a sequence also its lengths, int64
            (batch,), by the name with "_lengths" behind it. None returns the
            columns alone.
        by: names of the sequences whose lengths decide which examples are
            batched together. Default: all sequences.
        shuffle_seed: an integer, for an order that it and the number of the
            epoch determine; None for the order given, short examples first
            where there are sequences.
        passes: times that an epoch goes through the examples. Starting an
            epoch, and evaluating after it, costs as much as many steps on a
            small data set.

    Attributes:
        examples: number of examples in an epoch; `len()` is that of batches.
        distinct: number of different examples.

    Raises:
        ValueError: no columns or examples, columns of different numbers of
            examples, a batch size that is none, no such column.

    Example:

    ```python
    from rnnzoo.pipelines import columns
    from rnnzoo.pipelines.examples import Examples

    training = Examples(
        {
            "text": columns.sequences([[5, 6, 7], [5, 8]]),
            "label": columns.fixed([0, 1]),
        },
        batch_size=32,
        make=lambda batch: (batch["text"], batch["label"]),
        shuffle_seed=1,
    )
    ```
    """

    def __init__(
        self,
        columns,
        batch_size,
        make=None,
        *,
        by=None,
        shuffle_seed=None,
        passes=1,
    ):
        _check(columns, {"batch_size": batch_size, "passes": passes})
        self.distinct = len(next(iter(columns.values())))
        self.examples = passes * self.distinct
        self._passes = passes
        self._columns = dict(columns)
        self._batch_size = batch_size
        self._make = make
        self._shuffle_seed = shuffle_seed
        sequences = {k: c for k, c in columns.items() if c.is_sequence}
        by = list(sequences) if by is None else list(by)
        if not set(by) <= set(sequences):
            raise ValueError(
                f"Received by={by}, where names of sequences are expected: "
                f"{', '.join(sequences) or 'there are none'}."
            )
        self._groups = [np.arange(self.distinct)]
        self._widths = np.zeros((1, 0), "int64")
        if by:
            # The longest sequence costs most, so that it decides.
            longest = np.max([sequences[name].lengths for name in by], axis=0)
            self._groups = buckets.assign(longest, batch_size)
        if sequences:
            lengths = [column.lengths for column in sequences.values()]
            self._widths = buckets.widths(
                self._groups, np.stack(lengths, axis=1)
            )

    def __len__(self):
        """The number of batches per epoch."""
        return self._passes * -(-self.distinct // self._batch_size)

    def dataset(self, epoch=0, batch=0):
        """The batches, from a place on that a training may go on from.

        Args:
            epoch: number of the epoch that the first iteration gives; the
                second gives the next.
            batch: how many batches of the first iteration are left out. A data
                set that leaves any out is good for one iteration.

        Returns:
            A `tf.data.Dataset` of what `make` returns.
        """
        return resumable(
            self._order, 3, self._batches(), len(self), epoch, batch
        )

    def rows(self):
        """Which example is where in a pass that is not shuffled: (distinct,).

        Row i of all batches of `dataset()` is the example `rows()[i]`.
        """
        batches = buckets.epoch(self._groups, self._batch_size)
        return np.concatenate([rows for _, rows in batches])

    def _order(self, epoch, skipped):
        """Which examples are where in an epoch: (rows, starts, widths).

        Batch i has `rows[starts[i] : starts[i + 1]]`, and `widths[i]` has the
        width of each of its sequences.
        """
        batches, random = [], None
        for number in range(epoch * self._passes, (epoch + 1) * self._passes):
            if self._shuffle_seed is not None:
                random = np.random.RandomState([self._shuffle_seed, number])
            batches += buckets.epoch(self._groups, self._batch_size, random)
        groups, rows = zip(*batches[skipped:], strict=True)
        starts = np.cumsum([0, *map(len, rows)])
        return np.concatenate(rows), starts, self._widths[list(groups)]

    @functools.cached_property
    def _tensors(self):
        """The columns as tensors, once for all data sets."""
        with tf.device("cpu:0"):  # Where tf.data runs.
            return {
                name: [
                    None if array is None else tf.constant(array)
                    for array in (c.values, c.starts, c.lengths)
                ]
                for name, c in self._columns.items()
            }

    def _batches(self):
        """A function from what `_order` returns to a data set of batches."""
        columns = self._tensors

        def batches(rows, starts, widths):
            rows.set_shape([None])
            starts.set_shape([None])
            widths.set_shape([None, self._widths.shape[1]])

            def batch(number):
                chosen = rows[starts[number] : starts[number + 1]]
                parts, sequence = {}, 0
                for name, (values, first, lengths) in columns.items():
                    if lengths is None:
                        parts[name] = tf.gather(values, chosen)
                        continue
                    width = widths[number, sequence]
                    parts[name] = gather(values, first, lengths, chosen, width)
                    if self._make is not None:
                        parts[f"{name}_lengths"] = tf.gather(lengths, chosen)
                    sequence += 1
                return parts if self._make is None else self._make(parts)

            count = tf.size(starts, tf.int64) - 1
            return tf.data.Dataset.range(count).map(
                batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
            )

        return batches


def _check(columns, counts):
    for name, count in counts.items():
        if not isinstance(count, int) or count < 1:
            raise ValueError(
                f"Received {name}={count!r}, where a positive integer is "
                "expected."
            )
    sizes = {name: len(column) for name, column in columns.items()}
    if len(set(sizes.values())) != 1:
        raise ValueError(
            f"Received columns of {sizes} examples, where as many are expected "
            "in each."
        )
    if not all(sizes.values()):
        raise ValueError(
            "Received no examples at all, where at least one is expected: is "
            "the split empty?"
        )
