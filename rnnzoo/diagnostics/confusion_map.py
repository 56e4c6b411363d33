"""Which classes are taken for which, as a picture."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.labels import label

# Up to so many classes have room for their counts and for larger letters.
_FEW = 20


def confusion_map(counts, names):
    """Draws a confusion matrix, the darker the larger the share of its class.

    Each row is divided by its sum, so that rare classes are seen as well as
    frequent ones; the numbers, for up to 20 classes, are the counts.

    Args:
        counts: integers `(classes, classes)`, the rows being what is expected
            and the columns what is predicted.
        names: list of str, of the classes.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas: it needs no display
        and touches no state of pyplot.

    Raises:
        ValueError: no square of counts, or not one name for each class.

    Example:

    ```python
    from rnnzoo.diagnostics.confusion_map import confusion_map

    figure = confusion_map([[8, 2], [0, 9]], ["cat", "dog"])
    figure.savefig("confusion.png")
    ```
    """
    counts = np.asarray(counts)
    if counts.shape != (len(names), len(names)) or not len(names):
        raise ValueError(
            f"The counts have the shape {counts.shape}, and there are "
            f"{len(names)} names. Give a row and a column for each name."
        )
    few = len(names) <= _FEW
    # A cell of 0.4 inches takes three digits.
    size = 1.8 + (0.4 if few else 0.16) * len(names)
    figure = Figure(figsize=(size + 0.8, size), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    axes.set_xlabel("predicted")
    axes.set_ylabel("expected")
    label(axes.xaxis, names)
    label(axes.yaxis, names)
    if few:
        for row, column in np.argwhere(counts):
            axes.text(
                column,
                row,
                str(counts[row, column]),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if shares[row, column] > 0.5 else "black",
            )
    else:
        axes.tick_params(labelsize=6)
    figure.colorbar(image, ax=axes, label="share of the class", pad=0.02)
    return figure
