"""Fixtures from minGRU-pytorch: minGRU and minLSTM, in their parallel form."""

from minGRU_pytorch import minGRU
from minGRU_pytorch.minLSTM import minLSTM

from tests.parity.fixture import BATCH, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save

# The package's layers want a width of at least that of the inputs.
EXPANSION = 1.5


def main():
    x = normal(BATCH, STEPS, UNITS, seed=1)
    initial = normal(BATCH, int(EXPANSION * UNITS), seed=10).abs()

    layer = randomise(minGRU(UNITS, EXPANSION, proj_out=False))
    y, final = layer(x, initial[:, None], return_next_prev_hidden=True)
    save("min_gru", x, y, layer, [initial], [final[:, 0]])

    layer = randomise(minLSTM(UNITS, EXPANSION, proj_out=False))
    y, final = layer(x, return_next_prev_hidden=True)
    save("min_lstm", x, y, layer, [], [final[:, 0]])
    y, final = layer(x, initial[:, None], return_next_prev_hidden=True)
    save("min_lstm_resumed", x, y, layer, [initial], [final[:, 0]])


if __name__ == "__main__":
    main()
