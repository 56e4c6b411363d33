"""What every diagnostic returns: a picture, and the numbers behind it."""

import json
import math
import numbers
import typing

import numpy as np
from matplotlib.figure import Figure


class Diagnosis(typing.NamedTuple):
    """A figure and its numbers: `figure, numbers = gradient_flow(...)`.

    Attributes:
        figure: `matplotlib.figure.Figure` with an Agg canvas: it needs no
            display and touches no state of pyplot.
        numbers: dict from str to float, list or NumPy array; each diagnostic
            says which.
    """

    figure: Figure
    numbers: dict

    def json(self):
        """The numbers as JSON: arrays as lists, NaN and infinity as null."""
        return json.dumps(_plain(self.numbers), ensure_ascii=False, indent=1)

    def scalars(self):
        """Those of the numbers that are one number: dict from str to float."""
        return {
            name: float(value)
            for name, value in self.numbers.items()
            if _is_number(value)
        }


def _plain(value):
    """What JSON can write."""
    if isinstance(value, dict):
        return {str(key): _plain(value[key]) for key in value}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _is_number(value):
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iuf"
    # Those of NumPy as well.
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
