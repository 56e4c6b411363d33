"""Whole texts, to model their language, from anywhere."""

import dataclasses

from rnnzoo.datasets import completing, files, splitting
from rnnzoo.datasets.catalogue_rows import Rows
from rnnzoo.datasets.splitting import SPLITS, split_of

# Of each document, where documents are too few to be divided among splits.
HELD_OUT = 0.05
_FEW = 10
_DEFAULT_ENDING = "txt"


@dataclasses.dataclass(frozen=True)
class Documents:
    """What `load_documents` returns.

    Attributes:
        splits: dict. `"train"`, `"validation"` and `"test"`, each a dict of
            one list of str, `"text"`, a document each, as it is in its file.
        notes: tuple of str. What was decided on the way, to print.
    """

    splits: dict
    notes: tuple


def load_documents(dataset, text=None, limit=None, seed=0, data_dir=None):
    """The documents of a data set, as training, validation and test.

    A split that the data set lacks is cut off its training documents: a tenth
    of them, 1,000 at most, drawn by `seed`. Where there are fewer than ten, it
    is cut by position: the last 5 % of the characters of each are the test,
    and the 5 % before them the validation. One file is so divided as TFDS
    divides its `tiny_shakespeare`, into 90 %, 5 % and 5 %.

    Args:
        dataset: str. A TFDS name, as for `load`; or `"folder:PATH"`, where
            `PATH` is a file, or a folder with files, one document each, in it
            and in its folders. Files and folders called train, validation or
            test, such as `train.txt`, are those splits.
        text: str. The feature of texts; of a folder the ending of its files,
            such as "py". If None, the one text that there is, or "txt".
        limit: int. Most characters of each split; None for all.
        seed: int. Draws what is cut off.
        data_dir: folder of the data that TFDS prepares; None for its own,
            `~/tensorflow_datasets` or what `TFDS_DATA_DIR` says.

    Returns:
        A `Documents`.

    Raises:
        ValueError: an unknown data set, folder or feature; no network for a
            data set that needs it; files that are empty or not UTF-8.
    """
    completing.check_limit(limit)
    if dataset.startswith(files.PREFIX):
        origin = _Files(dataset.removeprefix(files.PREFIX), text)
    else:
        origin = _Catalogue(dataset, text, data_dir)
    parts, notes = origin.parts()
    completing.check_training(dataset, parts, "a file or folder called train")
    missing = [split for split in SPLITS if split not in parts]
    splits = {}
    for split, part in parts.items():
        # What will be cut off is read besides.
        more = 1 + bool(missing) if split == "train" else 1
        found = origin.read(part, limit and more * limit)
        splits[split] = {"text": found}
    few = len(splits["train"]["text"]) < _FEW
    if missing and few:
        splits |= _by_position(dataset, splits["train"]["text"], missing)
        sizes = ", ".join(
            f"{sum(map(len, splits[s]['text'])):,} for {s}" for s in missing
        )
        notes.append(
            f"cut off the end of each training document, in characters: {sizes}"
        )
    elif missing:
        splits |= splitting.cut(
            dataset, splits["train"], missing, seed, "text", "documents"
        )
        sizes = splitting.sizes(splits, missing, "text")
        notes.append(f"cut off the training documents: {sizes}")
    splits = {
        split: {"text": _first(splits[split]["text"], limit)}
        for split in SPLITS
    }
    known = set(splits["train"]["text"])
    for split in SPLITS[1:]:
        count = sum(text in known for text in splits[split]["text"])
        if count:
            notes.append(f"{split}: {count:,} documents also occur in train")
    return Documents(splits, tuple(notes))


class _Catalogue:
    """The documents of a TFDS data set."""

    def __init__(self, name, text, data_dir):
        self._rows = Rows(name, data_dir)
        texts = self._rows.texts()
        usual = [name for name in ("text", *self._rows.supervised[:1])]
        usual = [name for name in usual if name in texts]
        if text is not None:
            completing.chosen(name, "text", text, texts, "text")
        elif usual:
            text = usual[0]
        elif len(texts) == 1:
            text = texts[0]
        else:
            raise ValueError(
                f"{name!r} has the texts {', '.join(texts) or 'none at all'}: "
                + ("name one of them." if texts else "choose another data set.")
            )
        self._text = text

    def parts(self):
        return self._rows.parts()

    def read(self, split, limit):
        found = []
        for (text,) in self._rows.read(split, (self._text,)):
            if text.strip():
                found.append(text)
            if limit is not None:
                limit -= len(text)
                if limit <= 0:
                    break
        return found


class _Files:
    """Documents in files."""

    def __init__(self, path, text):
        self._parts, self._notes = {}, []
        ending = (text or _DEFAULT_ENDING).removeprefix(".")
        try:
            self.path = files.folder(path)
        except ValueError:
            # A file, or what that has to say.
            self.path = files.file(path)
            self._parts["train"] = [self.path]
            return
        found = sorted(
            x
            for x in self.path.rglob("*")
            if x.name.lower().endswith(f".{ending.lower()}")
            and x.is_file()
            and not any(p[0] == "." for p in x.relative_to(self.path).parts)
        )
        if not found:
            names = sorted(entry.name for entry in self.path.iterdir())
            raise ValueError(
                f"{str(self.path)!r} has no files that end in .{ending}: name "
                "another ending as text. It holds: "
                f"{files.listed(names) or 'nothing'}."
            )
        for x in found:
            # The folder at the top tells the split, or the file that is there.
            split = split_of(x.relative_to(self.path).parts[0])
            self._parts.setdefault(split, []).append(x)
        other = self._parts.pop(None, [])
        if not self._parts:
            self._parts["train"] = other
        elif other:
            names = [str(x.relative_to(self.path)) for x in other]
            self._notes.append(f"not read: {files.listed(names)}")

    def parts(self):
        return self._parts, self._notes

    def read(self, paths, limit):
        del limit  # All of it is read and checked.
        return [self._document(path) for path in paths]

    def _document(self, path):
        text = files.text(path).replace("\r\n", "\n")
        if not text.strip():
            raise ValueError(
                f"{str(path)!r} is empty, where a document is expected: remove "
                "it."
            )
        return text


def _by_position(dataset, texts, missing):
    """The end of each text for the splits in `missing`, the rest for train."""
    splits = {split: {"text": []} for split in ("train", *missing)}
    for text in texts:
        # Rounded as TFDS does: the last split has what is left over.
        ends = [int(len(text) * (1 - HELD_OUT * len(missing)))]
        rest = len(text) - ends[0]
        ends += [ends[0] + rest // len(missing)] if len(missing) > 1 else []
        starts = [0, *ends]
        for split, start, end in zip(
            splits, starts, [*ends, len(text)], strict=True
        ):
            if start == end:
                raise ValueError(
                    f"{dataset!r} has a document of {len(text)} characters, "
                    f"too few to cut off {' and '.join(missing)}: add text."
                )
            splits[split]["text"].append(text[start:end])
    return splits


def _first(texts, limit):
    """The first `limit` characters of all the texts together."""
    if limit is None:
        return texts
    found = []
    for text in texts:
        if limit > 0:
            found.append(text[:limit])
            limit -= len(text)
    return found
