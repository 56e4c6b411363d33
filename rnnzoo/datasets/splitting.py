"""Training, validation and test: what splits are called, and how one is cut."""

import hashlib
import re

SPLITS = ("train", "validation", "test")

# Split -> how files, folders, rows and TFDS sets may call it.
WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test",),
}

# Of what is cut off for a split that a data set lacks.
_SHARE = 0.1
_MOST = 1000


def split_of(name):
    """The split that a name begins with, such as "Val_2016", or None."""
    for split, words in WORDS.items():
        if re.match(rf"({'|'.join(words)})([._\-\d]|$)", name.lower()):
            return split
    return None


def in_tfds(name, known):
    """The split of a TFDS set for each of ours that there is.

    Args:
        name: str. The data set, for the error.
        known: list of str. Its splits.

    Returns:
        dict from ours to theirs. A set of one split has training examples.

    Raises:
        ValueError: none of them is for training.
    """
    chosen = {}
    for split, words in WORDS.items():
        found = [word for word in words if word in known]
        if found:
            chosen[split] = found[0]
    if len(known) == 1:
        chosen = {"train": known[0]}
    if "train" not in chosen:
        raise ValueError(
            f"The data set {name!r} has no split 'train', but {known}: choose "
            "another."
        )
    return chosen


def cut(dataset, train, missing, seed, key, what="examples"):
    """Training examples divided among the splits `missing` and training.

    A tenth of them, 1,000 at most, is cut off for each. Examples of the same
    key stay together.

    Args:
        dataset: str. Its name, for the error.
        train: dict of lists of one length.
        missing: list of str. The splits to cut off.
        seed: int. Draws what is cut off.
        key: str. Of the list in `train` whose equal values stay together.
        what: str. What these are called, for the error.

    Returns:
        dict from "train" and each of `missing` to a dict as `train`.

    Raises:
        ValueError: too few examples.
    """
    keys = {str(value) for value in train[key]}
    if len(keys) <= len(missing):
        raise ValueError(
            f"{dataset!r} has {len(keys)} different {what}, too few "
            f"to cut off {' and '.join(missing)}: add examples."
        )
    size = min(max(int(len(keys) * _SHARE), 1), _MOST)
    # As good as drawn, and the same in whatever order the examples come.
    drawn = sorted(
        keys,
        key=lambda text: hashlib.sha256(f"{seed} {text}".encode()).digest(),
    )
    place = {
        text: missing[number // size]
        for number, text in enumerate(drawn[: size * len(missing)])
    }
    parts = {s: {name: [] for name in train} for s in ("train", *missing)}
    for number, value in enumerate(train[key]):
        rows = parts[place.get(str(value), "train")]
        for name, values in train.items():
            rows[name].append(values[number])
    return parts


def sizes(splits, names, key):
    """ "100 for validation, 100 for test", to tell what was cut off."""
    return ", ".join(f"{len(splits[name][key]):,} for {name}" for name in names)
