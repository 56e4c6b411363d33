"""Where the decoder of a model looks, in the rows of a batch."""

import keras
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.attention_map import draw_weights
from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.diagnostics.tokens import tokens

# Wider maps than this stand below each other.
_WIDE = 24


def attention(model, batch, rows=3, generated=False):
    """Draws the attention of a sequence-to-sequence model to its sources.

    Args:
        model: `rnnzoo.architectures.Seq2Seq` with attention.
        batch: `(inputs, ...)` as `fit` takes it, or the inputs alone: a dict
            with `"source"` and `"target"`, ids `(batch, timesteps)`.
        rows: int. How many rows of the batch are drawn, the first ones.
        generated: bool. Whether the decoder reads what it has written itself,
            greedily, instead of the targets; without targets it does so.

    Returns:
        A `Diagnosis`. Its numbers, for each row that is drawn:

        * `"source"`, `"target"`: lists of the tokens;
        * `"weights"`: float32 `(target tokens, source tokens)`;
        * `"entropy"`: that of the attention at each target token, in nats:
          0 where it is on one token, ln n where it is spread over n;
        * `"coverage"`: what each source token gets in all;

        and over all of them `"mean_entropy"`.

    Raises:
        ValueError: a model without attention, or one that reads no tokens; a
            batch without sources.

    Example:

    ```python
    from rnnzoo.diagnostics.attention import attention

    model = rnnzoo.build("seq2seq", source_vocabulary=9, units=4)
    x = {"source": np.array([[5, 6, 7]]), "target": np.array([[8, 2]])}
    figure, numbers = attention(model, x)
    numbers["weights"][0].shape   # (2, 3)
    ```
    """
    source, target = _checked(model, batch, rows, generated)
    weights = model.looked_at(
        keras.ops.convert_to_tensor(source, "int32"),
        keras.ops.convert_to_tensor(target, "int32"),
    )
    weights = keras.ops.convert_to_numpy(weights)
    read = [tokens(row, model.source_vocabulary) for row in source]
    written = [tokens(row, model.target_vocabulary) for row in target]
    weights = [
        row[: len(written[n]), : len(read[n])] for n, row in enumerate(weights)
    ]
    return Diagnosis(
        _figure(weights, read, written), _numbers(weights, read, written)
    )


def _checked(model, batch, rows, generated):
    """`(source, target)` of the rows that are drawn."""
    if getattr(getattr(model, "decoder", None), "attention", None) is None:
        raise ValueError(
            f"{type(model).__name__} has no attention to draw. Received a "
            "model without it: build a seq2seq model with "
            "attention='additive', or leave this diagnostic out."
        )
    x = keras.utils.unpack_x_y_sample_weight(batch)[0]
    if not isinstance(x, dict) or "source" not in x:
        received = sorted(x) if isinstance(x, dict) else type(x).__name__
        raise ValueError(
            "The batch must have a 'source', as `fit` takes it. Received: "
            f"{received}."
        )
    source = np.asarray(x["source"])[:rows]
    target = x.get("target")
    if target is None or generated:
        return source, model.generate(source)
    return source, np.asarray(target)[:rows]


def _numbers(weights, read, written):
    entropy = [
        -np.sum(row * np.log(np.maximum(row, 1e-30)), axis=1) for row in weights
    ]
    return {
        "source": read,
        "target": written,
        "weights": weights,
        "entropy": entropy,
        "coverage": [row.sum(axis=0) for row in weights],
        "mean_entropy": float(np.mean(np.concatenate(entropy))),
    }


def _figure(weights, read, written):
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
        # Cells of one size in all maps, and what is beyond a source left open.
        axis.set_xlim(-0.5, widest - 0.5)
        end = len(source) - 0.5
        axis.xaxis.label.set_x(len(source) / widest / 2)
        axis.spines[["top", "bottom"]].set_bounds(-0.5, end)
        axis.spines["right"].set_visible(False)
        axis.axvline(end, color="black", linewidth=0.8, clip_on=False)
    figure.colorbar(image, ax=axes, label="attention", pad=0.02, aspect=40)
    return figure
