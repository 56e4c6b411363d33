"""What a model that pools by attention makes its summary of."""

from keras import ops
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.coloured_text import (
    LETTER,
    LINE,
    WIDTH,
    coloured_text,
    places,
)
from rnnzoo.diagnostics.read_tokens import encoded, read_tokens
from rnnzoo.diagnostics.step_losses import unpacked
from rnnzoo.layers.attention import masked_softmax


def pooled_attention(model, batch, rows=3):
    """Draws the texts of a batch in the colours of their tokens' shares.

    Args:
        model: many_to_one with pooling="attention".
        batch: `(inputs, ...)` as `fit` takes it, the inputs alone, or a list
            of texts.
        rows: int. How many rows of the batch are drawn.

    Returns:
        `(figure, weights, read)`: a list of `(1, steps)`, and a list of the
        tokens, or of numbers of steps where no tokens are read.
    """
    x = unpacked(model, encoded(model, batch))[0]
    shares, mask = _shares(model, x)
    weights, read = [], []
    for row in range(min(rows, len(shares))):
        weights.append(shares[row][mask[row]][None])
        labels = read_tokens(model, x, "", row)
        if labels is None:
            labels = [str(n + 1) for n in range(weights[-1].shape[1])]
        read.append(labels)
    return _figure(weights, read), weights, read


def _shares(model, x):
    """`(weights, mask)`, `(batch, steps)` each."""
    inputs = model.by_name(model.complete(x))
    known = model.encoder(
        **model.kind.arguments({"mask": None, **inputs}), training=False
    )
    pool = model.encoder.pool
    scores = ops.matmul(known["memory"], ops.cast(pool.w, pool.compute_dtype))
    weights = masked_softmax(scores, known["mask"])
    return ops.convert_to_numpy(weights), ops.convert_to_numpy(known["mask"])


def _figure(weights, read):
    lines = [places(tokens)[1] for tokens in read]
    widest = max(
        column + len(letters)
        for tokens in read
        for _, column, letters in places(tokens)[0]
    )
    width = max(min(widest, WIDTH), 40)
    figure = Figure(
        figsize=(
            LETTER * width + 1.1,
            LINE * sum(lines) + 0.3 * len(read) + 0.3,
        ),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(read), 1, squeeze=False, height_ratios=lines)[
        :, 0
    ]
    limit = max(float(row.max()) for row in weights)
    for axis, row, tokens in zip(axes, weights, read, strict=True):
        grounds = coloured_text(axis, tokens, row[0], limit, width)
    bar = figure.colorbar(
        grounds, ax=axes, label="attention", pad=0.02, aspect=30
    )
    # Shares are above 0, the red half of the colours.
    bar.ax.set_ylim(0, limit)
    return figure
