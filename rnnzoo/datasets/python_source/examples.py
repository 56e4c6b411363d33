"""Which files of Python's standard library each split has."""

from rnnzoo.datasets import standard_library

# Characters of each split, at most, by config of the builder.
SIZES = {
    "small": {"train": 1_000_000, "validation": 100_000, "test": 100_000},
    "large": {"train": 3_000_000, "validation": 300_000, "test": 300_000},
}
# A larger file would be much of a split.
LONGEST = 50_000
# Too little to learn from, such as a file that only imports.
SHORTEST = 500


def examples(split, size):
    """Yields the files of a split, `{"path": str, "text": str}`.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        size: one of `SIZES`. The larger has the files of the smaller, and
            more.
    """
    missing = SIZES[size][split]
    texts = standard_library.sources()
    for path in sorted(texts, key=standard_library.place):
        text = texts[path]
        if standard_library.split_of(path) != split:
            continue
        if not SHORTEST <= len(text) <= LONGEST:
            continue
        missing -= len(text)
        if missing < 0:
            break
        yield {"path": path, "text": text}
