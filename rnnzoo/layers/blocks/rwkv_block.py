"""RWKV's block."""

import keras
from keras import ops

from rnnzoo.cells import RWKV4, RWKV6, RWKV7
from rnnzoo.layers.blocks.channel_mix import ChannelMix
from rnnzoo.layers.blocks.paper_block import PaperBlock, with_options


@keras.saving.register_keras_serializable("rnnzoo")
class RWKVBlock(PaperBlock):
    """Time mixing, then channel mixing, each added to the stream.

    Papers: Peng et al. 2023, 2024, 2025; see the cells `RWKV4`, `RWKV6` and
    `RWKV7`, and `ChannelMix`.

        x = norm(x)                     in the first block only
        y = x + time_mix(norm(x))
        z = y + channel_mix(norm(y))

    The hidden layer of the channel mixing is 4 times as wide as x, that of
    RWKV-6 3.5 times. The authors' code rounds that down to a multiple of 32.

    Blocks of RWKV-7 above the first mix their v_t with the v_t of the first.
    Between the blocks of a `Stack` the stream is therefore twice as wide: it
    holds x, then v. A block that is used alone is the first and the last.

    Weights: `first_norm` of the first block, `time_norm`, `channel_norm`; the
    cell's; the channel mixing's, see `ChannelMix`. Initial values are those
    of the first layer in every block, and W_o does not start from zero.
    States: the cell's, then the channel mixing's input `(batch, units)`.

    Args: see `PaperBlock`; cells are `rwkv4`, `rwkv6` and `rwkv7`, as wide as
        `units`.

    Raises:
        ValueError: another cell; a cell of another width.

    Example:

    ```python
    block = rnnzoo.layers.RWKVBlock("rwkv6", units=8)
    y = block(np.ones((2, 5, 8)))   # (2, 5, 8)
    ```
    """

    fits = (RWKV4, RWKV6, RWKV7)

    def __init__(self, cell="rwkv7", units=None, **kwargs):
        super().__init__(cell, units, **kwargs)
        self.check_width()
        n = self.units
        self.version = version(self.forward.cell)
        hidden = int(3.5 * n) if self.version == 6 else 4 * n
        mix = ChannelMix(n, hidden, self.version, dtype=self.dtype_policy)
        self.mix = self.recurrent(mix, "channel_mix")
        self.first_norm = None
        if self.index == 0:
            self.first_norm = self.norm("first_norm")
        self.time_norm = self.norm("time_norm")
        self.channel_norm = self.norm("channel_norm")

    # === The value that blocks of RWKV-7 share ===

    @property
    def takes_value(self):
        return version(self.forward.cell) == 7 and self.index > 0

    @property
    def gives_value(self):
        last = self.index == self.num_layers - 1
        return version(self.forward.cell) == 7 and not last

    def fitted(self, template):
        if version(template) != 7:
            return super().fitted(template)
        role = "none"
        if self.num_layers > 1:
            role = "mixed" if self.index else "returned"
        return with_options(template, first_value=role)

    @property
    def input_size(self):
        return self.units * (1 + self.takes_value)

    @property
    def output_size(self):
        return self.units * (1 + self.gives_value)

    # === The block ===

    def directions(self):
        return [self.forward, self.mix]

    def parts(self):
        n = self.units
        first = [] if self.first_norm is None else [(self.first_norm, n)]
        return [
            *first,
            (self.time_norm, n),
            (self.forward, self.input_size),
            (self.channel_norm, n),
            (self.mix, n),
        ]

    def flow(self, x, run, drop):
        value = []
        if self.takes_value:
            x, *value = ops.split(x, 2, axis=-1)
        if self.first_norm is not None:
            x = self.first_norm(x)
        inputs = [self.time_norm(x), *value]
        h = run(self.forward, ops.concatenate(inputs, axis=-1))
        if self.gives_value and not self.takes_value:
            h, *value = ops.split(h, 2, axis=-1)
        x = x + drop(h)
        h = run(self.mix, self.channel_norm(x))
        x = x + drop(h)
        return ops.concatenate([x, *value], -1) if self.gives_value else x


def version(cell):
    return next(n for n, kind in VERSIONS.items() if isinstance(cell, kind))


VERSIONS = {4: RWKV4, 6: RWKV6, 7: RWKV7}
