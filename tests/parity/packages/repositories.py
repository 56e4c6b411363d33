"""Fixtures from programs of papers' authors that are no packages.

The README of this folder tells where to clone which of their repositories.
"""

import importlib
import pathlib
import sys
import types
from unittest import mock

import torch

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save, states

CLONES = pathlib.Path(__file__).parents[1] / "repositories"
PREFIX = 3

# What these modules import for GPUs.
FOR_GPUS = {
    "pytorch-qrnn": ("cupy", "cupy.cuda", "pynvrtc", "pynvrtc.compiler"),
    "hgru-pytorch": ("hgru_cuda", "hgru_real_cuda"),
}


def main():
    lem()
    cornn()
    qrnn()
    hgrn()


def module(folder, name):
    """A module of a clone, without the `__init__` of its package."""
    *packages, _ = name.split(".")
    path = CLONES / folder
    for package in packages:
        path = path / package
        sys.modules[package] = types.ModuleType(package)
        sys.modules[package].__path__ = [str(path)]
    if not path.is_dir():
        sys.exit(f"There is no {path}: clone it as the README says.")
    absent = {name: mock.MagicMock() for name in FOR_GPUS.get(folder, ())}
    sys.modules.pop(name, None)
    with (
        mock.patch.dict(sys.modules, absent),
        mock.patch.object(sys, "path", [str(path), *sys.path]),
    ):
        return importlib.import_module(name)


def steps(cell, x, state):
    """`(outputs, last states)` of a cell that returns its states."""
    outputs = []
    for t in range(x.shape[1]):
        state = cell(x[:, t], *state)
        outputs.append(state[0])
    return torch.stack(outputs, 1), state


def lem():
    cell = module("LEM/src/adding", "network").LEMCell(FEATURES, UNITS, 0.8)
    x, initial = normal(BATCH, STEPS, FEATURES, seed=1), states(2, UNITS)
    y, final = steps(randomise(cell), x, initial)
    save("lem_authors", x, y, cell, initial, final)


def cornn():
    options = {"dt": 0.3, "gamma": 0.8, "epsilon": 0.6}
    network = module("coRNN/sMNIST", "network")
    cell = network.coRNNCell(FEATURES, UNITS, **options)
    x, initial = normal(BATCH, STEPS, FEATURES, seed=1), states(2, UNITS)
    y, final = steps(randomise(cell), x, initial)
    save("cornn_authors", x, y, cell, initial, final)


def qrnn():
    """Resumed after a prefix, so that the window opens on a real input."""
    kind = module("pytorch-qrnn", "torchqrnn.qrnn").QRNNLayer
    options = {"window": 2, "save_prev_x": True, "use_cuda": False}
    for name, output_gate in (("qrnn_fo", True), ("qrnn_f", False)):
        layer = kind(FEATURES, UNITS, output_gate=output_gate, **options)
        randomise(layer)
        x = normal(PREFIX + STEPS, BATCH, FEATURES, seed=1)
        _, memory = layer(x[:PREFIX])
        initial = [memory[0], layer.prevX[0]]
        y, memory = layer(x[PREFIX:], memory[0])
        final = [memory[0], layer.prevX[0]]
        x, y = x[PREFIX:].transpose(0, 1), y.transpose(0, 1)
        save(name, x, y, layer, initial, final)


def hgrn():
    """The complex cell, by the loop in Python that their tests use."""
    x = normal(STEPS, BATCH, UNITS, seed=1)
    for name, kind, options in (
        ("hgrn_complex", "hgru1d_v3.Hgru1dV3", {"gate_dim": 3}),
        ("hgrn_norm_before_gate", "hgru1d.Hgru1d", {}),
    ):
        file, kind = kind.split(".")
        layer = getattr(module("hgru-pytorch", f"hgru.{file}"), kind)
        layer = randomise(layer(UNITS, **options))
        y = layer.forward_naive(x, lower_bound=0.3)
        save(name, x.transpose(0, 1), y.transpose(0, 1), layer)


if __name__ == "__main__":
    main()
