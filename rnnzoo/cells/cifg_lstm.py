"""Long short-term memory with coupled input and forget gates."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell


class CIFGLSTM(Cell):
    """LSTM that forgets exactly as much as it writes: f = 1 - i.

    Choose it for an LSTM with a quarter fewer weights. In the paper's study
    of eight variants it does not do significantly worse than the full LSTM.

    Paper: Greff et al. 2015, "LSTM: A Search Space Odyssey", variant CIFG,
    https://arxiv.org/abs/1503.04069

        i_t = sigmoid(W_i x_t + U_i h_{t-1} + p_i * c_{t-1} + b_i)
        f_t = 1 - i_t
        g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
        c_t = f_t * c_{t-1} + i_t * g_t
        o_t = sigmoid(W_o x_t + U_o h_{t-1} + p_o * c_t + b_o)
        h_t = o_t * tanh(c_t)

    The paper varies an LSTM with peepholes p. Without them this is an LSTM
    whose weights of the forget gate are minus those of the input gate.

    Weights, blocks in the order i g o: W `kernel` `(input_dim, 3 * units)`,
    U `recurrent_kernel` `(units, 3 * units)`, b `bias` `(3 * units,)`; in the
    order i o: p `peephole_kernel` `(2 * units,)`, which starts at zero.
    States: h `(batch, units)`, c `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        peepholes: bool. Whether the gates read c, by p.
        unit_forget_bias: bool. Whether the bias of f starts at one, which is
            minus one for b_i, so that a new cell remembers.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("cifg_lstm", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, peepholes=True, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.peepholes = peepholes
        self.unit_forget_bias = unit_forget_bias

    @property
    def carry_size(self):
        return [self.units, self.units]

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 3 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 3 * self.units, "orthogonal"
        )
        if self.peepholes:
            self.peephole_kernel = self.add_vector(
                "peephole_kernel", 2 * self.units
            )
        b_i = -1.0 if self.unit_forget_bias else 0.0
        bias = np.repeat([b_i, 0.0, 0.0], self.units)
        self.bias = self.add_vector("bias", 3 * self.units, bias)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        h, c = states
        if noise is not None:
            h = h * noise
        p_i, p_o = (
            ops.split(self.peephole_kernel, 2) if self.peepholes else (0, 0)
        )
        gates = projected + ops.matmul(h, self.recurrent_kernel)
        i, g, o = ops.split(gates, 3, axis=-1)
        i = ops.sigmoid(i + p_i * c)
        f = 1 - i
        g = ops.tanh(g)
        c = f * c + i * g
        o = ops.sigmoid(o + p_o * c)
        self.show(i=i, f=f, o=o)
        h = o * ops.tanh(c)
        return h, [h, c]

    def get_config(self):
        return {
            **super().get_config(),
            "peepholes": self.peepholes,
            "unit_forget_bias": self.unit_forget_bias,
        }
