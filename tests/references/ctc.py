"""CTC and edit distance in NumPy, by definition: the references."""

import itertools

import numpy as np


def collapse(alignment):
    """Without repeats first, then without blanks (0)."""
    kept = [label for label, _ in itertools.groupby(alignment)]
    return tuple(label for label in kept if label)


def log_softmax(logits):
    logits = np.asarray(logits, "float64")
    highest = logits.max(axis=-1, keepdims=True)
    shares = np.exp(logits - highest).sum(axis=-1, keepdims=True)
    return logits - highest - np.log(shares)


def probabilities(logits):
    """Every sequence of labels of `(timesteps, classes)`, and its probability.

    The sum over all alignments, one by one.
    """
    timesteps, classes = np.shape(logits)
    shares = np.exp(log_softmax(logits))
    found = {}
    for alignment in itertools.product(range(classes), repeat=timesteps):
        labels = collapse(alignment)
        share = np.prod(
            [y[label] for y, label in zip(shares, alignment, strict=True)]
        )
        found[labels] = found.get(labels, 0.0) + share
    return found


def edit_distance(a, b):
    """Levenshtein's table, cell by cell."""
    table = np.zeros((len(a) + 1, len(b) + 1), int)
    table[:, 0] = np.arange(len(a) + 1)
    table[0] = np.arange(len(b) + 1)
    for i, j in itertools.product(range(1, len(a) + 1), range(1, len(b) + 1)):
        table[i, j] = min(
            table[i - 1, j] + 1,
            table[i, j - 1] + 1,
            table[i - 1, j - 1] + (a[i - 1] != b[j - 1]),
        )
    return table[-1, -1]
