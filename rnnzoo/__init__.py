"""Recurrent networks in Keras: any cell in any of the five topologies."""

from rnnzoo import architectures, cells, decoding, layers, metrics, text
from rnnzoo.architectures import build
from rnnzoo.cells import Cell
from rnnzoo.model import Model

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


def list_cells():
    """The names that `cell=` takes, sorted."""
    return sorted(cells.CELLS)


def list_architectures():
    """The names that `rnnzoo.build` takes, sorted; it knows aliases too."""
    return sorted(architectures.ARCHITECTURES)
