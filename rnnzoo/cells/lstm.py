"""Long short-term memory."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell


class LSTM(Cell):
    """Long short-term memory with a forget gate: the classical default.

    Choose it when in doubt and sequences are of some hundred steps at most.

    Paper: Hochreiter and Schmidhuber 1997,
    https://doi.org/10.1162/neco.1997.9.8.1735; the forget gate is of Gers,
    Schmidhuber and Cummins 2000, https://doi.org/10.1162/089976600300015015

        i_t = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
        f_t = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
        g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
        o_t = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
        c_t = f_t * c_{t-1} + i_t * g_t
        h_t = o_t * tanh(c_t)

    Weights, blocks in the order i f g o, as in Keras: W `kernel`
    `(input_dim, 4 * units)`, U `recurrent_kernel` `(units, 4 * units)`,
    b `bias` `(4 * units,)`.
    States: h `(batch, units)`, c `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        unit_forget_bias: bool. Whether b_f starts at one, so that a new cell
            remembers (Jozefowicz et al. 2015).
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("lstm", units=8, return_state=True)
    y, h, c = layer(np.ones((2, 5, 3)))   # each (2, 8)
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
