"""Rows of a data set, before their files are read, as the three splits."""

from rnnzoo.datasets import splitting
from rnnzoo.datasets.files import within
from rnnzoo.datasets.splitting import SPLITS


def divided(dataset, parts, seed, classes=None, folder=None):
    """All three splits; what there is not is cut off the training rows.

    Args:
        dataset: str. Its name, for errors.
        parts: dict from a split to rows, a dict of lists of one length with
            `"item"`, what tells one example from another.
        seed: int. Draws what is cut off.
        classes: str. Of the list of classes, each of which is then cut by
            itself, so that a rare one stays in training; None to cut without.
        folder: Path. Where the items are files: what is cut off does not
            depend on where that is, or how it is written.

    Returns:
        `({split: rows}, notes)`.

    Raises:
        ValueError: no training rows, an empty split, too few rows to cut, an
            item in several splits or classes.
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
    _check_apart(dataset, parts, classes)
    missing = [split for split in SPLITS if split not in parts]
    if not missing:
        return {split: parts[split] for split in SPLITS}, []
    train = parts["train"]
    parts = parts | {split: [] for split in ("train", *missing)}
    for name, rows in _groups(train, classes, folder):
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


def alternating(rows, classes):
    """Rows such that the first few have several classes, as a limit wants."""
    counts, keys = {}, []
    for row, name in enumerate(rows[classes]):
        counts[name] = counts.get(name, 0) + 1
        keys.append((counts[name], row))
    return _taken(rows, [row for _, row in sorted(keys)])


def _check_apart(dataset, parts, classes):
    places = {}
    for split, rows in parts.items():
        names = rows[classes] if classes else [None] * len(rows["item"])
        for item, name in zip(rows["item"], names, strict=True):
            place = split if name is None else f"{split}, {name!r}"
            before = places.setdefault(item, place)
            if before != place:
                raise ValueError(
                    f"{dataset!r} has {str(item)!r} twice, for {before} and "
                    f"for {place}: leave one of them out."
                )


def _groups(rows, classes, folder):
    """(class, {"item", "row"}) for each class; (None, all) without any."""
    groups = {}
    names = rows[classes] if classes else [None] * len(rows["item"])
    for row, (name, item) in enumerate(zip(names, rows["item"], strict=True)):
        group = groups.setdefault(name, {"item": [], "row": []})
        group["item"].append(item if folder is None else within(item, folder))
        group["row"].append(row)
    return groups.items()


def _taken(rows, places):
    return {key: [values[at] for at in places] for key, values in rows.items()}
