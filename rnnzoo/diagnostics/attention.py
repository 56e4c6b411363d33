"""Where a model looks, in the rows of a batch."""

import keras
import numpy as np

from rnnzoo.diagnostics.attention_grid import attention_grid
from rnnzoo.diagnostics.attention_over_image import attention_over_image
from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.diagnostics.pooled_attention import pooled_attention
from rnnzoo.diagnostics.tokens import tokens
from rnnzoo.layers import ItemEncoder


def attention(model, batch, rows=3, generated=False):
    """Draws the attention of a model to what it reads.

    * Of a model that writes, an alignment: a row for each token written, a
      column for each token read, the darker the more attention; or, where it
      reads an image, the image for each token, red where it looks.
    * Of `many_to_one` with pooling="attention", the text in the colours of
      the shares of its tokens.

    Args:
        model: seq2seq or one_to_many with attention, many_to_one with
            pooling="attention".
        batch: `(inputs, ...)` as `fit` takes it, or the inputs alone.
        rows: int. How many rows of the batch are drawn, the first ones.
        generated: bool. Whether a decoder reads what it has written itself,
            greedily, instead of the targets; without targets it does so.

    Returns:
        A `Diagnosis`. Its numbers, a list with an entry for each row drawn:

        * `"source"`: the tokens read, or the regions, from 1 on;
        * `"target"`: the tokens written; of pooling, none;
        * `"weights"`: float32 `(target tokens, source tokens)`; of pooling,
          of one row;
        * `"entropy"`: that of the attention of each target token, in nats:
          0 where it is on one token, ln n where it is spread over n;
        * `"coverage"`: what each source token gets in all;

        and over all of them `"mean_entropy"`.

    Raises:
        ValueError: a model without attention; a batch without sources.

    Example:

    ```python
    from rnnzoo.diagnostics.attention import attention

    model = rnnzoo.build("seq2seq", source_vocabulary=9, units=4)
    x = {"source": np.array([[5, 6, 7]]), "target": np.array([[8, 2]])}
    figure, numbers = attention(model, x)
    numbers["weights"][0].shape   # (2, 3)
    ```
    """
    encoder = getattr(model, "encoder", None)
    if getattr(encoder, "pooling", None) == "attention":
        figure, weights, read = pooled_attention(model, batch, rows)
        return Diagnosis(figure, _numbers(weights, read, [[]] * len(read)))
    _check(model)
    source, target = _pair(model, batch, rows, generated)
    weights = keras.ops.convert_to_numpy(
        model.looked_at(
            model.source_tensor(source),
            keras.ops.convert_to_tensor(target, "int32"),
        )
    )
    vocabulary = getattr(model, "target_vocabulary", None)
    vocabulary = vocabulary or getattr(model, "vocabulary", None)
    written = [tokens(row, vocabulary) for row in target]
    if isinstance(encoder, ItemEncoder):
        read = [[str(n + 1) for n in range(weights.shape[2])]] * len(source)
    else:
        read = [tokens(row, model.source_vocabulary) for row in source]
    weights = [
        row[: len(written[n]), : len(read[n])] for n, row in enumerate(weights)
    ]
    places = _places(encoder, source.shape)
    if places is None:
        figure = attention_grid(weights, read, written)
    else:
        figure = attention_over_image(source, weights, written, places)
    return Diagnosis(figure, _numbers(weights, read, written))


def _check(model):
    decoder = getattr(model, "decoder", None)
    if getattr(decoder, "attention", None) is None:
        raise ValueError(
            f"{type(model).__name__} has no attention to draw. Received a "
            "model without it: build a seq2seq model with "
            "attention='additive', or leave this diagnostic out."
        )


def _pair(model, batch, rows, generated):
    """`(source, target)` of the rows that are drawn."""
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
        return source, model.generate(source, details=True).tokens[:, 0]
    return source, np.asarray(target)[:rows]


def _places(encoder, shape):
    """Regions below and beside each other, where the source is an image."""
    network = getattr(encoder, "network", None)
    image = len(shape) == 3 or (len(shape) == 4 and shape[-1] in (1, 3))
    if network is None or not image:
        return None
    places = network.compute_output_shape((None, *shape[1:]))[1:-1]
    return tuple(places) if len(places) in (1, 2) else None


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
