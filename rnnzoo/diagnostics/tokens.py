"""What the ids of a row are called in a picture."""

import numpy as np

from rnnzoo.text import PAD
from rnnzoo.text.special import LABELS


def tokens(ids, vocabulary=None):
    """The labels of a row of token ids, without the padding at its end.

    Args:
        ids: integers `(timesteps,)`, pad 0.
        vocabulary: one of `rnnzoo.text`, or None, where ids from 4 on stand
            for themselves. So do ids from its length on, of words to copy.

    Returns:
        list of str.
    """
    ids = np.asarray(ids)
    valid = np.flatnonzero(ids != PAD)
    ids = ids[: valid[-1] + 1] if len(valid) else ids[:0]
    if vocabulary is None:
        return [LABELS[i] if i < len(LABELS) else str(i) for i in ids]
    known = ids < len(vocabulary)
    labels = vocabulary.tokens(np.where(known, ids, PAD))
    return [
        label if is_known else str(i)
        for i, label, is_known in zip(ids, labels, known, strict=True)
    ]
