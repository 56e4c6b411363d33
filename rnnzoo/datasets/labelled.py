"""Texts with labels, to classify them, from anywhere."""

import dataclasses

from rnnzoo.datasets import completing
from rnnzoo.datasets.files import PREFIX, natural
from rnnzoo.datasets.labelled_catalogue import LabelledCatalogue
from rnnzoo.datasets.labelled_folders import LabelledFolders
from rnnzoo.datasets.labelled_tables import LabelledTables, tables


@dataclasses.dataclass(frozen=True)
class Labelled:
    """What `load_labelled` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each a dict of
            lists of one length: `"text"`, of str, and `"label"`, of int, the
            place in `labels`. Where examples have `several` labels, of tuples
            of int, ascending, empty for none.
        labels: tuple of str. The names of the labels.
        several: bool. Whether an example has any number of labels, not one.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    labels: tuple
    several: bool
    notes: tuple


def load_labelled(
    dataset, text=None, label=None, limit=None, seed=0, data_dir=None
):
    """The labelled texts of a data set, as training, validation and test.

    A split that the data set lacks is cut off its training examples: a tenth
    of them, 1,000 at most, drawn by `seed`. No text is then on both sides of a
    cut. Labels are those of the training examples, in alphabetical order and
    that of numbers, or what TFDS says.

    Args:
        dataset: str. A TFDS name, as for `load`; or `"folder:PATH"` for

            * folders such as `train/pos/` and `test/neg/`, a file for each
              text, or `pos/` and `neg/` alone;
            * tables such as `train.csv` and `test.csv`, or `.tsv`, whose first
              line names the columns; `PATH` may be one table, too.

        text: str. The feature or column of texts. If None, what TFDS says, or
            the one called text, sentence, comment, content or review.
        label: str. The feature or column of labels. In a table, labels between
            ";" or "|" are several of one example; so are several columns of 0
            and 1, or features that are true or false: give them as a sequence
            of str, or as one str with commas. If None, what TFDS says, or the
            one called label, labels, class or category, or else all that hold
            0 and 1.
        limit: int. Most examples of each split; None for all.
        seed: int. Draws what is cut off, and what a `limit` keeps.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        A `Labelled`.

    Raises:
        ValueError: an unknown data set, folder, feature or column; no network
            for a data set that needs it; files that are broken, empty or not
            UTF-8; one class only; a label that no training example has; too
            few examples.
    """
    completing.check_limit(limit)
    if isinstance(label, str):
        label = tuple(name.strip() for name in label.split(","))
    elif label is not None:
        label = tuple(label)
    if dataset.startswith(PREFIX):
        origin = _in_files(dataset.removeprefix(PREFIX), text, label)
    else:
        origin = LabelledCatalogue(dataset, text, label, data_dir)
    parts, notes = origin.parts()
    completing.check_training(dataset, parts, "train/ or train.csv")
    rows = {}
    for split, part in parts.items():
        rows[split], more = origin.read(part)
        notes += more
    names = origin.labels
    if names is None:
        names = {name for row in rows["train"] for name in row.names}
        names = sorted(names, key=natural)
    if len(names) < 2 and not (origin.several and names):
        raise ValueError(
            f"The training examples of {dataset!r} are of one class only"
            f"{f', {names[0]!r}' if names else ''}: at least two are needed."
        )
    numbers = {name: number for number, name in enumerate(names)}
    splits = {
        split: {
            "text": [row.text for row in found],
            "label": [_label(row, numbers, origin.several) for row in found],
        }
        for split, found in rows.items()
    }
    splits, more = completing.completed(
        dataset, splits, "text", seed, limit, "texts"
    )
    notes += more + _unseen(names, splits["train"]["label"], origin.several)
    return Labelled(splits, tuple(names), origin.several, tuple(notes))


def _in_files(path, text, label):
    found = tables(path)
    if found:
        return LabelledTables(path, found, text, label)
    origin = LabelledFolders(path)
    if text is not None or label is not None:
        raise ValueError(
            f"{path!r} has a folder for each label, and no columns: leave out "
            "text and label."
        )
    return origin


def _label(row, numbers, several):
    found = sorted(
        {completing.numbered(name, numbers, row.place) for name in row.names}
    )
    return tuple(found) if several else found[0]


def _unseen(names, labels, several):
    """Notes on labels that no training example has."""
    known = {x for group in labels for x in group} if several else set(labels)
    unseen = [name for i, name in enumerate(names) if i not in known]
    if not unseen:
        return []
    shown = ", ".join(unseen[:5]) + (", ..." if len(unseen) > 5 else "")
    return [f"labels that no training example has: {shown}"]
