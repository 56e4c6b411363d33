"""CSV files that say what belongs to which file of a folder."""

from rnnzoo.datasets import files
from rnnzoo.datasets.choices import did_you_mean
from rnnzoo.datasets.csv_rows import csv_rows
from rnnzoo.datasets.splitting import WORDS, split_of

_SPLIT_COLUMNS = ("split", "part")


def file_list(folder, names, columns, given=None):
    """The rows of a folder's CSV file, or files such as `train.csv`.

    Args:
        folder: Path.
        names: tuple of str. How the file may be called, most likely first;
            otherwise it is the only `.csv` file that there is.
        columns: dict from what is wanted to the names that its column may
            have, most likely first.
        given: dict from the same to the name of a column, or None.

    Returns:
        `{split: {what: list of str, "line": list of str}}`, where a line is as
        an error names it; None if there is no such file. Rows without a split
        are for training.

    Raises:
        ValueError: a missing column, a row with missing values, an unknown
            split, several files that it may be.
    """
    parts = {}
    for path, part in _paths(folder, names):
        for row in _rows(path, columns, given or {}):
            split = row.pop("split") or part
            rows = parts.setdefault(split, {key: [] for key in row})
            for key, value in row.items():
                rows[key].append(value)
    if not parts:
        return None
    return {split: parts[split] for split in WORDS if split in parts}


def located(places, name, line):
    """The file or folder that a row names.

    Args:
        places: list of Path. The folders that it may be in.
        name: str. As the row says it.
        line: str. What an error calls the row.

    Raises:
        ValueError: there is none; a similar name is suggested.
    """
    for place in places:
        path = place / name
        if path.exists():
            return path
    known = [entry.name for place in places for entry in place.iterdir()]
    raise ValueError(
        f"{line} names {name!r}, but there is no such file in "
        f"{str(places[0])!r} or its sub-folders{did_you_mean(name, known)}"
    )


def _paths(folder, names):
    """(path, split) of each file to read."""
    for name in names:
        if (folder / name).is_file():
            return [(folder / name, "train")]
    found = [p for p in files.entries(folder) if p.suffix.lower() == ".csv"]
    if len(found) == 1:
        return [(found[0], "train")]
    parts = [(path, split_of(path.stem)) for path in found]
    splits = [split for _, split in parts]
    if None in splits or len(set(splits)) < len(splits):
        raise ValueError(
            f"{str(folder)!r} has several CSV files, "
            f"{files.listed([path.name for path in found])}: call the one to "
            f"read {names[0]}."
        )
    return parts


def _rows(path, columns, given):
    rows = csv_rows(path, files.text(path))
    _, header = next(rows, (0, []))
    header = [name.strip() for name in header]
    places = {
        key: _place(path, header, key, given.get(key), known)
        for key, known in columns.items()
    }
    usual = [name for name in _SPLIT_COLUMNS if name in header]
    split_place = header.index(usual[0]) if usual else None
    count = 0
    for number, values in rows:
        count += 1
        line = f"Line {number} of {str(path)!r}"
        row = {key: values[at].strip() for key, at in places.items()}
        empty = [key for key, value in row.items() if not value]
        if empty:
            raise ValueError(
                f"{line} has nothing in the column "
                f"{header[places[empty[0]]]!r}: add it, or remove the row."
            )
        name = "" if split_place is None else values[split_place].strip()
        if name and split_of(name) is None:
            raise ValueError(
                f"{line} has the split {name!r}, where one of "
                f"{', '.join(WORDS)} is expected."
            )
        yield {**row, "line": line, "split": split_of(name)}
    if not count:
        raise ValueError(
            f"{str(path)!r} has no rows below its header: add examples."
        )


def _place(path, header, key, given, known):
    for name in known if given is None else (given,):
        if name in header:
            return header.index(name)
    expected = repr(given) if given else " or ".join(map(repr, known))
    raise ValueError(
        f"{str(path)!r} has no column {expected}, for the {key}. It has: "
        f"{', '.join(header) or 'none'}."
    )
