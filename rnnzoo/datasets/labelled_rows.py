"""What a labelled text is, before labels have numbers."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    """A text and the names of its labels.

    Attributes:
        text: str. Not empty, without white space around it.
        names: tuple of str. One, or any number.
        place: str. Where it is from, for errors.
    """

    text: str
    names: tuple
    place: str


def drawn(rows, limit, seed):
    """`limit` of the rows, drawn by `seed`, in their order.

    In files, all of one label may come first.
    """
    if limit is None or len(rows) <= limit:
        return rows
    import numpy as np

    order = np.random.RandomState(seed).permutation(len(rows))[:limit]
    return [rows[number] for number in sorted(order)]
