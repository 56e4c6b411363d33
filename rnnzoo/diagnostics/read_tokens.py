"""Which tokens the recurrent layers of a model read."""

import numpy as np

from rnnzoo.diagnostics.tokens import tokens
from rnnzoo.text import BEGIN, PAD


def encoded(model, batch):
    """Texts as the inputs of a model; any other batch as it is.

    Args:
        model: one of the topologies that read tokens, with its vocabulary.
        batch: list of str, or what the model is trained on.

    Raises:
        ValueError: texts for a model without a vocabulary.
    """
    texts = isinstance(batch, list | tuple) and batch
    if not texts or not all(isinstance(text, str) for text in batch):
        return batch
    vocabulary = getattr(model, "vocabulary", None)
    if vocabulary is None or getattr(model, "decoder", None) is not None:
        raise ValueError(
            "Texts are for a model that reads them alone and has its "
            f"vocabulary. Received: {len(batch)} texts for "
            f"{type(model).__name__}. Pass the arrays that `fit` takes."
        )
    return vocabulary.encode(list(batch))


def read_tokens(model, x, path, row):
    """The tokens that a layer reads, one by one.

    Args:
        model: a Keras model.
        x: its inputs, arrays.
        path: str, of a recurrent layer. A decoder reads the targets, after
            their begin.
        row: int. Of the batch.

    Returns:
        list of str without padding; None where the layer reads no ids.
    """
    decoder = getattr(model, "decoder", None)
    if isinstance(x, dict) and decoder is not None:
        if path.startswith(f"{decoder.name}/"):
            ids = np.asarray(x["target"])[row]
            read = np.concatenate([[BEGIN], ids[:-1]])
            # What follows the end is padding's.
            return tokens(read[ids != PAD], _vocabulary(model, "target"))
        ids, vocabulary = x["source"], _vocabulary(model, "source")
    else:
        ids = x
        if isinstance(x, dict):
            ids = x.get("words", x.get("inputs"))
        vocabulary = getattr(model, "vocabulary", None)
    ids = None if ids is None else np.asarray(ids)
    if ids is None or ids.ndim != 2 or ids.dtype.kind not in "iu":
        return None
    return tokens(ids[row][ids[row] != PAD], vocabulary)


def _vocabulary(model, side):
    own = getattr(model, f"{side}_vocabulary", None)
    return getattr(model, "vocabulary", None) if own is None else own
