"""Generating for a whole test set."""


def generate(model, source, batch_size=512, **options):
    """Calls `model.generate` on batches of texts of similar length.

    Args:
        model: with `generate(list of str, **options)`.
        source: list of str.
        batch_size: int. Texts at a time; they bound the memory.
        **options: for `model.generate`, such as `beam_width`.

    Returns:
        list of str, in the order of `source`.

    Raises:
        ValueError: `batch_size` below 1.
    """
    if batch_size < 1:
        raise ValueError(
            f"Got batch_size={batch_size}; at least 1 text is generated for "
            "at a time."
        )
    order = sorted(range(len(source)), key=lambda index: len(source[index]))
    predictions = [None] * len(source)
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        texts = model.generate([source[row] for row in rows], **options)
        for row, text in zip(rows, texts, strict=True):
            predictions[row] = text
    return predictions
