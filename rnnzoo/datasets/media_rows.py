"""Rows of a data set, before their files are read, as the three splits."""

from rnnzoo.datasets import splitting
from rnnzoo.datasets.splitting import SPLITS


def check_limit(limit):
    """Raises ValueError unless `limit` is None or a positive int."""
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise ValueError(
            f"Received limit={limit!r}, where a positive integer or None is "
            "expected."
        )


def divided(dataset, parts, seed, classes=None):
    """All three splits; what there is not is cut off the training rows.

    Args:
        dataset: str. Its name, for errors.
        parts: dict from a split to rows, a dict of lists of one length with
            `"item"`, what tells one example from another.
        seed: int. Draws what is cut off.
        classes: str. Of the list of classes, each of which is then cut by
            itself, so that a rare one stays in training; None to cut without.

    Returns:
        `({split: rows}, notes)`.

    Raises:
        ValueError: no training rows, an empty split, too few rows to cut.
    """
    for split in parts:
        if not parts[split]["item"]:
            raise ValueError(
                f"The split {split!r} of {dataset!r} has no examples: add "
                "some, or choose another data set."
            )
    if "train" not in parts:
        raise ValueError(
            f"{dataset!r} has no training examples, but {', '.join(parts)}: "
            "add some."
        )
    missing = [split for split in SPLITS if split not in parts]
    if not missing:
        return {split: parts[split] for split in SPLITS}, []
    train = parts["train"]
    parts = parts | {split: [] for split in ("train", *missing)}
    for name, rows in _groups(train, classes):
        what = "examples" if name is None else f"examples of {name!r}"
        cut = splitting.cut(dataset, rows, missing, seed, "item", what)
        for split, some in cut.items():
            parts[split] += some.pop("row")
    for split in ("train", *missing):
        # In the order in which they came.
        parts[split] = _taken(train, sorted(parts[split]))
    sizes = splitting.sizes(parts, missing, "item")
    return (
        {split: parts[split] for split in SPLITS},
        [f"cut off the training examples: {sizes}"],
    )


def limited(splits, limit):
    """The first `limit` rows of each split."""
    return {
        split: {key: values[:limit] for key, values in rows.items()}
        for split, rows in splits.items()
    }


def _groups(rows, classes):
    """(class, {"item", "row"}) for each class; (None, all) without any."""
    groups = {}
    names = rows[classes] if classes else [None] * len(rows["item"])
    for row, (name, item) in enumerate(zip(names, rows["item"], strict=True)):
        group = groups.setdefault(name, {"item": [], "row": []})
        group["item"].append(item)
        group["row"].append(row)
    return groups.items()


def _taken(rows, places):
    return {key: [values[at] for at in places] for key, values in rows.items()}
