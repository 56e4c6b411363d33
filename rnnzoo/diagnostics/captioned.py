"""Images with what a model says of them."""

import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

_COLUMNS = 3
_INCHES = 3.2


def captioned(images, captions):
    """Draws some images in rows of three, each with its caption below.

    Args:
        images: array `(examples, height, width, channels)` from 0 to 1, of one
            channel (grey) or three.
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
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(
            "Images are (examples, height, width, 1 or 3 channels). Received: "
            f"the shape {images.shape}."
        )
    if not len(images) == len(captions) > 0:
        raise ValueError(
            f"Received {len(images)} images and {len(captions)} captions, "
            "where one caption for each image is expected."
        )
    height, width = images.shape[1:3]
    rows = -(-len(images) // _COLUMNS)
    size = (_INCHES * _COLUMNS, (_INCHES * height / width + 0.7) * rows)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for axis in axes[len(images) :]:
        axis.set_axis_off()
    for axis, image, caption in zip(axes, images, captions, strict=False):
        grey = image.shape[-1] == 1
        axis.imshow(
            image[..., 0] if grey else image, cmap="gray", vmin=0, vmax=1
        )
        axis.set(xticks=[], yticks=[])
        text = axis.set_xlabel("\n".join(textwrap.wrap(caption, 40)))
        text.set(fontsize=8, parse_math=False)
    return figure
