"""The intersection RNN: gates in time and in depth."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell


class IntersectionRNN(Cell):
    """The intersection RNN (+RNN): one gate in time, another one in depth.

    Choose it for stacks of several layers, which its depth gate is made for;
    its authors found it easier to train than LSTM and GRU when deep.

    Paper: Collins, Sohl-Dickstein and Sussillo 2017, "Capacity and
    Trainability in Recurrent Neural Networks",
    https://arxiv.org/abs/1611.09913

        v_t = relu(W_v x_t + U_v h_{t-1} + b_v)
        n_t = tanh(W_n x_t + U_n h_{t-1} + b_n)
        d_t = sigmoid(W_d x_t + U_d h_{t-1} + b_d)
        g_t = sigmoid(W_g x_t + U_g h_{t-1} + b_g)
        y_t = d_t * x_t + (1 - d_t) * v_t
        h_t = g_t * h_{t-1} + (1 - g_t) * n_t

    The output y is not the state h: the next layer reads y, the next step
    reads h. y_t adds x_t, which must be as wide as h. Where it is not, x_t
    stands for P x_t, the projection of the authors' first layer.

    Weights, blocks in the order v n d g: W `kernel` `(units, 4 * units)`,
    U `recurrent_kernel` `(units, 4 * units)`, b `bias` `(4 * units,)`; and
    P `input_kernel` `(input_dim, units)` where these sizes differ.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, and of the output y.
        unit_forget_bias: bool. Whether b_d and b_g start at one, as in
            TensorFlow's cell of this name, so that a new cell lets the input
            and the state pass.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    cell = rnnzoo.cells.IntersectionRNN(8)
    layer = rnnzoo.layers.Recurrent(cell, return_state=True)
    y, h = layer(np.ones((2, 5, 3)))   # each (2, 8)
    ```
    """

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    def build(self, input_shape):
        super().build(input_shape)
        self.input_kernel = self.add_input_kernel()
        self.kernel = self.add_matrix("kernel", self.units, 4 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 4 * self.units, "orthogonal"
        )
        b = 1.0 if self.unit_forget_bias else 0.0
        bias = np.repeat([0.0, 0.0, b, b], self.units)
        self.bias = self.add_vector("bias", 4 * self.units, bias)

    def project(self, inputs, training=False):
        x = self.widened(inputs)
        return x, ops.matmul(x, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        x, inner = projected
        (h,) = states
        dropped = h if noise is None else h * noise
        inner = inner + ops.matmul(dropped, self.recurrent_kernel)
        v, n, d, g = ops.split(inner, 4, axis=-1)
        v = ops.relu(v)
        n = ops.tanh(n)
        d = ops.sigmoid(d)
        g = ops.sigmoid(g)
        self.show(d=d, g=g)
        y = d * x + (1 - d) * v
        h = g * h + (1 - g) * n
        return y, [h]

    def get_config(self):
        return {
            **super().get_config(),
            "unit_forget_bias": self.unit_forget_bias,
        }
