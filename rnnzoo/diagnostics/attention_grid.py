"""The attention maps of several sequences in one figure."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.attention_map import draw_weights

# Maps that are wider stand below each other.
_WIDE = 24


def attention_grid(weights, read, written):
    """Draws an attention map for each sequence, with cells of one size.

    Args:
        weights: list of arrays `(target length, source length)`.
        read, written: lists of lists of str, the labels of the columns and
            of the rows.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas.

    Raises:
        ValueError: as `rnnzoo.diagnostics.attention_map`.
    """
    widest = max(map(len, read))
    columns = 1 if widest > _WIDE else min(2, len(weights))
    lines = -(-len(weights) // columns)
    heights = [
        max(len(t) for t in written[line * columns :][:columns])
        for line in range(lines)
    ]
    # A cell of a fifth of an inch takes a label of 8 points.
    width = max(1.2 + 0.2 * widest, 3.0)
    figure = Figure(
        figsize=(
            width * columns + 0.6,
            sum(max(1.2 + 0.2 * height, 1.6) for height in heights),
        ),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(
        lines, columns, squeeze=False, height_ratios=heights
    ).ravel()
    for axis in axes[len(weights) :]:
        axis.set_axis_off()
    for axis, row, source, target in zip(
        axes, weights, read, written, strict=False
    ):
        image = draw_weights(axis, row, source, target)
        # What is beyond a source is left open.
        axis.set_xlim(-0.5, widest - 0.5)
        end = len(source) - 0.5
        axis.xaxis.label.set_x(len(source) / widest / 2)
        axis.spines[["top", "bottom"]].set_bounds(-0.5, end)
        axis.spines["right"].set_visible(False)
        axis.axvline(end, color="black", linewidth=0.8, clip_on=False)
    figure.colorbar(image, ax=axes, label="attention", pad=0.02, aspect=40)
    return figure
