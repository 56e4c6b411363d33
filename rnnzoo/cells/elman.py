"""The simple recurrent network of Elman."""

import keras
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import one_of


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

    The IRNN of Le et al. 2015, https://arxiv.org/abs/1504.00941, is the same
    cell with relu for phi, U = I to start from, so that a new network keeps
    what it has read, and W small: normal with the deviation 0.001. It wants
    its gradients clipped:

    ```python
    cell = rnnzoo.cells.Elman(
        8, activation="relu", recurrent_initializer="identity"
    )
    ```

    Args:
        units: int. Size of h, which is also the output.
        activation: str or function. phi.
        recurrent_initializer: "orthogonal", or "identity" as in the IRNN, W
            included.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range; an unknown
            `recurrent_initializer`.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.Elman(8, activation="relu"))
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_initializer="orthogonal",
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.activation = keras.activations.get(activation)
        self.recurrent_initializer = one_of(
            "recurrent_initializer",
            recurrent_initializer,
            ("orthogonal", "identity"),
        )

    def build(self, input_shape):
        super().build(input_shape)
        start = "glorot_uniform"
        if self.recurrent_initializer == "identity":
            start = keras.initializers.RandomNormal(stddev=0.001)
        self.kernel = self.add_matrix(
            "kernel", self.input_dim, self.units, start
        )
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel",
            self.units,
            self.units,
            self.recurrent_initializer,
        )
        self.bias = self.add_vector("bias", self.units)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        if noise is not None:
            h = h * noise
        h = self.activation(projected + ops.matmul(h, self.recurrent_kernel))
        return h, [h]

    def get_config(self):
        config = {
            "activation": keras.activations.serialize(self.activation),
            "recurrent_initializer": self.recurrent_initializer,
        }
        return {**super().get_config(), **config}
