"""The echo state network: a random recurrence that is never trained."""

import random

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import in_range


class ESN(Cell):
    """A fixed random reservoir; only what reads it is trained.

    Choose it where training through time is too dear or there are few data:
    run it once, then fit a linear layer to its outputs, or train that layer
    alone. It wants far more units than a trained cell.

    Paper: Jaeger 2001, "The echo state approach to analysing and training
    recurrent neural networks",
    https://www.ai.rug.nl/minds/uploads/EchoStatesTechRep.pdf; leaky units as
    in Jaeger et al. 2007, https://doi.org/10.1016/j.neunet.2007.04.016

        n_t = tanh(W x_t + U h_{t-1} + b)
        h_t = (1 - alpha) * h_{t-1} + alpha * n_t

    Each unit reads the same number of others. U is drawn uniform and scaled
    to its spectral radius, the largest modulus of its eigenvalues. Below 1 a
    reservoir usually forgets its initial state, which is what the network
    needs.

    Weights, all frozen: W `kernel` `(input_dim, units)`, U
    `recurrent_kernel` `(units, units)`, b `bias` `(units,)`. They follow
    `keras.utils.set_random_seed`, as the weights of all cells do.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        spectral_radius: float. That of U: how long the reservoir remembers.
        leak_rate: float in (0, 1]. alpha: how fast units move.
        connectivity: float in (0, 1]. Share of the units that each unit
            reads; one unit at least.
        input_scaling: float. W and b are uniform in [-input_scaling,
            input_scaling].
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: an argument out of range.

    Example:

    ```python
    cell = rnnzoo.cells.ESN(200, spectral_radius=0.95, leak_rate=0.3)
    layer = rnnzoo.layers.Recurrent(cell, return_sequences=True)
    y = layer(np.ones((2, 50, 1)))   # (2, 50, 200)
    ```
    """

    def __init__(
        self,
        units,
        spectral_radius=0.9,
        leak_rate=1.0,
        connectivity=0.1,
        input_scaling=1.0,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.spectral_radius = in_range(
            "spectral_radius", spectral_radius, "(0, inf)"
        )
        self.leak_rate = in_range("leak_rate", leak_rate, "(0, 1]")
        self.connectivity = in_range("connectivity", connectivity, "(0, 1]")
        self.input_scaling = in_range(
            "input_scaling", input_scaling, "(0, inf)"
        )

    def build(self, input_shape):
        super().build(input_shape)
        # Keras draws the seeds of its initialisers from here as well.
        generator = np.random.default_rng(random.getrandbits(64))
        scale = self.input_scaling
        values = {
            "kernel": generator.uniform(
                -scale, scale, (self.input_dim, self.units)
            ),
            "recurrent_kernel": self.reservoir(generator),
            "bias": generator.uniform(-scale, scale, self.units),
        }
        self.kernel, self.recurrent_kernel, self.bias = (
            self.add_array(name, value.shape, value, trainable=False)
            for name, value in values.items()
        )

    def reservoir(self, generator):
        """U: `fan_in` numbers in each column, scaled to the spectral radius."""
        shape = (self.units, self.units)
        # Where each unit reads one, there is a circle, and a radius above 0.
        fan_in = max(1, round(self.connectivity * self.units))
        rank = generator.random(shape).argsort(axis=0).argsort(axis=0)
        values = generator.uniform(-1.0, 1.0, shape) * (rank < fan_in)
        radius = np.abs(np.linalg.eigvals(values)).max()
        return values * (self.spectral_radius / radius)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        n = ops.tanh(projected + ops.matmul(dropped, self.recurrent_kernel))
        h = (1 - self.leak_rate) * h + self.leak_rate * n
        return h, [h]

    def get_config(self):
        config = {
            "spectral_radius": self.spectral_radius,
            "leak_rate": self.leak_rate,
            "connectivity": self.connectivity,
            "input_scaling": self.input_scaling,
        }
        return {**super().get_config(), **config}
