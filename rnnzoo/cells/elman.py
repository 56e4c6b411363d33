"""The simple recurrent network of Elman."""

import keras
from keras import ops

from rnnzoo.cells.cell import Cell


class Elman(Cell):
    """The simple recurrent cell: one layer that also reads its own past.

    Choose it to teach, as a baseline, or for short sequences; gradients of a
    tanh Elman network fade within a few dozen steps.

    Paper: Elman 1990, "Finding Structure in Time", Cognitive Science 14,
    https://doi.org/10.1207/s15516709cog1402_1

        h_t = phi(W x_t + U h_{t-1} + b)

    Weights: W `kernel` `(input_dim, units)`, U `recurrent_kernel`
    `(units, units)`, b `bias` `(units,)`.
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
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.Elman(8, activation="relu"))
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(units, **kwargs)
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_weight(
            shape=(self.input_dim, self.units),
            initializer="glorot_uniform",
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units),
            initializer="orthogonal",
            name="recurrent_kernel",
        )
        self.bias = self.add_weight(
            shape=(self.units,), initializer="zeros", name="bias"
        )

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        if noise is not None:
            h = h * noise
        h = self.activation(projected + ops.matmul(h, self.recurrent_kernel))
        return h, [h]

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return {**super().get_config(), "activation": activation}
