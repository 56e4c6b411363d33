"""A vocabulary whose tokens are words, what stands between spaces."""

import collections
import numbers

import numpy as np

from rnnzoo.text.checks import checked_lines
from rnnzoo.text.special import END, LABELS, PAD, UNKNOWN
from rnnzoo.text.vocabulary import Vocabulary


class WordVocabulary(Vocabulary):
    """Words and their ids.

    A word is what stands between white space, taken as it comes. Ids 0 to 3
    are pad, begin, end and unknown; the words follow from 4 in the order
    given. Texts come back with single spaces.

    For models that copy, words outside the vocabulary can have ids of their
    own in each line, from `len(vocabulary)` on: see `encode_open`.

    Args:
        words: sequence of distinct strings without white space.

    Example:

    >>> vocabulary = WordVocabulary.from_texts(["a rose is a rose"], size=6)
    >>> vocabulary.pieces
    ('a', 'rose')
    >>> vocabulary.encode(["a red rose"]).tolist()
    [[4, 3, 5]]
    >>> ids, words = vocabulary.encode_open(["a red rose"])
    >>> ids.tolist(), words
    ([[4, 6, 5]], [['red']])
    >>> vocabulary.decode(ids, words)
    ['a red rose']
    """

    def __init__(self, words):
        if isinstance(words, str):
            raise ValueError(
                f"Received words={words!r}, one string, where several are "
                "expected. Take those of a text with `from_texts([text])`."
            )
        words = list(words)
        for word in words:
            if not isinstance(word, str) or word.split() != [word]:
                raise ValueError(
                    f"Received {word!r} among `words`, where strings without "
                    "white space are expected."
                )
        self.pieces = tuple(words)
        self._ids = {
            word: number for number, word in enumerate(words, len(LABELS))
        }
        if len(self._ids) != len(words):
            counts = collections.Counter(words)
            repeated = sorted(word for word in counts if counts[word] > 1)
            raise ValueError(
                f"`words` must be distinct, but {repeated} occur more than "
                "once. Remove the repetitions."
            )

    @classmethod
    def from_texts(cls, texts, size=None, min_count=1):
        """The vocabulary of the words in `texts`, the most frequent first.

        Words of equal frequency are ordered by their spelling.

        Args:
            texts: sequence of non-empty strings.
            size: int or None. Most ids, the four special ones included.
            min_count: int. Rarer words are unknown.

        Raises:
            ValueError: no texts; sizes that leave no word.
        """
        texts = checked_lines(texts)
        if not texts:
            raise ValueError(
                "Received no text to take words from. Give at least one line."
            )
        for name, value in (("size", size), ("min_count", min_count)):
            is_number = isinstance(value, numbers.Integral) and value >= 1
            if value is not None and not is_number:
                raise ValueError(
                    f"Received {name}={value!r}, where a positive integer is "
                    "expected."
                )
        counts = collections.Counter(w for text in texts for w in text.split())
        words = sorted(counts, key=lambda word: (-counts[word], word))
        words = [word for word in words if counts[word] >= min_count]
        words = words[: None if size is None else max(size - len(LABELS), 0)]
        if not words:
            raise ValueError(
                f"Received size={size} and min_count={min_count}, which leave "
                f"none of the {len(counts)} words of these texts. The four "
                "special ids count in `size`."
            )
        return cls(words)

    def encode(self, texts, add_end=False):
        """Ids of some lines, padded on the right to the longest.

        Args:
            texts: sequence of strings with at least one word.
            add_end: whether each row ends with `END`, as targets must.

        Returns:
            int32 array of shape (lines, longest), where unknown words are
            `UNKNOWN`.
        """
        rows = [
            [self._ids.get(word, UNKNOWN) for word in line]
            for line in self._split(texts)
        ]
        return padded(rows, add_end)

    def encode_open(self, texts, add_end=False, words=None):
        """As `encode`, with ids for the unknown words of each line.

        Args:
            texts, add_end: as for `encode`.
            words: for each line the list of words that have ids, from
                `len(self)` on: those that `encode_open` returned for the
                sources of these targets. None: the line's own.

        Returns:
            `(ids, words)`.
        """
        lines = self._split(texts)
        if words is None:
            words = [
                list(dict.fromkeys(w for w in line if w not in self._ids))
                for line in lines
            ]
        check_words(words, len(lines))
        rows = []
        for line, own in zip(lines, words, strict=True):
            extra = {word: n for n, word in enumerate(own, len(self))}
            rows.append([self._ids.get(w, extra.get(w, UNKNOWN)) for w in line])
        return padded(rows, add_end), words

    def decode(self, ids, words=None):
        """Strings of some rows of ids: the inverse of `encode`.

        A row is read up to its first `END`. `PAD` and `BEGIN` leave no trace,
        `UNKNOWN` becomes U+FFFD, the replacement character.

        Args:
            ids: integers of shape (lines, timesteps), or a list of such rows.
            words: of each line, as `encode_open` returned them, or None.

        Returns:
            A list of strings, one per row.
        """
        spelling = ["", "", "", "\ufffd", *self.pieces]
        words = [()] * len(ids) if words is None else words
        check_words(words, len(ids))
        lines = []
        for row, own in zip(ids, words, strict=True):
            line = [
                spelling[n] if n < len(self) else own[n - len(self)]
                for n in self._up_to_end(row, len(own))
            ]
            lines.append(" ".join(word for word in line if word))
        return lines

    def get_config(self):
        return {"words": list(self.pieces)}

    def _split(self, texts):
        lines = [text.split() for text in checked_lines(texts)]
        for number, line in enumerate(lines, start=1):
            if not line:
                raise ValueError(
                    f"line {number} is blank, but every line must hold at "
                    "least one word: remove it, with its counterpart."
                )
        return lines


def check_words(words, lines):
    """Raises `ValueError` unless there is a list of words for each line."""
    if len(words) != lines or any(isinstance(own, str) for own in words):
        raise ValueError(
            f"Received {lines} lines, and words={words!r:.60}, where a list of "
            "words for each line is expected. Pass what `encode_open` "
            "returned for the same examples."
        )


def padded(rows, add_end):
    """Lists of ids as one array."""
    rows = [row + [END] * bool(add_end) for row in rows]
    ids = np.full((len(rows), max(map(len, rows), default=0)), PAD, "int32")
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
    return ids
