"""xLSTM's block around an sLSTM."""

import keras
from keras import ops

from rnnzoo.cells import SLSTM
from rnnzoo.layers.blocks.block_diagonal import BlockDiagonal
from rnnzoo.layers.blocks.causal_conv import CausalConv
from rnnzoo.layers.blocks.head_norm import HeadNorm
from rnnzoo.layers.blocks.paper_block import PaperBlock, with_options


@keras.saving.register_keras_serializable("rnnzoo")
class SLSTMBlock(PaperBlock):
    """An sLSTM, and a gated MLP after it.

    Paper: Beck et al. 2024, "xLSTM: Extended Long Short-Term Memory",
    https://arxiv.org/abs/2405.04517, figure 10, with what the authors' code
    fills in:

        n = norm(x)
        c = silu(conv(n))                depthwise, over four steps
        i, f, z, o = W_i c, W_f c, W_z n, W_o n     a block for each head
        y = x + norm(sLSTM(i, f, z, o))  norm per head
        g, u = W_u norm(y)               each 4/3 as wide as x, rounded
        out = y + W_d (gelu(g) * u)

    The code has 1.3 for 4/3, and rounds sizes up to multiples of 64.

    Weights: `norm`, `mlp_norm`, `head_norm` `(units,)`; the convolution's,
    see `CausalConv`; `input_gate`, `forget_gate`, `candidate`, `output_gate`
    `(num_heads, d, d)` with d = units / num_heads; the cell's R and b;
    `mlp_up` W_u `(units, 2 * m)` and `mlp_down` W_d `(m, units)` with m =
    4/3 units. With the initial values of the authors' code, but for R, which
    is zero there, and b_f, which is that of its first layer.
    States: the convolution's `(batch, 3 * units)`, then the cell's.

    Args: see `PaperBlock`; the cell is `slstm`, as wide as `units`.

    Raises:
        ValueError: another cell; a cell of another width.

    Example:

    ```python
    block = rnnzoo.layers.SLSTMBlock("slstm", units=8)
    y = block(np.ones((2, 5, 8)))   # (2, 5, 8)
    ```
    """

    fits = (SLSTM,)
    norm_has_offset = False

    def __init__(self, cell="slstm", units=None, **kwargs):
        super().__init__(cell, units, **kwargs)
        self.check_width()
        n, policy = self.units, self.dtype_policy
        heads = self.forward.cell.num_heads
        self.conv = self.recurrent(CausalConv(n, dtype=policy), "conv")
        small = (2 / (5 * n)) ** 0.5
        # The more layers add to the stream, the less each of them does.
        smaller = 2 / self.num_layers / n**0.5
        self.rnn_norm = self.norm("norm")
        self.input_gate, self.forget_gate, self.candidate, self.output_gate = (
            BlockDiagonal(
                heads,
                keras.initializers.RandomNormal(stddev=small),
                dtype=policy,
                name=name,
            )
            for name in (
                "input_gate",
                "forget_gate",
                "candidate",
                "output_gate",
            )
        )
        self.head_norm = HeadNorm(heads, dtype=policy, name="head_norm")
        self.mlp_size = round(4 * n / 3)
        self.mlp_norm = self.norm("mlp_norm")
        self.mlp_up = self.dense(
            2 * self.mlp_size, "mlp_up", small, use_bias=False
        )
        self.mlp_down = self.dense(n, "mlp_down", smaller, use_bias=False)

    def fitted(self, template):
        return with_options(template, project_inputs=False)

    def directions(self):
        return [self.conv, self.forward]

    def projections(self):
        return [
            self.input_gate,
            self.forget_gate,
            self.candidate,
            self.output_gate,
        ]

    def parts(self):
        n = self.units
        return [
            (self.rnn_norm, n),
            (self.conv, n),
            *((layer, n) for layer in self.projections()),
            (self.forward, 4 * n),
            (self.head_norm, n),
            (self.mlp_norm, n),
            (self.mlp_up, n),
            (self.mlp_down, self.mlp_size),
        ]

    def flow(self, x, run, drop):
        n = self.rnn_norm(x)
        c = ops.silu(run(self.conv, n))
        pairs = zip(self.projections(), (c, c, n, n), strict=True)
        ifzo = [project(source) for project, source in pairs]
        h = self.head_norm(run(self.forward, ops.concatenate(ifzo, axis=-1)))
        x = x + drop(h)
        g, u = ops.split(self.mlp_up(self.mlp_norm(x)), 2, axis=-1)
        h = self.mlp_down(ops.gelu(g, approximate=False) * u)
        return x + drop(h)
