"""Long short-term memory with a recurrence that each input chooses."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell


class MultiplicativeLSTM(Cell):
    """LSTM whose recurrent matrix depends on the input.

    Choose it for sequences of symbols, such as characters: each symbol has a
    transition of its own, so that one unlikely symbol can redirect the state.

    Paper: Krause et al. 2016, "Multiplicative LSTM for sequence modelling",
    https://arxiv.org/abs/1609.07959

        m_t = (W_m x_t) * (U_m h_{t-1})
        i_t = sigmoid(W_i x_t + U_i m_t + b_i)
        f_t = sigmoid(W_f x_t + U_f m_t + b_f)
        g_t = tanh(W_g x_t + U_g m_t + b_g)
        o_t = sigmoid(W_o x_t + U_o m_t + b_o)
        c_t = f_t * c_{t-1} + i_t * g_t
        h_t = o_t * tanh(c_t)

    Of the authors' two programs the later one computes this; the earlier one
    has no tanh in g_t and h_t = tanh(o_t * c_t + b_h). The mLSTM of xLSTM
    (here `mlstm`) shares the short name and nothing else.

    Weights, blocks in the order i f g o: W `kernel` `(input_dim, 4 * units)`,
    U `recurrent_kernel` `(units, 4 * units)`, b `bias` `(4 * units,)`; W_m
    `factor_kernel` `(input_dim, units)`, U_m `factor_recurrent_kernel`
    `(units, units)`.
    States: h `(batch, units)`, c `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        unit_forget_bias: bool. Whether b_f starts at one, so that a new cell
            remembers.
        recurrent_dropout: float. Share of h_{t-1} dropped before U_m, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("multiplicative_lstm", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    @property
    def carry_size(self):
        return [self.units, self.units]

    def build(self, input_shape):
        super().build(input_shape)
        self.factor_kernel = self.add_matrix(
            "factor_kernel", self.input_dim, self.units
        )
        self.factor_recurrent_kernel = self.add_matrix(
            "factor_recurrent_kernel", self.units, self.units, "orthogonal"
        )
        self.kernel = self.add_matrix("kernel", self.input_dim, 4 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 4 * self.units, "orthogonal"
        )
        b_f = 1.0 if self.unit_forget_bias else 0.0
        bias = np.repeat([0.0, b_f, 0.0, 0.0], self.units)
        self.bias = self.add_vector("bias", 4 * self.units, bias)

    def project(self, inputs, training=False):
        factor = ops.matmul(inputs, self.factor_kernel)
        return factor, ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        h, c = states
        if noise is not None:
            h = h * noise
        factor, gates = projected
        m = factor * ops.matmul(h, self.factor_recurrent_kernel)
        gates = gates + ops.matmul(m, self.recurrent_kernel)
        i, f, g, o = ops.split(gates, 4, axis=-1)
        i = ops.sigmoid(i)
        f = ops.sigmoid(f)
        g = ops.tanh(g)
        o = ops.sigmoid(o)
        self.show(i=i, f=f, o=o)
        c = f * c + i * g
        h = o * ops.tanh(c)
        return h, [h, c]

    def get_config(self):
        return {
            **super().get_config(),
            "unit_forget_bias": self.unit_forget_bias,
        }
