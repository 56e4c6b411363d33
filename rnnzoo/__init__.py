"""Recurrent networks in Keras: any cell in any of the five topologies."""

import sys

__version__ = "0.1.0"

__all__ = [
    "Cell",
    "Model",
    "architectures",
    "build",
    "cells",
    "convert",
    "decoding",
    "layers",
    "list_architectures",
    "list_cells",
    "losses",
    "metrics",
    "text",
]

# `python -m rnnzoo` imports this while it looks for __main__.py, which answers
# at once, quietly, and imports what it needs when it needs it. Until then
# Python has "-m" as the name of the program; what follows the first "-m" of
# the command line is the module.
_words = iter(sys.orig_argv)
if not (sys.argv[:1] == ["-m"] and "-m" in _words and "rnnzoo" == next(_words)):
    from rnnzoo import (
        architectures,
        cells,
        convert,
        decoding,
        layers,
        losses,
        metrics,
        text,
    )
    from rnnzoo.architectures import build
    from rnnzoo.cells import Cell
    from rnnzoo.model import Model


def list_cells():
    """The names that `cell=` takes, sorted."""
    return sorted(cells.CELLS)


def list_architectures():
    """The names that `rnnzoo.build` takes, sorted; it knows aliases too."""
    return sorted(architectures.ARCHITECTURES)
