"""What a tagged sequence is, before tags have numbers."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    """Tokens, and a tag for each.

    Attributes:
        tokens: list of str. Not empty.
        tags: list of str.
        places: list of str. Where each is from, for errors.
    """

    tokens: list
    tags: list
    places: list
