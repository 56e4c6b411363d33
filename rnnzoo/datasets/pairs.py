"""Pairs of texts, to translate one into the other, from anywhere."""

import dataclasses

from rnnzoo.datasets import completing, splitting
from rnnzoo.datasets.catalogue import Catalogue
from rnnzoo.datasets.files import PREFIX
from rnnzoo.datasets.folder import Folder
from rnnzoo.datasets.splitting import SPLITS


@dataclasses.dataclass(frozen=True)
class Pairs:
    """What `load_pairs` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each a dict of
            lists of strings of one length: `"source"`, `"target"`, and the
            features asked for by `also`.
        source: str. The feature or language that is the source.
        target: str. The one that is the target.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    source: str
    target: str
    notes: tuple


def load_pairs(
    dataset,
    source=None,
    target=None,
    also=(),
    limit=None,
    seed=0,
    data_dir=None,
):
    """The pairs of texts of a data set, as training, validation and test.

    A split that the data set lacks is cut off its training examples: a tenth
    of them, 1,000 at most, drawn by `seed`. No source text is then on both
    sides of a cut.

    Args:
        dataset: str. `"folder:PATH"` for aligned files such as `train.en` and
            `train.de`, see `Folder`; or a TFDS name, as for `load`.
        source: str. The source's feature, or the ending of its files. If None,
            what the data set names itself, or the first of two.
        target: str. The same of the target.
        also: sequence of str. Further text features, or endings.
        limit: int. Most examples of each split; None for all.
        seed: int. Draws what is cut off.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        A `Pairs`.

    Raises:
        ValueError: an unknown data set, folder or language; no network for a
            data set that needs it; files that are not aligned, not UTF-8, or
            have empty lines; an empty split.
    """
    completing.check_limit(limit)
    if dataset.startswith(PREFIX):
        origin = Folder(dataset.removeprefix(PREFIX))
    else:
        origin = Catalogue(dataset, data_dir)
    source, target, notes = _sides(dataset, origin, source, target)
    for name in also:
        _check_name(dataset, origin, "also", name)
    names = (source, target, *also)
    parts, more = origin.parts(names)
    notes += more
    if "train" not in parts:
        raise ValueError(
            f"{dataset!r} has no training examples: files called train."
            f"{source} and train.{target} are expected."
        )
    missing = [split for split in SPLITS if split not in parts]
    splits = {}
    for split, part in parts.items():
        cut = missing and split == "train"
        columns, more = origin.read(part, names, None if cut else limit)
        keys = ("source", "target", *also)
        splits[split] = dict(zip(keys, columns, strict=True))
        notes += more
    if missing:
        splits |= splitting.cut(
            dataset, splits["train"], missing, seed, "source", "source texts"
        )
        sizes = splitting.sizes(splits, missing, "source")
        notes.append(f"cut off the training examples: {sizes}")
    splits = {
        split: {key: texts[:limit] for key, texts in splits[split].items()}
        for split in SPLITS
    }
    notes += _repeated(splits)
    return Pairs(splits, source, target, tuple(notes))


def _sides(dataset, origin, source, target):
    """The names of the two sides, and notes on how they were chosen."""
    texts = origin.texts
    for option, name in (("source", source), ("target", target)):
        if name is not None:
            _check_name(dataset, origin, option, name)
    if source is not None and source == target:
        raise ValueError(
            f"Received {source!r} as source and as target of {dataset!r}: "
            f"choose two of {', '.join(texts)}."
        )
    if source is not None and target is not None:
        return source, target, []
    two = origin.usual or (texts if len(texts) == 2 else ())
    given = source or target
    if len(two) != 2 or given is not None and given not in two:
        if len(texts) < 2:
            raise ValueError(
                f"{dataset!r} has no two texts, to translate one into the "
                f"other, but {', '.join(texts) or 'none at all'}: choose "
                "another data set."
            )
        raise ValueError(
            f"{dataset!r} has the texts {', '.join(texts)}: name two of them, "
            "as source and as target."
        )
    first, second = two
    if first == target or second == source:
        first, second = second, first
    note = f"source: {first}, target: {second}"
    guessed = given is None and origin.usual is None
    if guessed:
        note += (
            " (in alphabetical order; name source and target to turn it round)"
        )
    return first, second, [note] if guessed else []


def _check_name(dataset, origin, option, name):
    if name not in origin.texts:
        raise ValueError(
            f"{dataset!r} has no texts called {name!r}, which {option} asks "
            f"for. It has: {', '.join(origin.texts) or 'none at all'}."
        )


def _repeated(splits):
    """Notes on sources that are held out but also learnt from."""
    known = set(splits["train"]["source"])
    notes = []
    for split in SPLITS[1:]:
        texts = splits[split]["source"]
        count = sum(text in known for text in texts)
        if count:
            notes.append(
                f"{split}: {count:,} of {len(texts):,} sources also occur in "
                "train"
            )
    return notes
