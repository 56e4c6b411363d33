"""Pieces of Python source, and the class of each of their characters."""

import functools

from rnnzoo.datasets import standard_library
from rnnzoo.datasets.python_tokens.classes import classes

SIZES = {"train": 8000, "validation": 500, "test": 1000}
# Characters of a piece.
LONGEST = 200
SHORTEST = 40
# A larger file would be much of a split.
_LONGEST_FILE = 50_000


def examples(split):
    """Yields the examples of a split, `{"tokens": ..., "tags": ...}`.

    A str, and a class for each of its characters. A piece begins where a
    logical line does, so what comes before it cannot change a class.
    """
    yield from _chosen()[split]


@functools.cache
def _chosen():
    """Split -> its examples. No text occurs twice."""
    texts = standard_library.sources()
    paths = sorted(texts, key=standard_library.place)
    chosen, known = {}, set()
    for split, size in SIZES.items():
        chosen[split] = found = []
        for path in paths:
            if standard_library.split_of(path) != split:
                continue
            if not SHORTEST <= len(texts[path]) <= _LONGEST_FILE:
                continue
            for tokens, tags in pieces(texts[path]):
                if tokens not in known:
                    known.add(tokens)
                    found.append({"tokens": tokens, "tags": tags})
            if len(found) >= size:
                del found[size:]
                break
    return chosen


def pieces(source):
    """Yields texts of whole logical lines, and classes of their characters.

    What is indented in all of a piece is not part of it, nor are empty lines
    around it. A logical line longer than `LONGEST` is cut off at its end.
    """
    tags, starts = classes(source)
    ends = [*starts[1:], len(source)]
    first = starts[0]
    for start, end in zip(starts, ends, strict=True):
        if start > first and end - first > LONGEST:
            yield from _piece(source[first:start], tags[first:start])
            first = start
    yield from _piece(source[first:], tags[first:])


def _piece(text, tags):
    lines = text.split("\n")
    margins = [len(x) - len(x.lstrip(" ")) for x in lines if x.strip()]
    margin = min(margins, default=0)
    kept, start = [], 0
    for line in lines:
        end = start + len(line) + 1
        if kept or line.strip():
            kept += range(min(start + margin, end - 1), min(end, len(text)))
        start = end
    del kept[LONGEST:]
    while kept and text[kept[-1]].isspace():
        del kept[-1]
    if len(kept) >= SHORTEST:
        yield "".join(text[i] for i in kept), [tags[i] for i in kept]
