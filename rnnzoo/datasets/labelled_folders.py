"""Labelled texts in folders: one folder for each label, one file each text."""

from rnnzoo.datasets import files
from rnnzoo.datasets.labelled_rows import Row
from rnnzoo.datasets.splitting import split_of

# How sets with further texts call the folder of those without labels.
_UNLABELLED = {"unsup", "unlabeled", "unlabelled"}


class LabelledFolders:
    """Folders such as `train/pos`, `train/neg`, `test/pos`, `test/neg`.

    Where no folder is called after a split, those that there are, such as
    `pos` and `neg`, have all the examples. A file is one text of UTF-8; hidden
    files are not read, nor are folders such as `train/unsup`.

    Args:
        path: str. The folder, `~` allowed.

    Raises:
        ValueError: no such folder, or none with files in it.
    """

    labels = None  # Those of the training examples.
    several = False

    def __init__(self, path):
        self.path = files.folder(path)
        self._parts, self._notes = {}, []
        for folder in _folders(self.path):
            split = split_of(folder.name)
            if split in self._parts:
                self._notes.append(
                    f"{split}: {self._parts[split].name}; not read: "
                    f"{folder.name}"
                )
            elif split:
                self._parts[split] = folder
        if not self._parts:
            self._parts["train"] = self.path
        for folder in self._parts.values():
            if not any(_texts(inner) for inner in _folders(folder)):
                names = sorted(entry.name for entry in folder.iterdir())
                raise ValueError(
                    f"{str(folder)!r} has no labelled texts: tables such as "
                    "train.csv are expected, or a folder for each label with "
                    "a file for each text. It holds: "
                    f"{files.listed(names) or 'nothing'}."
                )

    def parts(self):
        """`({split: folder}, notes)`."""
        return self._parts, self._notes

    def read(self, folder):
        """The rows of a split, and notes on it.

        Raises:
            ValueError: a file that is empty or not UTF-8.
        """
        rows, notes = [], []
        for inner in _folders(folder):
            if inner.name.lower() in _UNLABELLED:
                notes.append(f"not read: {folder.name}/{inner.name}")
                continue
            for path in _texts(inner):
                text = files.text(path).strip()
                if not text:
                    raise ValueError(
                        f"{str(path)!r} is empty, where a text is expected: "
                        "remove it."
                    )
                rows.append(Row(text, (inner.name,), repr(str(path))))
        return rows, notes


def _folders(path):
    return [entry for entry in files.entries(path) if entry.is_dir()]


def _texts(path):
    return [entry for entry in files.entries(path) if entry.is_file()]
