"""Fixtures from haste-pytorch-cpu: LSTM and GRU with layer normalisation."""

import haste_pytorch

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save, states


def main():
    x = normal(BATCH, STEPS, FEATURES, seed=1)

    layer = haste_pytorch.LayerNormLSTM(FEATURES, UNITS, batch_first=True)
    initial = states(2, UNITS)
    y, final = randomise(layer)(x, tuple(s[None] for s in initial))
    save("layernorm_lstm", x, y, layer, initial, [s[0] for s in final])

    layer = haste_pytorch.LayerNormGRU(FEATURES, UNITS, batch_first=True)
    (initial,) = states(1, UNITS)
    y, final = randomise(layer)(x, initial[None])
    save("layernorm_gru", x, y, layer, [initial], [final[0]])


if __name__ == "__main__":
    main()
