"""Fixtures of `torch.nn.RNN`, `GRU` and `LSTM`: layers, directions, biases.

They ran in float64, with weights that float32 holds exactly.
"""

import itertools

import numpy as np
import torch
from torch import nn

from tests.parity.modules.storage import PATH
from tests.parity.packages.torch_tools import array, normal, randomise

BATCH, STEPS, FEATURES, UNITS = 2, 4, 3, 4
MODULES = {
    "gru": (nn.GRU, {}),
    "lstm": (nn.LSTM, {}),
    "projected_lstm": (nn.LSTM, {"proj_size": 2}),
    "relu": (nn.RNN, {"nonlinearity": "relu"}),
    "tanh": (nn.RNN, {"nonlinearity": "tanh"}),
}


def run(kind, num_layers, bidirectional, bias):
    """Dict of arrays: inputs, outputs, last states, weights by their names."""
    module, options = MODULES[kind]
    module = module(
        FEATURES,
        UNITS,
        num_layers,
        bias=bias,
        bidirectional=bidirectional,
        batch_first=True,
        **options,
    )
    randomise(module, scale=0.5)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(weight.float())
    x = normal(BATCH, STEPS, FEATURES, seed=1).float().double()
    y, last = module(x)
    last = last if isinstance(last, tuple) else [last]
    return {
        "x": array(x),
        "y": array(y),
        **{f"last.{n}": array(state) for n, state in enumerate(last)},
        **{
            f"weight.{name}": array(weight)
            for name, weight in module.state_dict().items()
        },
    }


def main():
    forms = [
        *itertools.product(MODULES, (1, 2), (False, True), (True,)),
        *itertools.product(MODULES, (2,), (True,), (False,)),
    ]
    arrays = {}
    for kind, num_layers, bidirectional, bias in forms:
        case = f"{kind}-{num_layers}-{1 + bidirectional}-{int(bias)}"
        for name, values in run(kind, num_layers, bidirectional, bias).items():
            arrays[f"{case}/{name}"] = values.astype("float32")
    np.savez_compressed(PATH, **arrays)


if __name__ == "__main__":
    main()
