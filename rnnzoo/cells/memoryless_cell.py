"""Cells that remember a few inputs, and nothing else."""

from rnnzoo.cells.cell import Cell


class MemorylessCell(Cell):
    """Base class of cells whose output depends on the last inputs alone.

    A short causal convolution is one, and RWKV's channel mixing. As cells
    they get masks, packing, streaming and stateful training from
    `rnnzoo.layers.Recurrent`, which runs them without a loop.

    A subclass sets `lookback` and writes `project`, whose result is the
    output.
    """

    @property
    def carry_size(self):
        return []

    def draw_noise(self, batch_size, training=False):
        # Nothing recurs, so nothing of it is dropped.
        return None

    def step(self, projected, states):
        return projected, []
