"""Classes of examples, as names and as ids."""

import numpy as np

from rnnzoo.datasets import files
from rnnzoo.datasets.choices import did_you_mean


def known_labels(dataset, splits, key, names=None, remedy=""):
    """The names of all classes, from the training examples.

    Args:
        dataset: str. Its name, for errors.
        splits: dict of dicts of lists; a label is a str, or a sequence of
            them, such as one per frame.
        key: str. Of the list of labels.
        names: tuple of str. The classes that the data set itself knows, in
            its order; None for those of training, sorted.
        remedy: str. What else to say of labels that training lacks.

    Returns:
        Tuple of str.

    Raises:
        ValueError: one class only; a held-out label that training lacks.
    """
    found = {s: _counted(part[key]) for s, part in splits.items()}
    classes = sorted(found["train"], key=files.natural)
    if len(classes) < 2:
        raise ValueError(
            f"All training examples of {dataset!r} have the same label, "
            f"{', '.join(map(repr, classes))}: add examples of another class."
        )
    known = tuple(classes if names is None else names)
    for split, counts in found.items():
        for label, count in counts.items():
            if label not in known:
                raise ValueError(
                    f"{count:,} examples for {split} of {dataset!r} have the "
                    f"label {label!r}, which is none of the {len(known)} of "
                    f"training, {files.listed(known)}"
                    f"{did_you_mean(label, known)}{remedy}"
                )
    return known


def as_ids(labels, names):
    """Labels as ids, int32, by their places in `names`.

    Returns:
        An array; or a list of arrays, if a label is a sequence.
    """
    ids = {name: number for number, name in enumerate(names)}
    if labels and not isinstance(labels[0], str):
        return [np.array([ids[x] for x in one], "int32") for one in labels]
    return np.array([ids[label] for label in labels], "int32")


def _counted(labels):
    """How many examples have a label, for each that occurs."""
    counts = {}
    for one in labels:
        for label in {one} if isinstance(one, str) else set(one):
            counts[label] = counts.get(label, 0) + 1
    return counts
