"""Images as parts of figures."""


def show(axes, image):
    """Draws an image, without ticks.

    Args:
        axes: `matplotlib.axes.Axes`.
        image: array `(height, width, channels)` from 0 to 1: red, green and
            blue, or any other number of channels, whose mean is drawn in grey.
    """
    if image.shape[-1] != 3:
        image = image.mean(axis=-1)
    axes.imshow(image, cmap="gray", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[])
