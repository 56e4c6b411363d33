"""Columns of a series at one scale: less their mean, by their deviation."""

import dataclasses
import json
import pathlib

import numpy as np


@dataclasses.dataclass(frozen=True)
class Standard:
    """Mean and standard deviation of each column.

    Of the training split alone: what is held out must not tell its mean.
    A column that never changes is shifted only.

    Attributes:
        mean: tuple of float, one per column.
        deviation: tuple of float above 0, one per column.

    Example:

    ```python
    from rnnzoo.pipelines.standard import Standard

    standard = Standard.of(np.array([[1.0, 5.0], [3.0, 5.0]]))
    standard.apply(np.array([[3.0, 6.0]])).tolist()   # [[1.0, 1.0]]
    ```
    """

    mean: tuple
    deviation: tuple

    @classmethod
    def of(cls, series):
        """The statistics of a training series `(time, columns)`.

        Raises:
            ValueError: no series of finite numbers.
        """
        series = checked_series("series", series).astype("float64")
        # A sum of equal numbers may be off in its last digit.
        constant = (series == series[0]).all(axis=0)
        deviation = np.where(constant, 1.0, series.std(axis=0))
        mean = np.where(constant, series[0], series.mean(axis=0))
        return cls(tuple(mean.tolist()), tuple(deviation.tolist()))

    def apply(self, series):
        """`(..., columns)` at the scale of 1, float32.

        Raises:
            ValueError: another number of columns.
        """
        mean, deviation = self._arrays(series, None)
        scaled = (np.asarray(series, "float64") - mean) / deviation
        return scaled.astype("float32")

    def invert(self, values, columns=None):
        """Values `(..., columns)` in their own units again, float32.

        Args:
            values: what `apply` gave, or forecasts of it.
            columns: sequence of int. Which columns these are; None for all.

        Raises:
            ValueError: another number of columns.
        """
        mean, deviation = self._arrays(values, columns)
        own = np.asarray(values, "float64") * deviation + mean
        return own.astype("float32")

    def _arrays(self, values, columns):
        arrays = np.array([self.mean, self.deviation])
        if columns is not None:
            arrays = arrays[:, list(columns)]
        count = arrays.shape[1]
        if not np.ndim(values) or np.shape(values)[-1] != count:
            raise ValueError(
                f"These are the statistics of {count} columns. Received: "
                f"values of the shape {np.shape(values)}. Pass the same "
                "columns in the same order."
            )
        return arrays

    def save(self, path):
        """Writes the statistics as JSON, which `load` reads."""
        content = json.dumps(dataclasses.asdict(self), indent=1)
        pathlib.Path(path).write_text(content + "\n", encoding="ascii")

    @classmethod
    def load(cls, path):
        """The statistics that `save` wrote to the file `path`.

        Raises:
            ValueError: there are none.
        """
        try:
            content = json.loads(pathlib.Path(path).read_text("utf-8"))
            mean, deviation = (
                tuple(float(number) for number in content[name])
                for name in ("mean", "deviation")
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"Cannot read the statistics of a series from {str(path)!r}: "
                f"{error}. A file written by `Standard.save` is expected."
            ) from error
        return cls(mean, deviation)


def checked_series(name, series):
    """A series as an array `(time, columns)` of finite numbers.

    Raises:
        ValueError: it is none.
    """
    array = np.asarray(series)
    if array.ndim != 2 or not array.size or array.dtype.kind not in "fiu":
        raise ValueError(
            f"`{name}` must hold numbers of the shape (time, columns). "
            f"Received: {array.dtype} of the shape {array.shape}."
        )
    bad = ~np.isfinite(array)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            f"`{name}` holds {array[row, column]} at the time step {row}, "
            f"column {column}, and {bad.sum():,} such values. Fill them in, "
            'for example by load_series(..., fill="interpolate").'
        )
    return array
