"""Recurrent networks in Keras: any cell in any of the five topologies."""

import itertools
import sys

__version__ = "0.1.0"

__all__ = [
    "Cell",
    "Model",
    "architectures",
    "build",
    "cells",
    "decoding",
    "layers",
    "list_architectures",
    "list_cells",
    "metrics",
    "text",
]

# `python -m rnnzoo` imports this while it looks for __main__.py, which answers
# at once, quietly, and imports what it needs when it needs it.
if sys.argv[:1] != ["-m"] or ("-m", "rnnzoo") not in itertools.pairwise(
    sys.orig_argv
):
    from rnnzoo import architectures, cells, decoding, layers, metrics, text
    from rnnzoo.architectures import build
    from rnnzoo.cells import Cell
    from rnnzoo.model import Model


def list_cells():
    """The names that `cell=` takes, sorted."""
    return sorted(cells.CELLS)


def list_architectures():
    """The names that `rnnzoo.build` takes, sorted; it knows aliases too."""
    return sorted(architectures.ARCHITECTURES)
