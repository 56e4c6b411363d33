"""Generating for many texts."""

import sys


def generate(model, source, batch_size=512, show=False, **options):
    """Calls `model.generate` on batches of texts of similar length.

    Args:
        model: with `generate(list of str, **options)`.
        source: list of str.
        batch_size: int. Texts at a time; they bound the memory.
        show: bool. Whether a line on stderr, where that is a terminal, tells
            how far it is.
        **options: for `model.generate`, such as `beam_width`.

    Returns:
        list of what `model.generate` returns for each text, in the order of
        `source`: a str, or pairs (str, score) with `n_best`.

    Raises:
        ValueError: `batch_size` below 1.
    """
    if batch_size < 1:
        raise ValueError(
            f"Got batch_size={batch_size}; at least 1 text is generated for "
            "at a time."
        )
    show = show and len(source) > batch_size and sys.stderr.isatty()
    order = sorted(range(len(source)), key=lambda index: len(source[index]))
    predictions = [None] * len(source)
    for start in range(0, len(order), batch_size):
        if show:
            _say(f"generating: {start:,} of {len(order):,} texts")
        rows = order[start : start + batch_size]
        texts = model.generate([source[row] for row in rows], **options)
        for row, text in zip(rows, texts, strict=True):
            predictions[row] = text
    if show:
        _say("")
    return predictions


def _say(words):
    """Writes over the line that is there."""
    print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)
