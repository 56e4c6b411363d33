"""Files in one folder per class, or per clip: how they are found."""

from rnnzoo.datasets import files, media_rows
from rnnzoo.datasets.splitting import WORDS, split_of


def visible(folder):
    """The sub-folders of a folder, in order, without hidden ones."""
    return [entry for entry in files.entries(folder) if entry.is_dir()]


def of_kind(folder, endings):
    """The files of a folder that end so, in order, without hidden ones."""
    return [
        entry
        for entry in files.entries(folder)
        if entry.suffix.lower() in endings
    ]


def class_folders(folder, endings, what):
    """The files below `train/CLASS/` and so on, or below `CLASS/`.

    Args:
        folder: Path.
        endings: tuple of str, such as `(".png",)`, in small letters.
        what: str. What the files are, for errors.

    Returns:
        `{split: {"item": list of Path, "label": list of str}}`, with training
        only where there are no folders of splits. Classes alternate, so that
        the first few files have several.

    Raises:
        ValueError: no classes in it, a class of no files.
    """
    inside = visible(folder)
    if inside and all(split_of(entry.name) for entry in inside):
        parts = {}
        for entry in inside:
            split = split_of(entry.name)
            if split in parts:
                raise ValueError(
                    f"{str(folder)!r} has several folders for {split}, "
                    f"{parts[split].name} and {entry.name}: rename one."
                )
            parts[split] = entry
        parts = {split: parts[split] for split in WORDS if split in parts}
    else:
        parts = {"train": folder}
    return {s: _alternating(part, endings, what) for s, part in parts.items()}


def _alternating(folder, endings, what):
    classes = visible(folder)
    if not classes:
        names = sorted(entry.name for entry in folder.iterdir())
        raise ValueError(
            f"{str(folder)!r} has no sub-folders, where one per class, such as "
            f"cat/1{endings[0]}, is expected. It holds: "
            f"{files.listed(names) or 'nothing'}."
        )
    items, labels = [], []
    for entry in classes:
        found = of_kind(entry, endings)
        if not found:
            names = sorted(file.name for file in entry.iterdir())
            raise ValueError(
                f"The class {str(entry)!r} has no {what}, files that end in "
                f"{', '.join(endings)}. It holds: "
                f"{files.listed(names) or 'nothing'}."
            )
        items += found
        labels += [entry.name] * len(found)
    return media_rows.alternating({"item": items, "label": labels}, "label")
