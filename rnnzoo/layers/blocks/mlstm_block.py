"""xLSTM's block around an mLSTM."""

import keras
from keras import ops

from rnnzoo.cells import MLSTM
from rnnzoo.layers.blocks.block_diagonal import BlockDiagonal
from rnnzoo.layers.blocks.causal_conv import CausalConv
from rnnzoo.layers.blocks.head_norm import HeadNorm
from rnnzoo.layers.blocks.paper_block import PaperBlock, with_options

# Features that one block of the projections to q, k and v maps.
PROJECTION_SIZE = 4


@keras.saving.register_keras_serializable("rnnzoo")
class MLSTMBlock(PaperBlock):
    """An mLSTM between an up-projection and a down-projection.

    Paper: Beck et al. 2024, "xLSTM: Extended Long Short-Term Memory",
    https://arxiv.org/abs/2405.04517, figure 11, with what the authors' code
    fills in:

        u, z = W_u norm(x)              each twice as wide as x
        c = silu(conv(u))               depthwise, over four steps
        q, k, v = W_q c, W_k c, W_v u   block-diagonal, by four features
        i, f = W_g [q, k, v] + b_g      per head
        h = norm(mLSTM(q, k, v, i, f))  norm per head
        y = x + W_d ((h + s * c) * silu(z))

    silu(z) is the output gate; the cell's own is gone, and so are its
    projections. The code rounds sizes up to multiples of 64, the paper and
    this do not, and adds 1e-6 to the cell's denominator.

    Weights: `norm` `(units,)`; `up` W_u `(units, 4 * units)`; the
    convolution's, see `CausalConv`; `query`, `key`, `value`
    `(units / 2, 4, 4)`; `gates` W_g `(6 * units, 2 * num_heads)`, b_g
    `(2 * num_heads,)`; `head_norm` `(2 * units,)`; `skip` s `(2 * units,)`;
    `down` W_d `(2 * units, units)`. With the initial values of the authors'
    code, some of which depend on the number of layers.
    States: the convolution's `(batch, 6 * units)`, then the cell's.

    Args: see `PaperBlock`; the cell is `mlstm`, twice as wide as `units`
        unless an instance says otherwise.

    Raises:
        ValueError: another cell; a cell whose units are no multiple of four.

    Example:

    ```python
    block = rnnzoo.layers.MLSTMBlock("mlstm", units=8)
    y = block(np.ones((2, 5, 8)))   # (2, 5, 8)
    ```
    """

    fits = (MLSTM,)
    expansion = 2
    norm_has_offset = False

    def __init__(self, cell="mlstm", units=None, **kwargs):
        super().__init__(cell, units, **kwargs)
        policy = self.dtype_policy
        cell = self.forward.cell
        inner = cell.units
        if inner % PROJECTION_SIZE:
            raise ValueError(
                "The projections of this block map four features at a time, "
                f"but its cell has {inner} units. Received: units="
                f"{self.units}. Choose a multiple of two."
            )
        self.conv = self.recurrent(CausalConv(inner, dtype=policy), "conv")
        small = (2 / (5 * self.units)) ** 0.5
        # The more layers add to the stream, the less each of them does.
        smaller = 2 / self.num_layers / self.units**0.5
        self.up_norm = self.norm("norm")
        self.up = self.dense(2 * inner, "up", small, use_bias=False)
        self.query, self.key, self.value = (
            BlockDiagonal(
                inner // PROJECTION_SIZE,
                keras.initializers.RandomNormal(stddev=small),
                dtype=policy,
                name=name,
            )
            for name in ("query", "key", "value")
        )
        self.gates = self.dense(
            2 * cell.num_heads,
            "gates",
            kernel_initializer="zeros",
            bias_initializer=cell.initial_gate_bias,
        )
        self.head_norm = HeadNorm(
            cell.num_heads, dtype=policy, name="head_norm"
        )
        self.down = self.dense(self.units, "down", smaller, use_bias=False)

    def fitted(self, template):
        return with_options(template, project_inputs=False)

    def directions(self):
        return [self.conv, self.forward]

    def parts(self):
        n, inner = self.units, self.forward.cell.units
        return [
            (self.up_norm, n),
            (self.up, n),
            (self.conv, inner),
            *((layer, inner) for layer in (self.query, self.key, self.value)),
            (self.gates, 3 * inner),
            (self.forward, self.forward.cell.projected_size),
            (self.head_norm, inner),
            (self.down, inner),
        ]

    def build(
        self, sequences_shape, initial_state_shape=None, constants_shape=None
    ):
        super().build(sequences_shape)
        self.skip = self.add_weight(
            shape=(self.forward.cell.units,), initializer="ones", name="skip"
        )

    def flow(self, x, run, drop):
        u, z = ops.split(self.up(self.up_norm(x)), 2, axis=-1)
        c = ops.silu(run(self.conv, u))
        qkv = [self.query(c), self.key(c), self.value(u)]
        gates = self.gates(ops.concatenate(qkv, axis=-1))
        h = run(self.forward, ops.concatenate([*qkv, gates], axis=-1))
        # A step is outside of the scope in which Keras casts weights.
        skip = ops.cast(self.skip, self.compute_dtype)
        h = (self.head_norm(h) + skip * c) * ops.silu(z)
        return x + drop(self.down(h))
