"""A series in a file of comma-separated values."""

import dataclasses
import datetime
import math
import re

import numpy as np

from rnnzoo.datasets import files
from rnnzoo.datasets.choices import did_you_mean
from rnnzoo.datasets.csv_rows import csv_rows

# What stands for a value that is missing, in lower case.
MISSING = ("", "nan", "na", "n/a", "null", "none", "-", "?")

# A year, perhaps with month, day and time of day.
_DATE = re.compile(
    r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[ T]+(\d{1,2})(:.+))?)?)?"
)
_DELIMITERS = ",;\t"
_SHOWN = 8


@dataclasses.dataclass(frozen=True)
class Table:
    """What a file holds: its time steps and columns of numbers.

    Attributes:
        times: datetime64[s] (rows,), of UTC where the file has offsets.
        values: float64 (rows, columns), NaN where missing.
        columns: tuple of str.
        lines: the line of each row in the file, int (rows,).
        notes: tuple of str, to print.
    """

    times: np.ndarray
    values: np.ndarray
    columns: tuple
    lines: np.ndarray
    notes: tuple


def read(path, time=None, columns=None):
    """A CSV with a line of names, a column of times and columns of numbers.

    Fields are separated by commas, semicolons or tabs; numbers have a point.
    Times are ISO 8601, such as 2016-07-01 13:00:00, also with slashes.

    Args:
        path: str. The file, `~` allowed.
        time: str. The column of times; None for the first that holds some.
        columns: sequence of str. The columns of numbers to read; None for all.

    Returns:
        A `Table`.

    Raises:
        ValueError: no such file or column; not UTF-8; nothing in it; fields
            that are no number or no time; no column of times.
    """
    path = files.file(path)
    header, rows, lines = _fields(path)
    _check_columns(path, header, time, columns)
    time = _time_column(path, header, rows) if time is None else time
    if columns is not None and time in columns:
        raise ValueError(
            f"{str(path)!r}: {time!r} is the column of times, and none of "
            "numbers to read: leave it out."
        )
    place = header.index(time)
    times = _times(path, time, [row[place] for row in rows], lines)
    values, names, left_out = [], [], []
    for place, name in enumerate(header):
        if name == time or columns is not None and name not in columns:
            continue
        texts = [row[place] for row in rows]
        if columns is None and not any(_is_number(text) for text in texts):
            left_out.append(name)
            continue
        values.append(_numbers(path, name, texts, lines))
        names.append(name)
    if not names:
        raise ValueError(
            f"{str(path)!r} has no column of numbers beside {time!r}, but "
            f"{listed(left_out) or 'none at all'}."
        )
    if columns is not None:
        order = [names.index(name) for name in columns]
        values, names = [values[n] for n in order], list(columns)
    notes = []
    if left_out:
        notes.append(f"not read, as they hold no numbers: {listed(left_out)}")
    return Table(
        times,
        np.stack(values, axis=1),
        tuple(names),
        np.array(lines),
        tuple(notes),
    )


def _fields(path):
    """`(names, rows, lines)`: rows of as many fields as there are names."""
    text = files.text(path)
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    found = csv_rows(path, text, delimiter)
    _, header = next(found, (0, []))
    header = [name.strip() for name in header]
    if not header:
        raise ValueError(
            f"{str(path)!r} is empty, where a line of names and a row for "
            "each time step are expected."
        )
    if all(_is_number(name) or _time(name) is not None for name in header):
        raise ValueError(
            f"{str(path)!r} must start with a line of names, such as "
            f"date,load,price. Its first line is {first.strip()[:60]!r}."
        )
    twice = [name for name in header if header.count(name) > 1]
    if twice:
        raise ValueError(
            f"{str(path)!r} has several columns called {twice[0]!r}: rename "
            "them."
        )
    rows, lines = [], []
    for line, fields in found:
        rows.append([field.strip() for field in fields])
        lines.append(line)
    if not rows:
        raise ValueError(
            f"{str(path)!r} has names of columns, but no row below them."
        )
    return header, rows, lines


# === Columns ===


def _check_columns(path, header, time, columns):
    wanted = [] if time is None else [time]
    for name in [*wanted, *(columns or ())]:
        if name not in header:
            raise ValueError(unknown_column(str(path), name, header))
    if columns is not None and len(set(columns)) < len(columns):
        raise ValueError(
            f"Received columns={list(columns)}, where each is named once."
        )


def unknown_column(source, name, known):
    """The message that a column does not exist."""
    hint = did_you_mean(name, known)
    return f"{source!r} has no column {name!r}{hint} It has: {listed(known)}."


def _time_column(path, header, rows):
    """The first column whose first field is a time, and no number."""
    for name, field in zip(header, rows[0], strict=True):
        if not _is_number(field) and _time(field) is not None:
            return name
    raise ValueError(
        f"{str(path)!r} has no column of times such as 2016-07-01 13:00:00 in "
        f"ISO 8601: its columns are {listed(header)}, and its first row "
        f"starts with {rows[0][0]!r}. Add one, or name it by `time`."
    )


# === Fields ===


def _is_number(text):
    try:
        _number(text)
    except ValueError:
        return False
    return text.lower() not in MISSING


def _number(text):
    # Python's own numbers may have underscores in them.
    return float(text.replace("_", "~"))


def _numbers(path, name, texts, lines):
    """float64 (rows,), NaN where missing."""
    numbers = np.empty(len(texts))
    for place, text in enumerate(texts):
        try:
            numbers[place] = _number(text)
        except ValueError:
            if text.lower() not in MISSING:
                raise ValueError(
                    f"{str(path)!r} has {text!r} in the column {name!r}, line "
                    f"{lines[place]}, where a number such as 12.5 is "
                    "expected: correct it, or choose other `columns`."
                ) from None
            numbers[place] = math.nan
    infinite = np.isinf(numbers)
    if infinite.any():
        place = int(infinite.argmax())
        raise ValueError(
            f"{str(path)!r} has {texts[place]!r} in the column {name!r}, line "
            f"{lines[place]}, where finite numbers are expected: correct it, "
            "or leave the field empty and fill it in."
        )
    return numbers


def _times(path, name, texts, lines):
    times = [_time(text) for text in texts]
    if None in times:
        place = times.index(None)
        raise ValueError(
            f"{str(path)!r} has {texts[place]!r} in the column of times "
            f"{name!r}, line {lines[place]}, where ISO 8601 is expected, such "
            "as 2016-07-01 13:00:00: convert it, or name another by `time`."
        )
    return np.array(times)


def _time(text):
    """The time that a text says, as datetime64[s]; None if it is none."""
    parts = _DATE.fullmatch(text)
    if parts is not None:
        # As Python reads it, which wants two digits and no slashes.
        year, month, day, hour, rest = parts.groups()
        text = f"{year}-{int(month or 1):02}-{int(day or 1):02}"
        text += "" if hour is None else f"T{int(hour):02}{rest}"
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is not None:
        found = found.astimezone(datetime.UTC).replace(tzinfo=None)
    return np.datetime64(found, "s")


def listed(names):
    """The first of some names, as text."""
    names = list(names)
    more = ", ..." if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
