"""What readers of data do alike: limits, cuts, numbers of labels."""

from rnnzoo.datasets import files, splitting
from rnnzoo.datasets.choices import did_you_mean
from rnnzoo.datasets.splitting import SPLITS


def check_limit(limit):
    """Refuses a `limit` that is no positive integer and not None."""
    whole = isinstance(limit, int) and not isinstance(limit, bool)
    if limit is not None and (not whole or limit < 1):
        raise ValueError(
            f"Received limit={limit!r}, where a positive integer or None is "
            "expected."
        )


def chosen(dataset, option, name, known, what):
    """`name`, which `option` asks for, if it is known.

    Raises:
        ValueError: it is not; a similar name is suggested.
    """
    if name in known:
        return name
    raise ValueError(
        f"{dataset!r} has no {what} {name!r}, which {option} asks for. It has: "
        f"{', '.join(map(str, known)) or 'none'}{did_you_mean(name, known)}"
    )


def completed(dataset, splits, key, seed, limit, what):
    """All of `SPLITS`, those that are not there cut off the training examples.

    Args:
        dataset: str. Its name, for errors.
        splits: dict from a split to a dict of lists of one length.
        key: str. Of the list whose equal values stay together.
        seed: int. Draws what is cut off, and what a `limit` keeps.
        limit: int. Most examples of each split; None for all.
        what: str. What values of `key` are called.

    Returns:
        `(splits, notes)`.

    Raises:
        ValueError: too few examples.
    """
    notes = []
    missing = [split for split in SPLITS if split not in splits]
    if missing:
        splits = splits | splitting.cut(
            dataset, splits["train"], missing, seed, key, what
        )
        sizes = splitting.sizes(splits, missing, key)
        notes.append(f"cut off the training examples: {sizes}")
    splits = {split: _drawn(splits[split], limit, seed) for split in SPLITS}
    known = set(map(str, splits["train"][key]))
    for split in SPLITS[1:]:
        values = splits[split][key]
        count = sum(str(value) in known for value in values)
        if count:
            notes.append(
                f"{split}: {count:,} of {len(values):,} {what} also occur in "
                "train"
            )
    return splits, notes


def _drawn(columns, limit, seed):
    """`limit` of the examples, in their order.

    Drawn, since in files all of one label may come first.
    """
    count = len(next(iter(columns.values())))
    if limit is None or count <= limit:
        return columns
    import numpy as np

    kept = np.random.RandomState(seed).permutation(count)[:limit]
    kept.sort()
    return {name: [rows[i] for i in kept] for name, rows in columns.items()}


def check_training(dataset, parts, expected):
    """Refuses parts without training examples; `expected` says which files."""
    if "train" not in parts:
        raise ValueError(
            f"{dataset!r} has no training examples, but {', '.join(parts)}: "
            f"{expected} is expected."
        )


def numbered(name, labels, where):
    """The number of a label.

    Args:
        name: str. The label.
        labels: dict from a label to its number.
        where: str. The place of the label, for the error.

    Raises:
        ValueError: it is not among them; a similar one is suggested.
    """
    if name in labels:
        return labels[name]
    raise ValueError(
        f"{where} has the label {name!r}, which no training example has"
        f"{did_you_mean(name, labels)} "
        "Correct it, or add training examples of it. They have: "
        f"{files.listed(list(labels))}."
    )
