"""Hand-written digits, one per image.

Importing this registers the TFDS name `digits`.
"""

from rnnzoo.datasets.digits.builder import Digits
from rnnzoo.datasets.digits.examples import SIDE, SIZES, examples

__all__ = ["SIDE", "SIZES", "Digits", "examples"]
