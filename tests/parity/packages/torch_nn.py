"""Fixtures from `torch.nn`: RNN, GRU, LSTM."""

import torch
from torch import nn

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save, states

PROJECTED = 2


def main():
    layers = {
        "elman_tanh": nn.RNN,
        "elman_relu": nn.RNN,
        "gru": nn.GRU,
        "lstm": nn.LSTM,
        "cifg_lstm": nn.LSTM,
        "projected_lstm": nn.LSTM,
    }
    options = {
        "elman_relu": {"nonlinearity": "relu"},
        "projected_lstm": {"proj_size": PROJECTED},
    }
    for name, layer in layers.items():
        run(name, layer, options.get(name, {}))


def run(name, layer, options):
    layer = layer(FEATURES, UNITS, batch_first=True, **options)
    randomise(layer)
    if name == "cifg_lstm":
        tie_gates(layer)
    x = normal(BATCH, STEPS, FEATURES, seed=1)
    if isinstance(layer, nn.LSTM):
        sizes = [options.get("proj_size", UNITS), UNITS]
        initial = [normal(1, BATCH, n, seed=10 + n, scale=0.5) for n in sizes]
        y, final = layer(x, tuple(initial))
    else:
        (initial,) = states(1, UNITS)
        initial = [initial[None]]
        y, final = layer(x, initial[0])
        final = [final]
    initial, final = ([s[0] for s in group] for group in (initial, final))
    save(name, x, y, layer, initial, final)


def tie_gates(layer):
    """f = 1 - i: the weights of f are those of i with the other sign."""
    with torch.no_grad():
        for weight in layer.parameters():
            weight[UNITS : 2 * UNITS] = -weight[:UNITS]


if __name__ == "__main__":
    main()
