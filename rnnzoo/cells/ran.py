"""Recurrent additive networks."""

import keras
from keras import ops

from rnnzoo.cells.cell import Cell


class RAN(Cell):
    """The recurrent additive network: an LSTM with a linear memory alone.

    Choose it to see what inputs a state is made of: c_t is a weighted sum of
    W_c x_1 ... W_c x_t, and the gates are the weights.

    Paper: Lee, Levy and Zettlemoyer 2017, "Recurrent Additive Networks",
    https://arxiv.org/abs/1705.07393

        n_t = W_c x_t
        i_t = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
        f_t = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
        c_t = i_t * n_t + f_t * c_{t-1}
        h_t = phi(c_t)

    The gates read h, so it is linear in c but not parallel over time.

    Weights: W `kernel` `(input_dim, 3 * units)` in the order c i f,
    U `recurrent_kernel` `(units, 2 * units)` and b `bias` `(2 * units,)` in
    the order i f.
    States: h `(batch, units)`, c `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        output_activation: str or function. phi: the paper's are `"tanh"` and
            `"linear"`.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    cell = rnnzoo.cells.RAN(8, output_activation="linear")
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, output_activation="tanh", **kwargs):
        super().__init__(units, **kwargs)
        self.output_activation = keras.activations.get(output_activation)

    @property
    def carry_size(self):
        return [self.units, self.units]

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 3 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 2 * self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", 2 * self.units)

    def project(self, inputs, training=False):
        x = ops.matmul(inputs, self.kernel)
        n, gates = ops.split(x, [self.units], axis=-1)
        return n, gates + self.bias

    def step(self, projected, states, noise=None):
        n, gates = projected
        h, c = states
        if noise is not None:
            h = h * noise
        gates = ops.sigmoid(gates + ops.matmul(h, self.recurrent_kernel))
        i, f = ops.split(gates, 2, axis=-1)
        self.show(i=i, f=f)
        c = i * n + f * c
        h = self.output_activation(c)
        return h, [h, c]

    def get_config(self):
        activation = keras.activations.serialize(self.output_activation)
        return {**super().get_config(), "output_activation": activation}
