"""A user's files and folders: found, read, and told apart when they are not."""

import difflib
import os
import pathlib
import re

PREFIX = "folder:"
_SHOWN = 5
# What systems and archives leave behind in folders, in small letters.
_LEFT_BEHIND = {"__macosx", "desktop.ini", "thumbs.db"}


def folder(path):
    """The folder of a path, `~` allowed.

    Raises:
        ValueError: there is none; a similar name is suggested.
    """
    path = pathlib.Path(path)
    found = path.expanduser()
    if not found.is_dir():
        raise ValueError(
            f"There is no folder {str(path)!r}"
            f"{_near(found, pathlib.Path.is_dir)}"
        )
    return found


def file(path):
    """The file of a path, `~` allowed.

    Raises:
        ValueError: there is none; a similar name is suggested.
    """
    path = pathlib.Path(path)
    found = path.expanduser()
    if found.is_dir():
        raise ValueError(
            f"{str(path)!r} is a folder: give a file that is in it."
        )
    if not found.is_file():
        raise ValueError(
            f"There is no file {str(path)!r}"
            f"{_near(found, pathlib.Path.is_file)}"
        )
    return found


def natural(name):
    """A key to sort names by, such that frame2 comes before frame10."""
    parts = re.split(r"(\d+)", str(name))
    return (
        [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p],
        str(name),  # "01" and "1" are the same number.
    )


def entries(folder):
    """What is in a folder, in natural order, without what is hidden."""
    found = [
        entry
        for entry in folder.iterdir()
        if entry.name[0] != "." and entry.name.lower() not in _LEFT_BEHIND
    ]
    return sorted(found, key=lambda entry: natural(entry.name))


def within(path, folder):
    """The name of a file below a folder, wherever that is."""
    if path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return str(path)


def text(path):
    """The content of a file of UTF-8, as a str.

    Raises:
        ValueError: it cannot be read, or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(
            f"Cannot read {str(path)!r}: {os.strerror(error.errno)}."
        ) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{str(path)!r} is not UTF-8: line {number} has the byte "
            f"0x{content[error.start]:02x}. Convert the file, for example "
            "with iconv."
        ) from error


def lines(path):
    """The lines of a file of UTF-8, without white space around them.

    Raises:
        ValueError: as for `text`; or it is empty.
    """
    content = text(path)
    if not content.strip():
        raise ValueError(
            f"{str(path)!r} is empty, where one example per line is expected."
        )
    # Not splitlines: U+2028 and others inside a line would shift the rest.
    parts = content.removesuffix("\n").split("\n")
    return [line.strip() for line in parts]


def listed(names):
    """The first few names, for a message."""
    more = ", ..." if len(names) > _SHOWN else ""
    return ", ".join(map(str, names[:_SHOWN])) + more


def _near(path, kind):
    parent = path.parent
    if not parent.is_dir():
        return f", nor {str(parent)!r}."
    names = [entry.name for entry in parent.iterdir() if kind(entry)]
    match = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {str(parent / match[0])!r}?" if match else "."
