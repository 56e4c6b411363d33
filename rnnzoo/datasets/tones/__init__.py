"""Generated speech: words of four vowels, by many speakers.

Importing this registers the TFDS name `tones`.
"""

from rnnzoo.datasets.tones.builder import Tones
from rnnzoo.datasets.tones.examples import (
    CONFIGS,
    LONGEST,
    SIZES,
    SPEAKERS,
    examples,
)
from rnnzoo.datasets.tones.voice import RATE, WORDS

__all__ = [
    "CONFIGS",
    "LONGEST",
    "RATE",
    "SIZES",
    "SPEAKERS",
    "WORDS",
    "Tones",
    "examples",
]
