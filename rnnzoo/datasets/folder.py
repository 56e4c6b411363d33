"""Aligned texts in a folder: one file per split and language."""

from rnnzoo.datasets import files
from rnnzoo.datasets.splitting import WORDS, split_of


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
        self.path = files.folder(path)
        found = {}  # stem -> languages
        for file in files.entries(self.path):
            if file.is_file() and file.suffix:
                found.setdefault(file.stem, []).append(file.suffix[1:])
        self._stems = {
            split: sorted(
                (stem for stem in found if split_of(stem) == split),
                key=lambda stem: _rank(split, stem),
            )
            for split in WORDS
        }
        if not any(self._stems.values()):
            pairs = [stem for stem, names in found.items() if len(names) > 1]
            if len(pairs) > 1:
                raise ValueError(
                    f"{str(self.path)!r} has several pairs of files, "
                    f"{files.listed(pairs)}, and none is called train: "
                    "rename one."
                )
            self._stems["train"] = pairs
        stems = [stem for group in self._stems.values() for stem in group]
        self.texts = sorted({x for stem in stems for x in found[stem]})
        if len(self.texts) < 2:
            names = sorted(file.name for file in self.path.iterdir())
            raise ValueError(
                f"{str(self.path)!r} has no pair of files such as train.en and "
                f"train.de. It holds: {files.listed(names) or 'nothing'}."
            )
        self._files = found

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
                    f"{split}: {whole[0]}; not read: {files.listed(whole[1:])}"
                )
        return chosen, notes

    def read(self, stem, names, limit=None):
        """The texts of one stem, as a list of lines for each of `names`.

        All of it is read and checked, whatever the `limit` is.

        Raises:
            ValueError: a file that is empty or not UTF-8, files of different
                lengths, empty lines.
        """
        paths = [self.path / f"{stem}.{name}" for name in names]
        columns = [files.lines(path) for path in paths]
        for path, lines in zip(paths[1:], columns[1:], strict=True):
            if len(lines) != len(columns[0]):
                raise ValueError(
                    f"{str(paths[0])!r} has {len(columns[0]):,} lines but "
                    f"{path.name} has {len(lines):,}, where line must answer "
                    "to line: find where they part."
                )
        for path, lines in zip(paths, columns, strict=True):
            empty = [str(n) for n, line in enumerate(lines, 1) if not line]
            if empty:
                others = files.listed([p.name for p in paths if p != path])
                raise ValueError(
                    f"{str(path)!r} has {len(empty):,} empty lines: "
                    f"{files.listed(empty)}. Remove them, and the same lines "
                    f"of {others}."
                )
        return [lines[:limit] for lines in columns], []


def _rank(split, stem):
    """The plain name of a split comes first, then the alphabet."""
    words = WORDS[split]
    return (words.index(stem) if stem in words else len(words), stem)
