"""Clips of digits that move past, and which one each frame shows.

Importing this registers the TFDS name `moving_digits`.
"""

from rnnzoo.datasets.moving_digits.builder import MovingDigits
from rnnzoo.datasets.moving_digits.examples import (
    LENGTHS,
    NONE,
    SIDE,
    SIZES,
    examples,
)

__all__ = ["LENGTHS", "NONE", "SIDE", "SIZES", "MovingDigits", "examples"]
