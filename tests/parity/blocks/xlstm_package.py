"""Fixtures from xlstm: stacks of two blocks, and the norm after them.

Sizes are not rounded up to multiples of 64, and the factor of the gated MLP
is the paper's 4/3.
"""

import contextlib

from xlstm import (
    FeedForwardConfig,
    mLSTMBlockConfig,
    mLSTMLayerConfig,
    sLSTMBlockConfig,
    sLSTMLayerConfig,
    xLSTMBlockStack,
    xLSTMBlockStackConfig,
)

from tests.parity.blocks.storage import save
from tests.parity.fixture import BATCH, STEPS
from tests.parity.packages.torch_tools import normal, randomise

WIDTH, HEADS, LAYERS = 6, 2, 2


def main():
    exact = {"round_proj_up_to_multiple_of": 1}
    mlstm = mLSTMBlockConfig(mlstm=mLSTMLayerConfig(num_heads=HEADS, **exact))
    slstm = sLSTMBlockConfig(
        slstm=sLSTMLayerConfig(
            num_heads=HEADS, backend="vanilla", dtype="float32"
        ),
        feedforward=FeedForwardConfig(proj_factor=4 / 3, **exact),
    )
    run("mlstm", mlstm_block=mlstm)
    run("slstm", slstm_block=slstm, slstm_at="all")


def run(name, **blocks):
    config = xLSTMBlockStackConfig(
        num_blocks=LAYERS, embedding_dim=WIDTH, context_length=STEPS, **blocks
    )
    with contextlib.redirect_stdout(None):
        stack = xLSTMBlockStack(config).double()
    randomise(stack)
    x = normal(BATCH, STEPS, WIDTH, seed=1, scale=2.0)
    weights = dict(stack.named_parameters())
    for n, block in enumerate(stack.blocks):
        if name == "slstm":
            # As the cell shows them; it stores them in another order.
            cell = block.xlstm.slstm_cell
            weights[f"blocks.{n}.R"] = cell.recurrent_kernel[:]
            weights[f"blocks.{n}.b"] = cell.bias[:]
    save(name, x, stack(x), weights)


if __name__ == "__main__":
    main()
