"""The losses and metrics of a training, epoch by epoch."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

from rnnzoo.diagnostics.diagnosis import Diagnosis

_COLUMNS = 3
_COLOURS = {"train": "#2f6fae", "val": "#d1701f"}
# A loss that falls so far is seen on a logarithmic axis only.
_FAR = 30


def curves(history, epochs=None):
    """Draws a panel for each metric: training and validation, best epoch.

    The best epoch is that of the lowest validation loss. A loss that falls
    by a factor of 30 or more gets a logarithmic axis.

    Args:
        history: dict from a name to a list of float, one for each epoch, NaN
            where there is none: `model.fit(...).history` of Keras, with names
            such as "loss" and "val_loss"; or names such as "train/loss",
            "val/loss" and "train/lr", which is the learning rate.
        epochs: list of int, the numbers of the epochs; None: from 1 on.

    Returns:
        A `Diagnosis`. Its numbers are the lists by their names, with a slash,
        `"epochs"`, and `"best_epoch"`, None without a validation loss.

    Raises:
        ValueError: no epoch; lists that are not equally long.

    Example:

    ```python
    from rnnzoo.diagnostics.curves import curves

    figure, numbers = curves(
        {"loss": [1.0, 0.5, 0.3], "val_loss": [1.1, 0.7, 0.8]}
    )
    numbers["best_epoch"]   # 2
    ```
    """
    epochs, rows = _checked(history, epochs)
    best = _best_epoch(epochs, rows)
    panels = _panels(rows)
    lines = -(-len(panels) // _COLUMNS)
    columns = min(len(panels), _COLUMNS)
    figure = Figure(
        figsize=(3.4 * columns + 0.4, 2.5 * lines), layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis in axes[len(panels) :]:
        axis.set_axis_off()
    for axis, (name, parts) in zip(axes, panels.items(), strict=False):
        _draw(axis, name, epochs, parts, best)
    numbers = {**rows, "epochs": epochs, "best_epoch": best}
    return Diagnosis(figure, numbers)


def _checked(history, epochs):
    """`(epochs, rows)`: rows by names with a slash."""
    rows = {
        _with_slash(name): [float(value) for value in values]
        for name, values in history.items()
    }
    lengths = {len(values) for values in rows.values()}
    count = len(next(iter(rows.values()), []))
    epochs = list(range(1, count + 1) if epochs is None else epochs)
    if not count or lengths != {len(epochs)}:
        raise ValueError(
            "Curves have one value of every metric for each epoch, NaN where "
            f"there is none. Received: {len(epochs)} epochs, and lists of "
            f"{sorted(lengths) or 'no'} values."
        )
    return epochs, rows


def _with_slash(name):
    if "/" in name:
        return name
    if name in ("lr", "learning_rate"):
        return "train/lr"
    if name.startswith("val_"):
        return "val/" + name.removeprefix("val_")
    return f"train/{name}"


def _best_epoch(epochs, rows):
    losses = np.asarray(rows.get("val/loss", ()))
    if not np.isfinite(losses).any():
        return None
    return epochs[np.nanargmin(np.where(np.isinf(losses), np.nan, losses))]


def _panels(rows):
    """Metric -> {"train": ..., "val": ...}; loss first, learning rate last."""
    panels = {}
    for name, values in rows.items():
        part, _, metric = name.partition("/")
        panels.setdefault(metric, {})[part] = values
    places = {"loss": -1, "lr": 1}
    return dict(sorted(panels.items(), key=lambda p: places.get(p[0], 0)))


def _draw(axes, name, epochs, parts, best):
    # Few points are seen better with a mark each.
    mark = "o" if len(epochs) <= 30 else None
    for part, values in parts.items():
        axes.plot(
            epochs,
            values,
            color=_COLOURS.get(part, "#555555"),
            marker=mark,
            markersize=3,
            linewidth=1.4,
            label={"val": "validation", "train": "training"}.get(part, part),
        )
    title = "learning rate" if name == "lr" else name.replace("_", " ")
    if best is not None:
        axes.axvline(best, color="#999999", linewidth=0.9, linestyle="--")
        if "val" in parts:
            value = parts["val"][epochs.index(best)]
            title += f": {value:.4g} in epoch {best}"
    values = np.concatenate([np.asarray(v) for v in parts.values()])
    values = values[np.isfinite(values)]
    if name == "loss" and len(values) and values.min() > 0:
        if values.max() / values.min() >= _FAR:
            axes.set_yscale("log")
            axes.minorticks_off()
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter("{x:g}")
    axes.set_title(title, fontsize=9)
    axes.tick_params(labelsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.set_xlabel("epoch", fontsize=8)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if len(parts) > 1:
        axes.legend(fontsize=8, frameon=False)
