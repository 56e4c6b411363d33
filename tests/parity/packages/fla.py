"""Fixtures from fla-core: the recurrence of HGRN, in float32.

The package computes it in float32 whatever it is given. Its layer, which
projects, gates and normalises, runs on GPUs only: here that is plain PyTorch.
"""

import importlib.util
import pathlib

import torch
from torch import nn
from torch.nn import functional

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save

torch.set_default_dtype(torch.float32)

LOWER_BOUND = 0.3


def main():
    maps = nn.ModuleDict({n: nn.Linear(FEATURES, UNITS) for n in "fig"})
    maps["norm"] = nn.LayerNorm(UNITS)
    maps["o"] = nn.Linear(UNITS, UNITS)
    randomise(maps)
    x = normal(BATCH, STEPS, FEATURES, seed=1)
    initial = normal(BATCH, UNITS, seed=10)
    f = LOWER_BOUND + (1 - LOWER_BOUND) * torch.sigmoid(maps["f"](x))
    new = functional.silu(maps["i"](x)) * (1 - f)
    h, final = naive().naive_recurrent_hgrn(new, f.log(), initial, True)
    gated = functional.silu(maps["g"](x)) * h
    save("hgrn", x, maps["o"](maps["norm"](gated)), maps, [initial], [final])


def naive():
    """The module with the loop; importing the package needs a GPU's tools."""
    (root,) = importlib.util.find_spec("fla").submodule_search_locations
    path = pathlib.Path(root) / "ops" / "hgrn" / "naive.py"
    spec = importlib.util.spec_from_file_location("naive", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
