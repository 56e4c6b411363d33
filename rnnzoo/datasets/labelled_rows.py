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
