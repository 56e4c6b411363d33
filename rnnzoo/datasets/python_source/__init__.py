"""Source files of Python's standard library, for language models.

Importing this registers the TFDS name `python_source`.
"""

from rnnzoo.datasets.python_source.builder import PythonSource
from rnnzoo.datasets.python_source.examples import SIZES, examples

__all__ = ["SIZES", "PythonSource", "examples"]
