"""Aligned texts in a folder: one file per split and language."""

import difflib
import os
import pathlib
import re

PREFIX = "folder:"

# Split -> how its files may be called; `test_2016.en` is a test file too.
_WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test",),
}
_LINES_SHOWN = 5


class Folder:
    """Files such as `train.en`, `train.de`, `val.en`, ..., `test.de`.

    The last part of a name is the language, or whatever tells the two sides
    apart. Where no file is called after a split, the only pair that there is,
    such as `talks.en` and `talks.de`, has all the examples. Files are UTF-8,
    one example per line; white space around a line is not part of it.

    Args:
        path: str. The folder, `~` allowed.

    Raises:
        ValueError: no such folder, or no pair of files in it.
    """

    usual = None  # Files do not say which language is the source.

    def __init__(self, path):
        self.path = pathlib.Path(path).expanduser()
        if not self.path.is_dir():
            raise ValueError(f"There is no folder {path!r}{self._near()}")
        files = {}  # stem -> languages
        for file in sorted(self.path.iterdir()):
            if file.is_file() and file.suffix and file.name[0] != ".":
                files.setdefault(file.stem, []).append(file.suffix[1:])
        self._stems = {
            split: sorted(
                (stem for stem in files if _split(stem) == split),
                key=lambda stem: _rank(split, stem),
            )
            for split in _WORDS
        }
        if not any(self._stems.values()):
            pairs = [stem for stem, found in files.items() if len(found) > 1]
            if len(pairs) > 1:
                raise ValueError(
                    f"{str(self.path)!r} has several pairs of files, "
                    f"{_listed(pairs)}, and none is called train: rename one."
                )
            self._stems["train"] = pairs
        stems = [stem for found in self._stems.values() for stem in found]
        self.texts = sorted({x for stem in stems for x in files[stem]})
        if len(self.texts) < 2:
            names = sorted(file.name for file in self.path.iterdir())
            raise ValueError(
                f"{str(self.path)!r} has no pair of files such as train.en and "
                f"train.de. It holds: {_listed(names) or 'nothing'}."
            )
        self._files = files

    def parts(self, names):
        """What to read for each split that there is, and notes on it.

        Args:
            names: the languages wanted.

        Returns:
            `({split: stem}, notes)`.

        Raises:
            ValueError: a split that has some of the files only.
        """
        chosen, notes = {}, []
        for split, stems in self._stems.items():
            whole = [s for s in stems if set(names) <= set(self._files[s])]
            started = [s for s in stems if set(names) & set(self._files[s])]
            if not whole and started:
                absent = min(set(names) - set(self._files[started[0]]))
                raise ValueError(
                    f"{str(self.path)!r} has no file {started[0]}.{absent}, "
                    f"but the other side of it: add it, or choose other "
                    "languages."
                )
            if whole:
                chosen[split] = whole[0]
            if len(whole) > 1:
                notes.append(
                    f"{split}: {whole[0]}; not read: {_listed(whole[1:])}"
                )
        return chosen, notes

    def read(self, stem, names, limit=None):
        """The texts of one stem, as a list of lines for each of `names`.

        All of it is read and checked, whatever the `limit` is.

        Raises:
            ValueError: a file that is empty or not UTF-8, files of different
                lengths, empty lines.
        """
        files = [self.path / f"{stem}.{name}" for name in names]
        columns = [_lines(file) for file in files]
        for file, lines in zip(files[1:], columns[1:], strict=True):
            if len(lines) != len(columns[0]):
                raise ValueError(
                    f"{str(files[0])!r} has {len(columns[0]):,} lines but "
                    f"{file.name} has {len(lines):,}, where line must answer "
                    "to line: find where they part."
                )
        for file, lines in zip(files, columns, strict=True):
            empty = [str(n) for n, line in enumerate(lines, 1) if not line]
            if empty:
                others = _listed([f.name for f in files if f != file])
                raise ValueError(
                    f"{str(file)!r} has {len(empty):,} empty lines: "
                    f"{_listed(empty)}. Remove them, and the same lines of "
                    f"{others}."
                )
        return [lines[:limit] for lines in columns], []

    def _near(self):
        parent = self.path.parent
        if not parent.is_dir():
            return f", nor {str(parent)!r}."
        names = [file.name for file in parent.iterdir() if file.is_dir()]
        match = difflib.get_close_matches(self.path.name, names, n=1)
        return f"; did you mean {str(parent / match[0])!r}?" if match else "."


def _split(stem):
    """The split that files of this stem belong to, or None."""
    for split, words in _WORDS.items():
        if re.match(rf"({'|'.join(words)})([._\-\d]|$)", stem):
            return split
    return None


def _rank(split, stem):
    """The plain name of a split comes first, then the alphabet."""
    words = _WORDS[split]
    return (words.index(stem) if stem in words else len(words), stem)


def _lines(file):
    """The lines of a file of UTF-8, without white space around them."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ValueError(
            f"Cannot read {str(file)!r}: {os.strerror(error.errno)}."
        ) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{str(file)!r} is not UTF-8: line {number} has the byte "
            f"0x{content[error.start]:02x}. Convert the file, for example "
            "with iconv."
        ) from error
    # Not splitlines: U+2028 and others inside a line would shift the rest.
    lines = text.removesuffix("\n").split("\n")
    if not text.strip():
        raise ValueError(
            f"{str(file)!r} is empty, where one example per line is expected."
        )
    return [line.strip() for line in lines]


def _listed(names):
    more = ", ..." if len(names) > _LINES_SHOWN else ""
    return ", ".join(names[:_LINES_SHOWN]) + more
