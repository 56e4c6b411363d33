"""Tagged sequences in files: a token and its tag in a line, as CoNLL has it."""

import collections
import pathlib
import re

from rnnzoo.datasets import completing, files, splitting
from rnnzoo.datasets.splitting import WORDS
from rnnzoo.datasets.tagged_rows import Row

ENDINGS = ("bio", "conll", "conllu", "iob", "iob2", "tsv", "txt")
# The columns of CoNLL-U that have one value for a word.
COLUMNS = ("form", "lemma", "upos", "xpos", "deprel")
# What CoNLL-2003 calls its splits.
_OF_2003 = {"testa": "validation", "testb": "test"}
_DOCUMENT = "-DOCSTART-"


class TaggedFiles:
    """Files such as `train.conll`, `dev.conll` and `test.conll`, or one alone.

    An empty line ends a sequence. Other lines have columns, with tabs between
    them, or spaces if there are no tabs. Lines that begin a document
    (-DOCSTART-) are not read, nor are comments, which begin with "#" and have
    another number of columns, or "=" in them.

    In `.conllu` files columns have names, and words are read, not multiword
    tokens (1-2) or empty nodes (1.1).

    A file is of the split that its name begins or ends with, as
    `en_ewt-ud-train.conllu` or `eng.testa`.

    Args:
        path: str. The folder or file, `~` allowed.
        tokens: str or int. The column of tokens: its number, counted from 1, or
            from the end as -1, or its name, one of `COLUMNS`; None for the
            first, or `form`.
        tags: str or int. That of tags; None for the last, or `upos`.

    Raises:
        ValueError: no such folder, no files of that kind, several of which
            none is called after a split, or no such column.
    """

    labels = None  # Those of the training examples.

    def __init__(self, path, tokens=None, tags=None):
        self._columns = {"tokens": tokens, "tags": tags}
        self._notes = []
        if pathlib.Path(path).expanduser().is_file():
            self._parts = {"train": files.file(path)}
            return
        folder = files.folder(path)
        names = [entry for entry in files.entries(folder) if entry.is_file()]
        self._parts = self._by_split(names)
        if not self._parts:
            named = [x for x in names if x.suffix[1:].lower() in ENDINGS]
            if len(named) != 1:
                raise ValueError(
                    f"{str(folder)!r} has no file called train, such as "
                    f"train.conll, and {len(named) or 'none'} that could be "
                    "it. It holds: "
                    f"{files.listed([x.name for x in names]) or 'nothing'}."
                )
            self._parts["train"] = named[0]

    def _by_split(self, paths):
        found = {}
        for path in paths:
            found.setdefault(_split(path), []).append(path)
        for split in WORDS:
            if len(found.get(split, ())) > 1:
                first, *rest = found[split]
                self._notes.append(
                    f"{split}: {first.name}; not read: "
                    f"{files.listed([path.name for path in rest])}"
                )
        return {split: found[split][0] for split in WORDS if split in found}

    def parts(self):
        """`({split: path}, notes)`."""
        return self._parts, self._notes

    def read(self, path):
        """The rows of a file, and notes on it.

        Raises:
            ValueError: a file that is empty, broken or not UTF-8.
        """
        content = files.text(path)
        blocks = list(_blocks(content))
        conllu = path.suffix.lower() == ".conllu"
        rows = (_of_conllu if conllu else _of_columns)(
            path, blocks, self._columns
        )
        if not rows:
            raise ValueError(
                f"{str(path)!r} has no tagged sequences, where lines with a "
                "token and its tag are expected."
            )
        return rows, []


def _split(path):
    """The split that a name begins or ends with, or None.

    A file whose ending is neither of those known nor a split is none.
    """
    *_, ending = path.name.lower().split(".")
    known = {word for words in WORDS.values() for word in words} | set(_OF_2003)
    if ending not in known and ending not in ENDINGS:
        return None
    stem = path.stem.lower() if ending in ENDINGS else path.name.lower()
    last = re.split(r"[._\-]", stem)[-1]
    return (
        splitting.split_of(stem)
        or splitting.split_of(last)
        or _OF_2003.get(last)
    )


