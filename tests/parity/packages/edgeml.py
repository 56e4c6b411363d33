"""Fixtures from edgeml-pytorch: FastRNN and FastGRNN by their authors."""

import sys
import types

import torch

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save, states

# Imported where there is a compiler for GPUs.
sys.modules["fastgrnn_cuda"] = types.ModuleType("fastgrnn_cuda")

from edgeml_pytorch.graph import rnn  # noqa: E402


def main():
    run("fast_rnn_authors", rnn.FastRNNCell)
    run("fast_grnn_authors", rnn.FastGRNNCell)
    run("fast_grnn_low_rank", rnn.FastGRNNCell, wRank=2, uRank=2)


def run(name, kind, **options):
    # The constructors take no other type.
    torch.set_default_dtype(torch.float32)
    cell = kind(FEATURES, UNITS, **options)
    torch.set_default_dtype(torch.float64)
    randomise(cell.double())
    x = normal(BATCH, STEPS, FEATURES, seed=1)
    initial = states(1, UNITS)
    state, outputs = initial[0], []
    for t in range(STEPS):
        state = cell(x[:, t], state)
        outputs.append(state)
    save(name, x, torch.stack(outputs, 1), cell, initial, [state])


if __name__ == "__main__":
    main()
