"""FastRNN: a simple cell with a weighted residual connection."""

import keras
from keras import initializers, ops

from rnnzoo.cells.cell import Cell


class FastRNN(Cell):
    """A simple recurrent cell plus a residual connection of two scalars.

    Choose it where an Elman network is too short-lived and a gated cell too
    large: it has two weights more than Elman.

    Paper: Kusupati et al. 2018, "FastGRNN: A Fast, Accurate, Stable and Tiny
    Kilobyte Sized Gated Recurrent Neural Network",
    https://arxiv.org/abs/1901.02358

        n_t = phi(W x_t + U h_{t-1} + b)
        h_t = sigmoid(alpha) * n_t + sigmoid(beta) * h_{t-1}

    alpha starts at -3, beta at 3 and b at one, as in the authors' code, so
    that a new cell keeps 95 % of its state from step to step. torchrecurrent
    starts alpha at 3 and beta at -3, and keeps 5 %.

    Weights: W `kernel` `(input_dim, units)`, U `recurrent_kernel`
    `(units, units)`, b `bias` `(units,)`, `alpha` `(1,)`, `beta` `(1,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        activation: str or function. phi.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("fast_rnn", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(units, **kwargs)
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", self.units, "ones")
        self.alpha = self.add_vector("alpha", 1, initializers.Constant(-3.0))
        self.beta = self.add_vector("beta", 1, initializers.Constant(3.0))

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        n = self.activation(
            projected + ops.matmul(dropped, self.recurrent_kernel)
        )
        h = ops.sigmoid(self.alpha) * n + ops.sigmoid(self.beta) * h
        return h, [h]

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return {**super().get_config(), "activation": activation}
