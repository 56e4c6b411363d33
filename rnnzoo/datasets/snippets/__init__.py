"""Snippets of Python's standard library, and the module each is from.

Importing this registers the TFDS name `snippets`.
"""

from rnnzoo.datasets.snippets.builder import Snippets
from rnnzoo.datasets.snippets.examples import MASK, MODULES, SIZES, examples

__all__ = ["MASK", "MODULES", "SIZES", "Snippets", "examples"]
