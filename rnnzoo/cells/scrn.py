"""The structurally constrained recurrent network."""

import keras
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import in_range, positive_integer


class SCRN(Cell):
    """An Elman network beside a context that changes slowly by design.

    Choose it for the topic of a text or another slow background, at little
    more than an Elman network's cost: without any gate it keeps an average
    of its past.

    Paper: Mikolov et al. 2014, "Learning Longer Memory in Recurrent Neural
    Networks", https://arxiv.org/abs/1412.7753

        s_t = (1 - alpha) * B x_t + alpha * s_{t-1}
        h_t = sigmoid(P s_t + A x_t + R h_{t-1})
        y_t = phi(U h_t + V s_t)

    phi is softmax over the words in the paper; linear here, so that any layer
    can follow. There are no biases. What is fed back is h, where
    torchrecurrent feeds back y; the authors' program reads s_{t-1} in h_t.

    Weights, A and B side by side: `kernel` `(input_dim, units +
    context_units)`; P `context_kernel` `(context_units, units)`, R
    `recurrent_kernel` `(units, units)`; U over V `output_kernel`
    `(units + context_units, output_units)`.
    States: h `(batch, units)`, s `(batch, context_units)`.

    Args:
        units: int. Size of h.
        context_units: int or None. Size of s; `units` if None.
        output_units: int or None. Size of y, the output; `units` if None.
        alpha: float in [0, 1). Share of the context that stays, fixed.
        output_activation: str or function. phi.
        recurrent_dropout: float. Share of h_{t-1} dropped before R, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: a size, `alpha` or `recurrent_dropout` out of range.

    Example:

    ```python
    cell = rnnzoo.cells.SCRN(8, context_units=4)
    layer = rnnzoo.layers.Recurrent(cell)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(
        self,
        units,
        context_units=None,
        output_units=None,
        alpha=0.95,
        output_activation="linear",
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.context_units = positive_integer(
            "context_units", units if context_units is None else context_units
        )
        self.output_units = positive_integer(
            "output_units", units if output_units is None else output_units
        )
        self.alpha = in_range("alpha", alpha, "[0, 1)")
        self.output_activation = keras.activations.get(output_activation)

    @property
    def carry_size(self):
        return [self.units, self.context_units]

    @property
    def output_size(self):
        return self.output_units

    def build(self, input_shape):
        super().build(input_shape)
        both = self.units + self.context_units
        self.kernel = self.add_matrix("kernel", self.input_dim, both)
        self.context_kernel = self.add_matrix(
            "context_kernel", self.context_units, self.units
        )
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, self.units, "orthogonal"
        )
        self.output_kernel = self.add_matrix(
            "output_kernel", both, self.output_units
        )

    def project(self, inputs, training=False):
        a, b = ops.split(ops.matmul(inputs, self.kernel), [self.units], axis=-1)
        return a, b

    def step(self, projected, states, noise=None):
        h, s = states
        if noise is not None:
            h = h * noise
        a, b = projected
        s = (1 - self.alpha) * b + self.alpha * s
        h = ops.sigmoid(
            ops.matmul(s, self.context_kernel)
            + a
            + ops.matmul(h, self.recurrent_kernel)
        )
        y = self.output_activation(
            ops.matmul(ops.concatenate([h, s], axis=-1), self.output_kernel)
        )
        return y, [h, s]

    def get_config(self):
        config = {
            "context_units": self.context_units,
            "output_units": self.output_units,
            "alpha": self.alpha,
            "output_activation": keras.activations.serialize(
                self.output_activation
            ),
        }
        return {**super().get_config(), **config}