def _blocks(content):
    """Yields the lines between empty lines, each with its number."""
    block = []
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            block.append((number, line.rstrip("\r")))
        elif block:
            yield block
            block = []
    if block:
        yield block


# === Columns without names ===


def _of_columns(path, blocks, wanted):
    fields = [
        [(number, _fields(line), line) for number, line in block]
        for block in blocks
    ]
    # A token may be "#", so comments are told apart by what follows.
    counts = collections.Counter(
        len(found)
        for block in fields
        for _, found, line in block
        if not line.startswith("#") and found[0] != _DOCUMENT
    )
    if not counts:
        return []
    [(width, _)] = counts.most_common(1)
    places = {
        option: _position(path, option, wanted[option], width)
        for option in wanted
    }
    rows = []
    for block in fields:
        kept = []
        for number, found, line in block:
            comment = line.startswith("#") and (
                len(found) != width or "=" in found
            )
            if comment or found[0] == _DOCUMENT:
                continue
            if len(found) != width:
                raise ValueError(
                    f"Line {number} of {str(path)!r} has {len(found)} columns, "
                    f"where most have {width}: {line[:60]!r}."
                )
            for option, at in places.items():
                if not found[at]:
                    raise ValueError(
                        f"Line {number} of {str(path)!r} has nothing in the "
                        f"column of {option}: {line[:60]!r}."
                    )
            kept.append((number, found))
        if kept:
            rows.append(
                Row(
                    [found[places["tokens"]] for _, found in kept],
                    [found[places["tags"]] for _, found in kept],
                    [f"Line {n} of {str(path)!r}" for n, _ in kept],
                )
            )
    return rows


def _fields(line):
    # With tabs, a token may have spaces in it.
    if "\t" in line:
        return [field.strip() for field in line.split("\t")]
    return line.split()


def _position(path, option, wanted, width):
    """The place of a column in a row of `width` columns."""
    if width < 2:
        raise ValueError(
            f"{str(path)!r} has one column, where a token and its tag are "
            "expected in each line."
        )
    if wanted is None:
        return 0 if option == "tokens" else width - 1
    try:
        number = int(wanted)
    except ValueError:
        number = 0
    if not 1 <= abs(number) <= width:
        raise ValueError(
            f"{str(path)!r} has no column {wanted!r}, which {option} asks for: "
            f"its columns are 1 to {width}, counted from the end -1 to "
            f"-{width}."
        )
    return number - 1 if number > 0 else number + width


# === CoNLL-U ===


def _of_conllu(path, blocks, wanted):
    import conllu

    names = {
        option: _name(path, option, wanted[option], usual)
        for option, usual in (("tokens", "form"), ("tags", "upos"))
    }
    rows = []
    for block in blocks:
        first, last = block[0][0], block[-1][0]
        lines = "\n".join(line for _, line in block)
        try:
            sentences = conllu.parse(lines)
        except conllu.exceptions.ParseException as error:
            raise ValueError(
                f"{str(path)!r} is no CoNLL-U in lines {first} to {last}: "
                f"{error}"
            ) from error
        for sentence in sentences:
            # The id of a multiword token or of an empty node is no number.
            numbers = [n for n, line in block if not line.startswith("#")]
            words = [
                (number, token)
                for number, token in zip(numbers, sentence, strict=True)
                if isinstance(token["id"], int)
            ]
            if not words:
                continue
            row = Row([], [], [])
            for number, token in words:
                row.tokens.append(token[names["tokens"]])
                row.tags.append(token[names["tags"]])
                row.places.append(f"Line {number} of {str(path)!r}")
            rows.append(row)
    return rows


def _name(path, option, wanted, usual):
    if wanted is None:
        return usual
    return completing.chosen(str(path), option, wanted, COLUMNS, "column")
