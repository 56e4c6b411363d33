"""Images with what a model says of them."""

import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.pictures import show

_COLUMNS = 3
# Inches of a picture, for long captions and for short ones, which are those of
# small pictures mostly.
_WIDE, _NARROW = 3.2, 1.5
# Characters of a line at either width.
_LINE, _SHORT = 40, 14
_HEIGHT = 0.16


def captioned(images, captions):
    """Draws some images in rows of three, each with its caption below.

    Args:
        images: array `(examples, height, width, channels)` from 0 to 1, see
            `pictures.show`.
        captions: list of str.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas.

    Raises:
        ValueError: no images, of another shape, or not a caption for each.

    Example:

    ```python
    from rnnzoo.diagnostics.captioned import captioned

    figure = captioned(np.ones((2, 8, 24, 1)), ["seven", "forty-one"])
    figure.savefig("captions.png")
    ```
    """
    images = np.asarray(images, "float64")
    if images.ndim != 4:
        raise ValueError(
            "Images are (examples, height, width, channels). Received: the "
            f"shape {images.shape}."
        )
    if not len(images) == len(captions) > 0:
        raise ValueError(
            f"Received {len(images)} images and {len(captions)} captions, "
            "where one caption for each image is expected."
        )
    height, width = images.shape[1:3]
    rows = -(-len(images) // _COLUMNS)
    short = max(map(len, captions)) <= _SHORT
    inches, line = (_NARROW, _SHORT) if short else (_WIDE, _LINE)
    captions = [textwrap.wrap(caption, line) for caption in captions]
    below = 0.2 + _HEIGHT * max(map(len, captions))
    size = (inches * _COLUMNS, (inches * height / width + below) * rows)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for axis in axes[len(images) :]:
        axis.set_axis_off()
    for axis, image, caption in zip(axes, images, captions, strict=False):
        show(axis, image)
        text = axis.set_xlabel("\n".join(caption))
        text.set(fontsize=8, parse_math=False)
    return figure
