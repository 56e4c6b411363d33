"""What examples are made of: one column for each of their parts."""

import dataclasses

import numpy as np

from rnnzoo.pipelines.buckets import Rows


@dataclasses.dataclass(frozen=True)
class Column:
    """One part of all examples, such as all texts or all labels.

    A sequence of example i is `values[starts[i] : starts[i] + lengths[i]]`.
    What has the same shape in all examples has no `starts` and `lengths`, and
    that of example i is `values[i]`.

    Attributes:
        values: array (items, ...) of all examples.
        starts: int64 (examples,), or None.
        lengths: int64 (examples,), or None.
    """

    values: np.ndarray
    starts: np.ndarray | None = None
    lengths: np.ndarray | None = None

    def __len__(self):
        return len(self.values if self.lengths is None else self.lengths)

    @property
    def is_sequence(self):
        return self.lengths is not None

    def take(self, rows):
        """The column of some examples, int (rows,)."""
        if not self.is_sequence:
            return Column(self.values[rows])
        return Column(self.values, self.starts[rows], self.lengths[rows])


def fixed(values):
    """A column of what has the same shape in all examples.

    Args:
        values: array-like (examples, ...).

    Raises:
        ValueError: values of several shapes.
    """
    try:
        return Column(np.asarray(values))
    except ValueError as error:
        shapes = sorted({np.shape(value) for value in values}, key=str)
        raise ValueError(
            f"Received values of the shapes {shapes[:5]}, where one shape is "
            "expected for all examples: use pipelines.columns.sequences for "
            "what differs in length."
        ) from error


def sequences(values, dtype=None):
    """A column of sequences, one for each example.

    Args:
        values: list of array-likes (timesteps, ...), which differ in their
            timesteps alone.
        dtype: of all of them. Default: one that can hold them all.

    Raises:
        ValueError: no sequences; one that is empty, or of another shape.
    """
    values = [np.asarray(value, dtype) for value in values]
    if not values:
        raise ValueError(
            "Received no sequences, where at least one is expected: is the "
            "split empty?"
        )
    for number, value in enumerate(values, start=1):
        if value.ndim < 1 or not len(value):
            raise ValueError(
                f"Sequence {number} of {len(values)} is empty, where at least "
                "one timestep is expected: leave it out."
            )
        if value.shape[1:] != values[0].shape[1:]:
            raise ValueError(
                f"Sequence {number} has timesteps of shape {value.shape[1:]}, "
                f"where the first has {values[0].shape[1:]}: give all the same."
            )
    lengths = np.array([len(value) for value in values])
    return Column(np.concatenate(values), np.cumsum(lengths) - lengths, lengths)


def of_blocks(blocks):
    """A column of ids, from arrays (rows, timesteps) padded on the right."""
    rows = Rows(blocks)
    return Column(rows.ids, rows.starts, rows.lengths)
