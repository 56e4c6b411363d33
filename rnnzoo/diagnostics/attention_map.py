"""Where a decoder looked: one row per token written, one column per read."""

import unicodedata

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.labels import label


def attention_map(weights, source_tokens, target_tokens):
    """Draws attention weights as a picture, the darker the more attention.

    The source runs from left to right in the order in which the network reads
    it, also for a right-to-left script; the axis says so. A character that
    the font lacks is labelled by its code point, a space by an open box.

    Args:
        weights: array `(target length, source length)`, from 0 to 1.
        source_tokens: list of str, the labels of the columns.
        target_tokens: list of str, the labels of the rows.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas: it needs no display
        and touches no state of pyplot.

    Raises:
        ValueError: the weights do not have one row for each target token and
            one column for each source token, or are not finite.

    Example:

    ```python
    from rnnzoo.diagnostics.attention_map import attention_map

    figure = attention_map([[0.9, 0.1], [0.2, 0.8]], ["a", "b"], ["A", "B"])
    figure.savefig("attention.png")
    ```
    """
    weights = np.asarray(weights, dtype="float64")
    _check(weights, source_tokens, target_tokens)
    rows, columns = weights.shape
    # A cell of a fifth of an inch takes a label of 8 points.
    size = max(1.6 + 0.2 * columns, 3.6), max(1.2 + 0.2 * rows, 1.6)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    image = draw_weights(axes, weights, source_tokens, target_tokens)
    figure.colorbar(image, ax=axes, label="attention", pad=0.02)
    return figure


def draw_weights(axes, weights, source_tokens, target_tokens):
    """Draws what `attention_map` draws, into a part of a figure.

    Args:
        axes: `matplotlib.axes.Axes`.
        weights, source_tokens, target_tokens: as for `attention_map`.

    Returns:
        The `matplotlib.image.AxesImage`, for a colour bar.

    Raises:
        ValueError: as `attention_map`.
    """
    weights = np.asarray(weights, dtype="float64")
    _check(weights, source_tokens, target_tokens)
    image = axes.imshow(
        weights, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto"
    )
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    label(axes.xaxis, source_tokens)
    label(axes.yaxis, target_tokens)
    axes.set_xlabel(_axis_title("read", source_tokens))
    axes.set_ylabel(_axis_title("written", target_tokens))
    return image


def attention_maps(model, source, written):
    """Draws where a translator looked while it wrote some texts.

    Args:
        model: `rnnzoo.architectures.Seq2Seq` with attention, and with both of
            its vocabularies.
        source: list of str.
        written: list of str, such as `model.generate(source)`.

    Yields:
        For each pair the `matplotlib.figure.Figure` of `attention_map`; none
        where nothing was written.
    """
    read, write = model.source_vocabulary, model.target_vocabulary
    for text, answer in zip(source, written, strict=True):
        if not answer:
            continue
        yield attention_map(
            model.attention_weights([text], [answer])[0],
            read.tokens(read.encode([text])[0]),
            write.tokens(write.encode([answer], add_end=True)[0]),
        )


def _check(weights, source_tokens, target_tokens):
    expected = (len(target_tokens), len(source_tokens))
    if weights.shape != expected or 0 in expected:
        raise ValueError(
            f"The weights have the shape {weights.shape}, but "
            f"{expected[0]} target and {expected[1]} source tokens need "
            f"{expected}. Cut padding off first: "
            "weights[:len(target_tokens), :len(source_tokens)]."
        )
    if not np.isfinite(weights).all():
        raise ValueError(
            "The weights contain NaN or infinity; attention weights lie from "
            "0 to 1. Look for a loss that became NaN."
        )


def _axis_title(title, tokens):
    if _is_right_to_left("".join(tokens)):
        return f"{title}\n(right-to-left script, first character left)"
    return title


def _is_right_to_left(text):
    kinds = [unicodedata.bidirectional(character) for character in text]
    return sum(kind in ("R", "AL") for kind in kinds) > kinds.count("L")
