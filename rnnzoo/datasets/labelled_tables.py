"""Labelled texts in tables: CSV and TSV files with names of columns."""

import pathlib

from rnnzoo.datasets import completing, files
from rnnzoo.datasets.csv_rows import csv_rows
from rnnzoo.datasets.labelled_rows import Row
from rnnzoo.datasets.splitting import WORDS, split_of

ENDINGS = (".csv", ".tsv")
# What columns are called, if nobody says so.
TEXT = ("text", "sentence", "comment", "content", "review", "comment_text")
LABEL = ("label", "labels", "class", "category")
# Between several labels of one example.
SEPARATORS = ("|", ";")


def tables(path):
    """The tables that `path` is or holds, as a list of `pathlib.Path`.

    Raises:
        ValueError: there is neither such a file nor such a folder.
    """
    if pathlib.Path(path).suffix.lower() in ENDINGS:
        return [files.file(path)]
    return [
        entry
        for entry in files.entries(files.folder(path))
        if entry.suffix.lower() in ENDINGS and entry.is_file()
    ]


class LabelledTables:
    """Tables such as `train.csv`, `valid.csv` and `test.csv`, or one alone.

    The first line names the columns. In `.csv`, commas stand between them, or
    semicolons if the first line has no comma, and a field may be in quotation
    marks. In `.tsv` it is tabs, and a quotation mark is a character like
    others.

    Args:
        path: str. The folder or file, for errors.
        found: list of `pathlib.Path`. What `tables` found there.
        text: str. The column of texts; None for one called after `TEXT`.
        label: tuple of str. The columns of labels; None for one called after
            `LABEL`, or else all that hold 0 and 1.

    Raises:
        ValueError: tables of which none is for training, or broken ones; no
            such columns.
    """

    labels = None  # Those of the training examples.

    def __init__(self, path, found, text=None, label=None):
        self._path = str(path)
        self._parts, self._notes = _by_split(self._path, found)
        self._tables = {p: _Table(p) for p in self._parts.values()}
        first = self._tables[next(iter(self._parts.values()))]
        self._text = first.column("text", text, TEXT)
        self._labels = self._label_columns(first, label)
        self._separator = None
        if len(self._labels) > 1:
            self.labels = list(self._labels)
            self._notes.append(f"labels: {len(self._labels)} columns of 0, 1")
        else:
            self._separator = _separator(
                row[self._labels[0]] for _, row in first.rows
            )
        if self._separator:
            self._notes.append(
                f"{self._labels[0]}: several labels, {self._separator!r} "
                "between them"
            )
        self.several = len(self._labels) > 1 or self._separator is not None

    def parts(self):
        """`({split: path}, notes)`."""
        return self._parts, self._notes

    def read(self, path):
        """The rows of a table, and notes on it.

        Raises:
            ValueError: no such column; rows without text or label.
        """
        table = self._tables[path]
        for option, names in (("text", [self._text]), ("label", self._labels)):
            for name in names:
                table.column(option, name)
        rows, empty = [], []
        for line, row in table.rows:
            text = row[self._text].strip()
            place = f"Line {line} of {str(path)!r}"
            names = self._names(row, place)
            if not text or not (names or self.several):
                empty.append(line)
            rows.append(Row(text, names, place))
        if empty:
            raise ValueError(
                f"{str(path)!r} has {len(empty):,} rows without a text or "
                f"without a label, in lines {files.listed(empty)}: remove or "
                "complete them."
            )
        return rows, []

    def _names(self, row, place):
        if len(self._labels) == 1:
            value = row[self._labels[0]]
            if not self.several:
                return (value.strip(),) if value.strip() else ()
            names = (name.strip() for name in value.split(self._separator))
            return tuple(name for name in names if name)
        for name in self._labels:
            if row[name].strip() not in ("0", "1"):
                raise ValueError(
                    f"{place} has {row[name]!r} as {name}, where 0 or 1 is "
                    "expected."
                )
        return tuple(n for n in self._labels if row[n].strip() == "1")

    def _label_columns(self, table, label):
        if label is not None:
            return [table.column("label", name) for name in label]
        named = [name for name in table.columns if name.lower() in LABEL]
        if named:
            return [table.column("label", None, LABEL)]
        binary = [
            name
            for name in table.columns
            if name != self._text
            and {row[name].strip() for _, row in table.rows} <= {"0", "1"}
        ]
        if len(binary) < 2:
            table.column("label", None, LABEL)  # raises
        return binary


class _Table:
    """The columns and rows of a file, a dict for each row, with its line."""

    def __init__(self, path):
        self.path = path
        content = files.text(path)
        if not content.strip():
            raise ValueError(
                f"{str(path)!r} is empty, where a line with the names of "
                "columns is expected, and a row for each example."
            )
        (_, names), *rows = csv_rows(path, content, **_dialect(path, content))
        self.columns = [name.strip() for name in names]
        if len(set(self.columns)) < len(names):
            raise ValueError(
                f"{str(path)!r} has two columns of one name: "
                f"{files.listed(self.columns)}."
            )
        if not rows:
            raise ValueError(
                f"{str(path)!r} has the names of columns only, where a row for "
                "each example is expected."
            )
        self.rows = [
            (line, dict(zip(self.columns, fields, strict=True)))
            for line, fields in rows
        ]

    def column(self, option, name, usual=()):
        """The column `name`, or, if None, the one called after `usual`."""
        if name is not None:
            path = str(self.path)
            return completing.chosen(path, option, name, self.columns, "column")
        found = [name for name in self.columns if name.lower() in usual]
        if len(found) != 1:
            raise ValueError(
                f"{str(self.path)!r} has the columns "
                f"{', '.join(self.columns)}: name one of them as {option}."
            )
        return found[0]


def _dialect(path, content):
    if path.suffix.lower() == ".tsv":
        return {"delimiter": "\t", "quoted": False}
    head = content.lstrip().split("\n", 1)[0]
    return {"delimiter": ";" if ";" in head and "," not in head else ","}


def _separator(values):
    """What stands between labels in any of the values, or None."""
    values = list(values)
    for separator in SEPARATORS:
        if any(separator in value for value in values):
            return separator
    return None


def _by_split(path, found):
    """`({split: table}, notes)`."""
    parts, notes = {}, []
    for split, words in WORDS.items():
        mine = sorted(
            (table for table in found if split_of(table.stem) == split),
            key=lambda table: (table.stem not in words, table.name),
        )
        if mine:
            parts[split] = mine[0]
        if len(mine) > 1:
            rest = files.listed([table.name for table in mine[1:]])
            notes.append(f"{split}: {mine[0].name}; not read: {rest}")
    if not parts:
        if len(found) > 1:
            raise ValueError(
                f"{path!r} has several tables, "
                f"{files.listed([table.name for table in found])}, and none is "
                "called train: rename one."
            )
        parts["train"] = found[0]
    return parts, notes
