"""The adding problem: the sum of two marked numbers of a long sequence.

Importing this registers the TFDS name `adding`.
"""

from rnnzoo.datasets.adding.builder import Adding
from rnnzoo.datasets.adding.examples import LENGTHS, SIZES, arrays

__all__ = ["LENGTHS", "SIZES", "Adding", "arrays"]
