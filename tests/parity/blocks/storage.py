"""Where the numbers of whole networks of packages are kept."""

import pathlib

import numpy as np

from tests.parity.packages.torch_tools import array

FOLDER = pathlib.Path(__file__).parent


def save(name, x, y, weights):
    """Writes inputs, outputs and weights, a dict, of one network."""
    named = {f"weight.{key}": array(value) for key, value in weights.items()}
    np.savez_compressed(FOLDER / name, x=array(x), y=array(y), **named)
