"""What all vocabularies have in common."""

import hashlib
import json

import numpy as np

from rnnzoo.text.special import END, LABELS, PAD


class Vocabulary:
    """Tokens and their ids: pad, begin, end, unknown, then `pieces` from 4 on.

    A subclass sets `pieces`, a tuple of strings, and writes `encode`, `decode`
    and `get_config`, whose values must be fit for JSON.
    """

    def __len__(self):
        """The number of ids, the four special ones included."""
        return len(LABELS) + len(self.pieces)

    def __repr__(self):
        return f"<{type(self).__name__} of {len(self)} ids>"

    @property
    def fingerprint(self):
        """12 hexadecimal digits: equal where the vocabularies are equal."""
        content = json.dumps(self.get_config(), sort_keys=True)
        name = type(self).__name__
        return hashlib.sha256(f"{name} {content}".encode()).hexdigest()[:12]

    def tokens(self, ids_row):
        """One label per id of one row, for the axes of a picture."""
        labels = (*LABELS, *self.pieces)
        return [labels[i] for i in self._checked_row(ids_row)]

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def _up_to_end(self, row, extra=0):
        """The ids of a row before its first `END`."""
        row = self._checked_row(row, extra)
        ends = np.flatnonzero(row == END)
        return row[: ends[0]] if len(ends) else row

    def _checked_row(self, row, extra=0):
        row = np.asarray(row)
        if row.ndim != 1 or (row.size and row.dtype.kind not in "iu"):
            raise ValueError(
                f"Received {row.dtype} of shape {row.shape} where a row of "
                "integer ids is expected: `decode` takes (lines, timesteps), "
                "`tokens` takes (timesteps,)."
            )
        row = row.astype("int64")
        wrong = row[(row < PAD) | (row >= len(self) + extra)]
        if len(wrong):
            raise ValueError(
                f"Received the id {wrong[0]}, but this vocabulary has ids 0 "
                f"to {len(self) + extra - 1}. Decode with the vocabulary that "
                "the ids were made with."
            )
        return row
