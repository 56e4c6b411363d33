"""Fixtures from recurrentgemma: the RG-LRU, in float32.

The package scans in float32 whatever it is given. Importing all of it needs
JAX and Flax; the module in PyTorch alone does not.
"""

import importlib.util
import sys
import types

import torch

from tests.parity.fixture import BATCH, STEPS
from tests.parity.packages.torch_tools import normal, randomise, save

torch.set_default_dtype(torch.float32)

WIDTH, HEADS = 6, 2

root = importlib.util.find_spec("recurrentgemma").submodule_search_locations[0]
for name, folder in (
    ("recurrentgemma", root),
    ("recurrentgemma.torch", f"{root}/torch"),
):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
layers = importlib.import_module("recurrentgemma.torch.layers")


def main():
    layer = randomise(layers.RGLRU(WIDTH, HEADS))
    x = normal(BATCH, STEPS, WIDTH, seed=1)
    initial = normal(BATCH, WIDTH, seed=10)
    # The package takes a step at position 0 for the start of a document,
    # where it forgets everything and does not scale the input.
    position = torch.arange(STEPS).expand(BATCH, STEPS)
    y, final = layer(x, position + 1, initial)
    save("rg_lru", x, y, layer, [initial], [final])
    y, final = layer(x, position)
    save("rg_lru_start", x, y, layer, [], [final])


if __name__ == "__main__":
    main()
