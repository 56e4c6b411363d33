"""Python's own sources, of which data sets are made without a download."""

import hashlib
import itertools
import pathlib
import sys
import sysconfig
import tokenize

SHARES = {"train": 0.75, "validation": 0.1, "test": 0.15}

HOMEPAGE = "https://docs.python.org/3/library/"
CITATION = """\
@misc{python,
  title = {The Python Standard Library},
  author = {{Python Software Foundation}},
  url = {https://docs.python.org/3/library/},
}
"""
LICENSE = "Python Software Foundation License Version 2"

# What some distributions of Python leave out, and what is tables rather than
# code. Tests too are left out by many.
_OMITTED = {
    "distutils",
    "encodings",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "tkinter",
    "turtle",
    "turtledemo",
}
_TESTS = {"test", "tests"}


def version(rule):
    """The version of a data set made of these sources, such as "1.11.7".

    Another release of Python has other sources, so data of it are other data.

    Args:
        rule: int. Counts the ways in which the set has been made.
    """
    return f"{rule}.{sys.version_info.minor}.{sys.version_info.micro}"


def release_notes(rule):
    """What TFDS shows of `version(rule)`."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {version(rule): f"Made of the sources of Python {python}."}


def root():
    """The folder of Python's own modules."""
    return pathlib.Path(sysconfig.get_path("stdlib"))


def sources(names=None):
    """The text of each file of Python's own modules, tests left out.

    Args:
        names: modules and packages wanted; None for all but tables, editors
            and what not every distribution of Python has.

    Returns:
        dict from a path, such as "json/decoder.py", to a text, sorted.

    Raises:
        ValueError: the sources of Python are not on this machine.
    """
    folder = root()
    if names is None:
        names = sys.stdlib_module_names - _OMITTED
    found = {}
    for name in sorted(names):
        for path in (folder / f"{name}.py", *(folder / name).rglob("*.py")):
            parts = path.relative_to(folder).parts
            if path.is_file() and not _TESTS & set(parts):
                found["/".join(parts)] = _text(path)
    if not found:
        raise ValueError(
            f"There are no sources of Python's own modules in {str(folder)!r}, "
            "of which this data set is made: install Python with its standard "
            "library, not compiled or zipped."
        )
    return dict(sorted(found.items()))


def place(text):
    """A number in [0, 1) that is drawn by a text, for instance a path.

    So a change in one file of Python moves no other file.
    """
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def split_of(text):
    """The split into which a text falls, with the probabilities `SHARES`."""
    ends = itertools.accumulate(SHARES.values())
    passed = sum(place(text) >= end for end in ends)
    # The shares may sum up to slightly less than one.
    return list(SHARES)[min(passed, len(SHARES) - 1)]


def _text(path):
    # It knows what a file says of its own encoding.
    with tokenize.open(path) as file:
        # Between pages of paper, as of old.
        return file.read().replace("\f", "")
