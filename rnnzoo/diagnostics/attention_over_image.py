"""Where a decoder looked in an image, word by word."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.labels import visible

# Inches of a picture, and how many stand beside each other, by its shape.
_SQUARE = (1.3, 6)
_WIDE = (2.1, 4)
# A region with so many times the share of all is as red as can be.
_SHARP = 3.0


def attention_over_image(images, weights, words, places):
    """Draws each image once, then once for each word with what it looked at.

    As of Xu et al. 2015, https://arxiv.org/abs/1502.03044. The image is grey
    below, and red where the attention of this word is.

    Args:
        images: array `(examples, height, width)` or `(examples, height,
            width, 1 or 3)`.
        weights: list of arrays `(words, regions)`, one for each example.
        words: list of lists of str.
        places: tuple of int. How many regions there are below and beside each
            other; or beside each other only.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas.

    Raises:
        ValueError: not one row of weights for each word, not one column for
            each region, or no example.

    Example:

    ```python
    from rnnzoo.diagnostics.attention_over_image import attention_over_image

    weights = [np.array([[0.9, 0.1], [0.2, 0.8]])]
    figure = attention_over_image(
        np.ones((1, 8, 16)), weights, [["two", "words"]], (2,)
    )
    ```
    """
    images = _grey(images)
    places = (1, *places)[-2:]
    _check(images, weights, words, places)
    height, width = images.shape[1:]
    size, columns = _WIDE if width > 1.8 * height else _SQUARE
    columns = min(columns, 1 + max(map(len, words)))
    counts = [-(-(1 + len(row)) // columns) for row in words]
    lines = sum(counts)
    figure = Figure(
        figsize=(size * columns, lines * (size * height / width + 0.3)),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    grid = figure.subplots(lines, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    first = 0
    for image, maps, row, count in zip(
        images, weights, words, counts, strict=True
    ):
        axes = grid[first : first + count].ravel()
        first += count
        axes[0].imshow(image, cmap="gray", vmin=0, vmax=1)
        for axis, map_, word in zip(axes[1:], maps, row, strict=False):
            _overlay(axis, image, np.reshape(map_, places))
            title = "".join(map(visible, word.split(" "))) or word
            axis.set_title(title, fontsize=8, pad=2, parse_math=False)
    return figure


def _overlay(axes, image, shares):
    """An image, paler, below the attention to its regions."""
    height, width = image.shape
    extent = (-0.5, width - 0.5, height - 0.5, -0.5)
    axes.imshow(0.35 + 0.55 * image, cmap="gray", vmin=0, vmax=1)
    red = np.zeros((*shares.shape, 4))
    red[..., :3] = (0.85, 0.1, 0.1)
    # Attention that is spread out is pale everywhere.
    most = max(float(shares.max()), _SHARP / shares.size)
    red[..., 3] = 0.75 * shares / most
    axes.imshow(red, extent=extent, interpolation="nearest", aspect="equal")
    axes.set(xlim=extent[:2], ylim=extent[2:])


def _grey(images):
    """Images `(examples, height, width)` from 0 to 1."""
    images = np.asarray(images, "float64")
    if images.ndim == 4:
        images = images.mean(axis=-1)
    highest = images.max(initial=0.0)
    return images / highest if highest > 1 else images


def _check(images, weights, words, places):
    regions = places[0] * places[1]
    shapes = [np.shape(maps) for maps in weights]
    expected = [(len(row), regions) for row in words]
    if shapes != expected or len(images) != len(words) or not words:
        raise ValueError(
            f"Received {len(images)} images and weights of the shapes "
            f"{shapes}, where {expected} are expected: a row for each word, "
            f"and a column for each of {places[0]} x {places[1]} regions."
        )
