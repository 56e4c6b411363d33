"""sLSTM: the scalar memory of xLSTM."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import (
    multiple_of_heads,
    one_of,
    positive_integer,
    projected_inputs,
)
from rnnzoo.cells.products import block_product


class SLSTM(Cell):
    """The LSTM with exponential gates and a normaliser, one of xLSTM's two.

    Choose it where a state has to be tracked, such as a parity or a
    position: its gates read the last output, which no parallel cell can do,
    and which is why it runs step by step.

    Paper: Beck et al. 2024, "xLSTM: Extended Long Short-Term Memory",
    https://arxiv.org/abs/2405.04517, equations 8 to 17. R is block-diagonal:
    a head reads its own outputs alone.

        i_t = W_i x_t + R_i h_{t-1} + b_i
        f_t = log sigmoid(W_f x_t + R_f h_{t-1} + b_f)
        z_t = tanh(W_z x_t + R_z h_{t-1} + b_z)
        o_t = sigmoid(W_o x_t + R_o h_{t-1} + b_o)
        m_t = max(f_t + m_{t-1}, i_t)
        c_t = exp(f_t + m_{t-1} - m_t) * c_{t-1} + exp(i_t - m_t) * z_t
        n_t = exp(f_t + m_{t-1} - m_t) * n_{t-1} + exp(i_t - m_t)
        h_t = o_t * c_t / n_t

    The output does not depend on m, which therefore takes no gradient. The
    authors' code names two of its projections after each other's gates, and
    its `step` returns the old state; the equations are these.

    Weights, blocks in the order i f z o: W `kernel` `(input_dim, 4 * units)`,
    R `recurrent_kernel` `(num_heads, d, 4 * d)` with d = units / num_heads,
    b `bias` `(4 * units,)`.
    States: h, c, n, m, each `(batch, units)`, in float32 at least, with
    m_0 = -1e30.

    Args:
        units: int. Size of h, which is also the output; a multiple of
            `num_heads`.
        num_heads: int. Number of blocks of R.
        forget_gate: `"sigmoid"`, as above, or `"exp"`: f_t = W_f x_t + ...
        project_inputs: bool. False for a cell without W: x_t holds the
            products W x of another layer, `(4 * units,)`. See
            `rnnzoo.layers.SLSTMBlock`.
        recurrent_dropout: float. Share of h_{t-1} dropped before R, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` is no multiple of `num_heads`; unknown
            `forget_gate`; a number out of range; inputs of another size
            than `project_inputs=False` takes.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.SLSTM(8, num_heads=2))
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    float32_carry = True
    stabilised = True

    def __init__(
        self,
        units,
        num_heads=4,
        forget_gate="sigmoid",
        project_inputs=True,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.num_heads = positive_integer("num_heads", num_heads)
        self.head_dim = multiple_of_heads("sLSTM", self.units, self.num_heads)
        self.forget_gate = one_of(
            "forget_gate", forget_gate, ("sigmoid", "exp")
        )
        self.project_inputs = project_inputs

    @property
    def carry_size(self):
        return [self.units] * 4

    @property
    def conditionable_states(self):
        return ()

    def initial_carry(self, batch_size):
        # Nothing is remembered, so nothing of it is the maximum.
        h, c, n, m = super().initial_carry(batch_size)
        return [h, c, n, m - 1e30]

    def build(self, input_shape):
        super().build(input_shape)
        d = self.head_dim
        if self.project_inputs:
            self.kernel = self.add_matrix(
                "kernel", self.input_dim, 4 * self.units
            )
        else:
            projected_inputs(self, 4 * self.units)
        self.recurrent_kernel = self.add_array(
            "recurrent_kernel",
            (self.num_heads, d, 4 * d),
            "glorot_uniform",
        )
        # A power law, as the authors' code starts it: each head remembers
        # over many spans.
        place = np.arange(d) / max(d - 1, 1)
        f = np.tile(5.0 - 12.0 * place**0.3, self.num_heads)
        i = z = o = np.zeros(self.units)
        self.bias = self.add_vector(
            "bias", 4 * self.units, np.concatenate([i, f, z, o])
        )

    def project(self, inputs, training=False):
        if self.project_inputs:
            inputs = ops.matmul(inputs, self.kernel)
        return inputs + self.bias

    def step(self, projected, states, noise=None):
        h, c, n, m_previous = states
        if noise is not None:
            h = h * noise
        gates = ops.cast(projected, self.carry_dtype) + self.recur(h)
        i, f, z, o = ops.split(gates, 4, axis=-1)
        f = ops.log_sigmoid(f) if self.forget_gate == "sigmoid" else f
        z = ops.tanh(z)
        o = ops.sigmoid(o)
        self.show(f=lambda: ops.exp(f), o=o)
        m = ops.stop_gradient(ops.maximum(f + m_previous, i))
        keep = ops.exp(f + m_previous - m)
        admit = ops.exp(i - m)
        c = keep * c + admit * z
        n = keep * n + admit
        h = o * c / n
        return h, [h, c, n, m]

    def recur(self, h):
        """R h_{t-1}, head by head: `(batch, 4 * units)`."""
        h = ops.cast(h, self.compute_dtype)
        Rh = block_product(h, self.recurrent_kernel)
        Rh = ops.reshape(Rh, (-1, self.num_heads, 4, self.head_dim))
        Rh = ops.reshape(ops.swapaxes(Rh, 1, 2), (-1, 4 * self.units))
        return ops.cast(Rh, self.carry_dtype)

    def get_config(self):
        config = {
            "num_heads": self.num_heads,
            "forget_gate": self.forget_gate,
            "project_inputs": self.project_inputs,
        }
        return {**super().get_config(), **config}
