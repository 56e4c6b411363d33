"""What every diagnostic returns: a picture, and the numbers behind it."""

import typing

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
