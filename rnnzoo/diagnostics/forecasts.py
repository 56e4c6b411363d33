"""Forecasts beside what came, as curves."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# So many rows of curves are looked at; further columns are left out.
_MOST = 8


def forecasts(past, future, forecast, columns):
    """Draws some forecasts: a row for each column, side by side.

    Step 0 is the last one that was read.

    Args:
        past: array `(examples, look back, columns)`.
        future: array `(examples, horizon, columns)`, what came.
        forecast: the same, what was forecast.
        columns: list of str. The first eight are drawn.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas.

    Raises:
        ValueError: arrays that do not fit each other or the columns.

    Example:

    ```python
    from rnnzoo.diagnostics.forecasts import forecasts

    waves = np.sin(np.arange(36.0)).reshape(1, 36, 1)
    past, future = waves[:, :24], waves[:, 24:]
    figure = forecasts(past, future, future + 0.1, ["load"])
    figure.savefig("forecasts.png")
    ```
    """
    past, future, forecast = map(np.asarray, (past, future, forecast))
    _check(past, future, forecast, columns)
    examples, rows = len(past), min(len(columns), _MOST)
    figure = Figure(
        figsize=(1.2 + 2.8 * examples, 0.9 + 1.3 * rows), layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(
        rows, examples, squeeze=False, sharex=True, sharey="row"
    )
    before = np.arange(1 - past.shape[1], 1)
    # Both go on from the last step that was read.
    ahead = np.arange(future.shape[1] + 1)
    for row, name in zip(axes, columns, strict=False):
        place = columns.index(name)
        row[0].set_ylabel(name, fontsize=8, parse_math=False)
        for axis, *curves in zip(row, past, future, forecast, strict=True):
            known, came, guess = (curve[:, place] for curve in curves)
            axis.axvline(0, color="lightgrey", linewidth=0.8)
            axis.plot(before, known, color="grey", label="read")
            for values, colour, word in (
                (came, "black", "what came"),
                (guess, "tab:orange", "forecast"),
            ):
                joined = np.concatenate([known[-1:], values])
                axis.plot(ahead, joined, color=colour, label=word)
            axis.tick_params(labelsize=7)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.supxlabel("steps ahead", fontsize=9)
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(),
        loc="outside upper center",
        ncols=3,
        fontsize=8,
        frameon=False,
    )
    return figure


def _check(past, future, forecast, columns):
    if past.ndim != 3 or not len(past) or future.shape != forecast.shape:
        raise ValueError(
            "The arrays are (examples, steps, columns), and of the future and "
            "the forecast alike. Received: the shapes "
            f"{past.shape}, {future.shape} and {forecast.shape}."
        )
    if {past.shape[2], future.shape[2]} != {len(columns)}:
        raise ValueError(
            f"Received arrays of {past.shape[2]} and {future.shape[2]} columns "
            f"and {len(columns)} names: give a name for each column."
        )
