"""Copy memory: symbols to be written down again after many blank steps.

Importing this registers the TFDS name `copy_memory`.
"""

from rnnzoo.datasets.copy_memory.builder import CopyMemory
from rnnzoo.datasets.copy_memory.examples import (
    BLANK,
    DELAYS,
    RECALL,
    SIZES,
    SYMBOLS,
    WORD,
    arrays,
)

__all__ = [
    "BLANK",
    "DELAYS",
    "RECALL",
    "SIZES",
    "SYMBOLS",
    "WORD",
    "CopyMemory",
    "arrays",
]
