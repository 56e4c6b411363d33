"""Strips of hand-written digits, and the numbers they show.

Importing this registers the TFDS name `digit_strips`.
"""

from rnnzoo.datasets.digit_strips.builder import DigitStrips
from rnnzoo.datasets.digit_strips.examples import (
    HEIGHT,
    LONGEST,
    SIZES,
    examples,
    scans,
)
from rnnzoo.datasets.digit_strips.words import in_words

__all__ = [
    "HEIGHT",
    "LONGEST",
    "SIZES",
    "DigitStrips",
    "examples",
    "in_words",
    "scans",
]
