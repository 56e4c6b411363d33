"""Fixtures from sru, by its recurrence in plain PyTorch.

Importing the package compiles kernels for other devices; its recurrence in
PyTorch needs none of them.
"""

import warnings

import torch
from torch.utils import cpp_extension

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save

cpp_extension.load = lambda *arguments, **options: None
torch.jit.script = lambda function, *arguments, **options: function

import sru  # noqa: E402


def main():
    # A fourth block of weights brings x to the size of the state.
    run("sru", FEATURES, rescale=False)
    # Without such a block, x is scaled by sqrt(1 + 2 exp(highway_bias)).
    run("sru_rescaled", UNITS, highway_bias=-1.0)
    # v = 0: gates that read x alone.
    run("sru_parallel", FEATURES, rescale=False, v1=True)


def run(name, features, **options):
    cell = randomise(sru.SRUCell(features, UNITS, **options).double())
    if options.get("v1"):
        cell.weight_c.data.zero_()
    x = normal(BATCH, STEPS, features, seed=1)
    initial = normal(BATCH, UNITS, seed=10)
    with warnings.catch_warnings():
        # It prefers a compiled kernel, and takes PyTorch for gradients only.
        warnings.simplefilter("ignore")
        y, final = cell(x.transpose(0, 1), initial)
    save(name, x, y.transpose(0, 1), cell, [initial], [final])


if __name__ == "__main__":
    main()
