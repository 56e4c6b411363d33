"""Long short-term memory whose gates see the memory."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell


class PeepholeLSTM(Cell):
    """LSTM with peepholes: the gates read the memory c itself.

    Choose it where time intervals have to be counted or produced exactly: a
    closed output gate hides c from h, and so from the gates of an LSTM.

    Paper: Gers, Schraudolph and Schmidhuber 2002, "Learning Precise Timing
    with LSTM Recurrent Networks", https://www.jmlr.org/papers/v3/gers02a.html

        i_t = sigmoid(W_i x_t + U_i h_{t-1} + p_i * c_{t-1} + b_i)
        f_t = sigmoid(W_f x_t + U_f h_{t-1} + p_f * c_{t-1} + b_f)
        g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
        c_t = f_t * c_{t-1} + i_t * g_t
        o_t = sigmoid(W_o x_t + U_o h_{t-1} + p_o * c_t + b_o)
        h_t = o_t * tanh(c_t)

    The output gate sees the new memory, the other gates the old one.

    Weights, blocks in the order i f g o: W `kernel` `(input_dim, 4 * units)`,
    U `recurrent_kernel` `(units, 4 * units)`, b `bias` `(4 * units,)`; in the
    order i f o: p `peephole_kernel` `(3 * units,)`. p starts at zero, so that
    a new cell is an LSTM.
    States: h `(batch, units)`, c `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        unit_forget_bias: bool. Whether b_f starts at one, so that a new cell
            remembers.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("peephole_lstm", units=8)
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
        self.kernel = self.add_matrix("kernel", self.input_dim, 4 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 4 * self.units, "orthogonal"
        )
        self.peephole_kernel = self.add_vector(
            "peephole_kernel", 3 * self.units
        )
        b_f = 1.0 if self.unit_forget_bias else 0.0
        bias = np.repeat([0.0, b_f, 0.0, 0.0], self.units)
        self.bias = self.add_vector("bias", 4 * self.units, bias)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        h, c = states
        if noise is not None:
            h = h * noise
        gates = projected + ops.matmul(h, self.recurrent_kernel)
        i, f, g, o = ops.split(gates, 4, axis=-1)
        p_i, p_f, p_o = ops.split(self.peephole_kernel, 3)
        i = ops.sigmoid(i + p_i * c)
        f = ops.sigmoid(f + p_f * c)
        g = ops.tanh(g)
        c = f * c + i * g
        o = ops.sigmoid(o + p_o * c)
        self.show(i=i, f=f, o=o)
        h = o * ops.tanh(c)
        return h, [h, c]

    def get_config(self):
        return {
            **super().get_config(),
            "unit_forget_bias": self.unit_forget_bias,
        }
