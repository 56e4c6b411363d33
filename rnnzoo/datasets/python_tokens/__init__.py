"""Python source, and the token class of each of its characters.

Importing this registers the TFDS name `python_tokens`.
"""

from rnnzoo.datasets.python_tokens.builder import PythonTokens
from rnnzoo.datasets.python_tokens.classes import CLASSES, classes
from rnnzoo.datasets.python_tokens.examples import LONGEST, SIZES, examples

__all__ = ["CLASSES", "LONGEST", "SIZES", "PythonTokens", "classes", "examples"]
