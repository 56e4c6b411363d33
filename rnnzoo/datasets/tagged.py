"""Sequences with a tag for each token, from anywhere."""

import dataclasses

from rnnzoo.datasets import completing
from rnnzoo.datasets.files import PREFIX, natural
from rnnzoo.datasets.tagged_catalogue import TaggedCatalogue
from rnnzoo.datasets.tagged_files import TaggedFiles


@dataclasses.dataclass(frozen=True)
class Tagged:
    """What `load_tagged` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each a dict of
            lists of one length: `"tokens"`, of lists of str, and `"tags"`, of
            lists of int, the places in `labels`. The two lists of an example
            are of one length, and not empty.
        labels: tuple of str. The names of the tags.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    labels: tuple
    notes: tuple


def load_tagged(
    dataset, tokens=None, tags=None, limit=None, seed=0, data_dir=None
):
    """The tagged sequences of a data set, as training, validation and test.

    A split that the data set lacks is cut off its training examples: a tenth
    of them, 1,000 at most, drawn by `seed`. No sequence of tokens is then on
    both sides of a cut. Labels are those of the training examples, in
    alphabetical order and that of numbers, or what TFDS says.

    Args:
        dataset: str. A TFDS name, as for `load`; or `"folder:PATH"` for files
            such as `train.conll` and `test.conll`, see `TaggedFiles`; `PATH`
            may be one file, too.
        tokens: str or int. The feature of tokens, words or one text of
            characters; or the column, counted from 1, or from the end as -1,
            in CoNLL-U its name. If None, the feature `tokens`, the first
            column, or `form`.
        tags: str or int. The same of tags. If None, the only feature of
            classes, the last column, or `upos`.
        limit: int. Most examples of each split; None for all.
        seed: int. Draws what is cut off, and what a `limit` keeps.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        A `Tagged`.

    Raises:
        ValueError: an unknown data set, folder, feature or column; no network
            for a data set that needs it; files that are broken, empty or not
            UTF-8; one tag only; a tag that no training example has; too few
            examples.
    """
    completing.check_limit(limit)
    if dataset.startswith(PREFIX):
        origin = TaggedFiles(dataset.removeprefix(PREFIX), tokens, tags)
    else:
        origin = TaggedCatalogue(dataset, tokens, tags, data_dir)
    parts, notes = origin.parts()
    completing.check_training(dataset, parts, "a file such as train.conll")
    found = {}
    for split, part in parts.items():
        found[split], more = origin.read(part)
        notes += more
    names = origin.labels
    if names is None:
        names = {tag for row in found["train"] for tag in row.tags}
        names = sorted(names, key=natural)
    if len(names) < 2:
        raise ValueError(
            f"The training examples of {dataset!r} have one tag only, "
            f"{', '.join(map(repr, names)) or 'or none'}: at least two are "
            "needed. Do `tokens` and `tags` name the right ones?"
        )
    numbers = {name: number for number, name in enumerate(names)}
    splits = {
        split: {
            "tokens": [row.tokens for row in rows],
            "tags": [_numbers(row, numbers) for row in rows],
        }
        for split, rows in found.items()
    }
    splits, more = completing.completed(
        dataset, splits, "tokens", seed, limit, "sequences"
    )
    known = {tag for tags in splits["train"]["tags"] for tag in tags}
    unseen = [name for name, number in numbers.items() if number not in known]
    if unseen:
        more.append(f"tags that no training example has: {', '.join(unseen)}")
    return Tagged(splits, tuple(names), tuple(notes + more))


def _numbers(row, numbers):
    if numbers.keys() >= set(row.tags):
        return [numbers[tag] for tag in row.tags]
    # Says which one is unknown, and where.
    return [
        completing.numbered(tag, numbers, place)
        for tag, place in zip(row.tags, row.places, strict=True)
    ]
