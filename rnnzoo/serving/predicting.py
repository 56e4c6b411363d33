"""What a model says of texts and files, by the contract of its run."""

from rnnzoo.serving.readers import READERS
from rnnzoo.serving.writers import WRITERS


def predict(model, contract, items, batch_size=128, **options):
    """Reads, predicts, and puts it into words.

    Args:
        model: a `keras.Model`.
        contract: the `training.contract.Contract` that it was trained by.
        items: list of str: texts, or the paths of what it reads.
        batch_size: int. Items at a time; they bound the memory.
        **options: of what it gives, see `writers`: `n_best` of classes,
            `beam_width` of texts.

    Returns:
        list of str, one for each item, of one line or several.

    Raises:
        ValueError: a file that cannot be read; a model of another contract.
    """
    read = READERS[contract.inputs["kind"]]
    write = WRITERS[contract.outputs["kind"]]
    found = [None] * len(items)
    order = range(len(items))
    if contract.reads_texts:
        # Of similar length, so that little is padded.
        order = sorted(order, key=lambda number: len(items[number]))
    for start in range(0, len(items), batch_size):
        rows = order[start : start + batch_size]
        batch = [items[row] for row in rows]
        inputs, steps = read(batch, contract.inputs, model)
        texts = write(model, inputs, steps, contract, **options)
        for row, text in zip(rows, texts, strict=True):
            found[row] = text
    return found
