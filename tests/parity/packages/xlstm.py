"""Fixtures from xlstm: the cells alone, without the layers around them.

The projections of x are plain linear maps here: the package's layers put a
convolution, a skip and a normalisation around the cells.
"""

import torch
from torch import nn
from xlstm.blocks.mlstm import backends
from xlstm.blocks.slstm.cell import sLSTMCell, sLSTMCellConfig

from tests.parity.fixture import BATCH, FEATURES, STEPS
from tests.parity.packages.torch_tools import normal, randomise, save

UNITS, HEADS = 6, 2
SIZE = UNITS // HEADS
PREFIX = 3


def main():
    slstm()
    mlstm()


def slstm():
    """From the empty state, and from the states that a prefix reaches.

    By default the package starts R, through which the cell is recurrent, from
    zero; here it is random.
    """
    config = sLSTMCellConfig(
        hidden_size=UNITS,
        num_heads=HEADS,
        backend="vanilla",
        dtype="float32",
        output_shape="BSH",
    )
    cell = randomise(sLSTMCell(config).double())
    project = randomise(nn.Linear(FEATURES, 4 * UNITS, bias=False))
    x = normal(BATCH, PREFIX + STEPS, FEATURES, seed=1, scale=2.0)
    weights = {
        "W": project.weight,
        "R": cell.recurrent_kernel[:],
        "b": cell.bias[:],
    }
    before, initial = cell(project(x[:, :PREFIX]))
    after, final = cell(project(x[:, PREFIX:]), initial)
    save("slstm", x[:, :PREFIX], before, weights, [], initial)
    save("slstm_resumed", x[:, PREFIX:], after, weights, initial, final)


def mlstm():
    """The step of the package, repeated; and its parallel form."""
    names = {"q": UNITS, "k": UNITS, "v": UNITS, "o": UNITS}
    names.update(i=HEADS, f=HEADS)
    maps = nn.ModuleDict({n: nn.Linear(FEATURES, names[n]) for n in names})
    randomise(maps)
    x = normal(BATCH, STEPS, FEATURES, seed=1, scale=2.0)

    def heads(t):
        return t.unflatten(-1, (HEADS, -1)).transpose(1, 2)

    q, k, v, i, f = (heads(maps[name](x)) for name in "qkvif")
    o = torch.sigmoid(maps["o"](x))
    state = [
        normal(BATCH, HEADS, SIZE, SIZE, seed=10),
        normal(BATCH, HEADS, SIZE, 1, seed=11),
        normal(BATCH, HEADS, 1, 1, seed=12),
    ]
    initial, outputs = state, []
    for t in range(STEPS):
        # It changes the shape of what it is given.
        now = [a[:, :, t : t + 1].clone() for a in (q, k, v, i, f)]
        h, state = backends.recurrent_step_stabilized_simple(
            *state, *now, eps=0.0
        )
        outputs.append(h.reshape(BATCH, UNITS))
    y = o * torch.stack(outputs, 1)
    save("mlstm", x, y, maps, initial, state)

    h = backends.parallel_stabilized_simple(q, k, v, i, f, eps=0.0)
    y = o * h.transpose(1, 2).reshape(BATCH, STEPS, UNITS)
    save("mlstm_parallel", x, y, maps)


if __name__ == "__main__":
    main()
