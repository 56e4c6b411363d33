"""A vocabulary whose tokens are single characters."""

import numpy as np

from rnnzoo.text.checks import checked_lines
from rnnzoo.text.special import END, LABELS, PAD, UNKNOWN
from rnnzoo.text.vocabulary import Vocabulary


class CharacterVocabulary(Vocabulary):
    """Characters and their ids.

    A character is one Unicode code point, taken as it comes: no change of case,
    no normalisation. Ids 0 to 3 are pad, begin, end and unknown; the characters
    follow from 4 in the order given.

    Args:
        characters: sequence of distinct one-character strings.

    Example:

    >>> vocabulary = CharacterVocabulary.from_texts(["banana", "bandana"])
    >>> len(vocabulary)
    8
    >>> ids = vocabulary.encode(["nab", "bans"], add_end=True)
    >>> ids.tolist()
    [[5, 4, 6, 2, 0], [6, 4, 5, 3, 2]]
    >>> vocabulary.decode(ids)
    ['nab', 'ban\ufffd']
    """

    def __init__(self, characters):
        characters = list(characters)
        for character in characters:
            if not isinstance(character, str) or len(character) != 1:
                raise ValueError(
                    f"Received {character!r} among `characters`, where "
                    "strings of one code point each are expected."
                )
        if len(set(characters)) != len(characters):
            repeated = sorted(
                {c for c in characters if characters.count(c) > 1}
            )
            raise ValueError(
                f"`characters` must be distinct, but {repeated} occur more "
                "than once. Remove the repetitions."
            )
        self.pieces = tuple(characters)
        points = _code_points(self.pieces)
        # Sorted for a binary search; a table of all code points costs 4 MB.
        order = np.argsort(points)
        self._points = points[order]
        self._ids = (order + len(LABELS)).astype("int32")

    @classmethod
    def from_texts(cls, texts):
        """The vocabulary of all characters in `texts`, the most frequent first.

        Characters of equal frequency are ordered by their code points.
        """
        texts = checked_lines(texts)
        if not texts:
            raise ValueError(
                "Received no text to take characters from. Give at least one "
                "line."
            )
        points, counts = np.unique(_code_points(texts), return_counts=True)
        order = np.lexsort((points, -counts))
        return cls([chr(point) for point in points[order]])

    def encode(self, texts, add_end=False):
        """Ids of some lines, padded on the right to the longest.

        Args:
            texts: sequence of non-empty strings.
            add_end: whether each row ends with `END`, as targets must.

        Returns:
            int32 array of shape (lines, longest), where unknown characters are
            `UNKNOWN`.
        """
        texts = checked_lines(texts)
        lengths = np.array([len(text) for text in texts], dtype="int64")
        width = int(lengths.max(initial=0)) + bool(add_end)
        ids = np.full((len(texts), width), PAD, dtype="int32")
        columns = np.arange(width)
        ids[columns < lengths[:, None]] = self._look_up(_code_points(texts))
        if add_end:
            ids[np.arange(len(texts)), lengths] = END
        return ids

    def decode(self, ids):
        """Strings of some rows of ids: the inverse of `encode`.

        A row is read up to its first `END`. `PAD` and `BEGIN` leave no trace,
        `UNKNOWN` becomes U+FFFD, the replacement character.

        Args:
            ids: integers of shape (lines, timesteps), or a list of such rows.

        Returns:
            A list of strings, one per row.
        """
        spelling = np.array(["", "", "", "\ufffd", *self.pieces], object)
        lines = []
        for row in ids:
            lines.append("".join(spelling[self._up_to_end(row)]))
        return lines

    def get_config(self):
        return {"characters": "".join(self.pieces)}

    def _look_up(self, points):
        if not len(self._points):
            return np.full(len(points), UNKNOWN, dtype="int32")
        places = np.searchsorted(self._points, points)
        places = np.minimum(places, len(self._points) - 1)
        found = self._points[places] == points
        return np.where(found, self._ids[places], np.int32(UNKNOWN))


def _code_points(texts):
    """All characters of some strings, one after the other, as numbers."""
    # Lone surrogates are rare but legal in a str; they are characters too.
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(joined, dtype="<u4")
