"""The independently recurrent network: every unit reads only itself."""

import keras
from keras import initializers, ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import positive_integer


class IndRNN(Cell):
    """A simple recurrent cell whose recurrent weights are a vector.

    Choose it for spans of hundreds or thousands of steps, in two layers or
    more: units meet only in the next layer. Set `longest_span` where the
    length of the sequences is known; without it the product of a unit's own
    weights may explode.

    Paper: Li et al. 2018, https://arxiv.org/abs/1803.04831

        h_t = phi(W x_t + u * h_{t-1} + b)

    The span T of a unit with the weight u is as long as u^T neither explodes
    nor vanishes. The paper keeps |u| <= 2^(1/T) in training. Where only the
    output of the last step is used, it starts the last layer's units with
    long spans alone, between 2^(-1/T) and 2^(1/T): set both spans to T.

    Some packages start u from a normal or Glorot distribution, or have tanh
    for phi where the paper has relu.

    Weights: W `kernel` `(input_dim, units)`, u `recurrent_kernel` `(units,)`,
    b `bias` `(units,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        activation: str or function. phi.
        longest_span: int or None. T: u starts between 0 and 2^(1/T), and
            |u| <= 2^(1/T) after each update. None: between 0 and 1, unbounded
            after.
        shortest_span: int or None. S: no unit starts below 2^(-1/S), which
            halves h in S steps. None: units start with any span.
        recurrent_dropout: float. Share of h_{t-1} dropped before u, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units`, a span or `recurrent_dropout` out of range.

    Example:

    ```python
    cell = rnnzoo.cells.IndRNN(8, longest_span=784)
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 784, 1)))   # (2, 8)
    ```
    """

    def __init__(
        self,
        units,
        activation="relu",
        longest_span=None,
        shortest_span=None,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.activation = keras.activations.get(activation)
        if longest_span is not None:
            longest_span = positive_integer("longest_span", longest_span)
        if shortest_span is not None:
            shortest_span = positive_integer("shortest_span", shortest_span)
        self.longest_span = longest_span
        self.shortest_span = shortest_span

    def build(self, input_shape):
        super().build(input_shape)
        low = 2 ** (-1 / self.shortest_span) if self.shortest_span else 0.0
        high = 2 ** (1 / self.longest_span) if self.longest_span else 1.0
        self.kernel = self.add_matrix("kernel", self.input_dim, self.units)
        self.recurrent_kernel = self.add_vector(
            "recurrent_kernel",
            self.units,
            initializers.RandomUniform(low, high),
            constraint=bounded(high) if self.longest_span else None,
        )
        self.bias = self.add_vector("bias", self.units)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        if noise is not None:
            h = h * noise
        h = self.activation(projected + self.recurrent_kernel * h)
        return h, [h]

    def get_config(self):
        config = {
            "activation": keras.activations.serialize(self.activation),
            "longest_span": self.longest_span,
            "shortest_span": self.shortest_span,
        }
        return {**super().get_config(), **config}


def bounded(bound):
    """A constraint: values within [-bound, bound]."""
    return lambda values: ops.clip(values, -bound, bound)
