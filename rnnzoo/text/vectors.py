"""Word vectors that others have trained, from a text file."""

import gzip
import math
import zlib

import numpy as np

from rnnzoo.text.special import LABELS, UNKNOWN

# No line of a text file of vectors is longer, in bytes.
_LONGEST_LINE = 1 << 20


def read_vectors(path, vocabulary, seed=0):
    """Vectors for the words of a vocabulary; no others are kept in memory.

    Reads the text formats of GloVe, Pennington et al. 2014,
    https://aclanthology.org/D14-1162, `word v1 ... vn` in each line, where a
    word may have spaces in it; and of word2vec and fastText, the same below a
    head line with the number of words and that of their values. The file is
    UTF-8, and may be compressed by gzip. A word that is not there as it is
    written gets the vector of its lower case; "<unk>" is that of unknown
    words. Rows of ids that are not found are drawn from the normal
    distribution that each value of the found ones has.

    The kernels of cells are initialised for features of variance 1: what has
    another is best divided by its `std()`.

    Args:
        path: str or path of the file.
        vocabulary: a vocabulary of `rnnzoo.text`, usually a `WordVocabulary`.
        seed: int. Of what is drawn.

    Returns:
        `(vectors, found)`: float32 `(len(vocabulary), n)`, and bool
        `(len(vocabulary),)`, which ids have a vector of the file;
        `found[4:].mean()` is the share of words that have one.

    Raises:
        ValueError: a file that cannot be read, is empty or cut off; lines of
            other lengths, values that are no numbers, by the number of the
            line; none of the words is there.

    Example:

    ```python
    from rnnzoo.text import WordVocabulary, read_vectors

    with open("vectors.txt", "w") as file:
        file.write("the 0.1 0.2\\ncat 0.3 -0.1\\n")
    vocabulary = WordVocabulary(["The", "dog"])
    vectors, found = read_vectors("vectors.txt", vocabulary)
    vectors.shape[1]  # 2
    found[4:].tolist()  # [True, False]
    ```
    """
    ids = {word: n for n, word in enumerate(vocabulary.pieces, len(LABELS))}
    ids["<unk>"] = UNKNOWN
    lower = {}
    for word, number in ids.items():
        lower.setdefault(word.lower(), []).append(number)
    exact = np.zeros(len(vocabulary), bool)
    found = np.zeros(len(vocabulary), bool)
    vectors = None
    for number, word, values in _words(path, ids.keys() | lower.keys()):
        row = _numbers(path, number, values)
        if vectors is None:
            vectors = np.zeros((len(vocabulary), len(row)), "float32")
        # The first of several lines for a word, and its own before another's.
        places = [n for n in lower.get(word, ()) if not found[n]]
        if word in ids and not exact[ids[word]]:
            places.append(ids[word])
            exact[ids[word]] = True
        vectors[places] = row
        found[places] = True
    if not found[len(LABELS) :].any():
        some = ", ".join(map(repr, vocabulary.pieces[:3]))
        raise ValueError(
            f"None of the {len(vocabulary.pieces):,} words of the vocabulary "
            f"({some}, ...) is in {path}. Give a file of the same language, "
            "and a vocabulary of words."
        )
    mean, spread = vectors[found].mean(axis=0), vectors[found].std(axis=0)
    drawn = np.random.RandomState(seed).normal(size=vectors.shape)
    vectors[~found] = (mean + spread * drawn[~found]).astype("float32")
    return vectors, found


def _words(path, wanted):
    """Yields `(line number, word, values)` for the wanted words of a file."""
    size = None
    for number, line in _lines(path):
        fields = line.count(b" ")
        if number == 1 and fields == 1 and line.replace(b" ", b"").isdigit():
            size = int(line.split()[1])
            continue
        if size is None:
            size = _trailing_numbers(line)
        if fields < size or not size:
            raise _of_other_length(path, number, fields, size)
        if fields == size:
            word, _, values = line.partition(b" ")
        else:  # A word with spaces, or values too many.
            word = line.rsplit(b" ", size)[0]
            values = line[len(word) :]
            if _is_number(word.rsplit(b" ", 1)[-1]):
                raise _of_other_length(path, number, fields, size)
        # Words that some tools have cut inside of a character: nobody's.
        word = word.decode("utf-8", "replace")
        if word in wanted:
            yield number, word, values.split()
    if size is None:
        raise ValueError(
            f"{path} is empty; lines of a word and its values are expected."
        )


def _lines(path):
    """Yields the lines of a file, from 1, without their ends."""
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with (gzip.open if packed else open)(path, "rb") as file:
            number = 0
            while line := file.readline(_LONGEST_LINE):
                number += 1
                if len(line) == _LONGEST_LINE:
                    raise ValueError(
                        f"Line {number} of {path} is longer than a megabyte, "
                        "so that this is no text file of word vectors. Give "
                        "one in text format, not in a binary one."
                    )
                yield number, line.rstrip(b" \r\n")
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{path} cannot be read: {reason}.") from error


def _trailing_numbers(line):
    """How many values the first line has, whose word may have spaces."""
    count = 0
    for field in reversed(line.split(b" ")[1:]):
        if not _is_number(field):
            break
        count += 1
    return count


def _is_number(field):
    try:
        float(field)
    except ValueError:
        return False
    return True


def _numbers(path, number, values):
    try:
        row = [float(value) for value in values]
        wrong = [v for v in row if not math.isfinite(v)]
    except ValueError:
        wrong = [v.decode("utf-8", "replace") for v in values]
        wrong = [v for v in wrong if not _is_number(v)]
    if wrong:
        raise ValueError(
            f"Line {number} of {path} has the value {str(wrong[0])!r}, which "
            "is no number."
        )
    return row


def _of_other_length(path, number, count, size):
    expected = f"{size} values" if size else "a word and its values"
    return ValueError(
        f"Line {number} of {path} has {count} values, where {expected} are "
        "expected, separated by single spaces. Is this a text file of word "
        "vectors, and whole?"
    )
