"""The sequential network of Jordan: the output is fed back."""

import keras
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import in_range, positive_integer


class Jordan(Cell):
    """The cell whose memory is its own previous output.

    Choose it to teach the difference to Elman, or where the output itself is
    what the next step depends on (trajectories, control).

    Paper: Jordan 1986, "Attractor dynamics and parallelism in a connectionist
    sequential machine", https://escholarship.org/uc/item/1fg2j76h

        s_t = mu s_{t-1} + y_{t-1}
        h_t = phi(W x_t + U s_t + b)
        y_t = psi(V h_t + c)

    The context s is a fading sum of all outputs so far. The original's context
    units keep such a share mu of themselves; without it, as in the textbooks
    and by default here, s_t is the last output y_{t-1}.

    Weights: W `kernel` `(input_dim, units)`, U `recurrent_kernel`
    `(output_units, units)`, b `bias` `(units,)`, V `output_kernel`
    `(units, output_units)`, c `output_bias` `(output_units,)`.
    States: the next step's s `(batch, output_units)`, which is the output y
    where mu is 0.

    Args:
        units: int. Size of h.
        output_units: int or None. Size of y; `units` if None.
        activation: str or function. phi.
        output_activation: str or function. psi.
        self_connection: float in [0, 1). mu.
        recurrent_dropout: float. Share of s_t dropped before U, by one mask
            per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: a size, `self_connection` or `recurrent_dropout` out of
            range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.Jordan(8, output_units=3))
    y = layer(np.ones((2, 5, 4)))   # (2, 3)
    ```
    """

    def __init__(
        self,
        units,
        output_units=None,
        activation="tanh",
        output_activation="tanh",
        self_connection=0.0,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.output_units = positive_integer(
            "output_units", units if output_units is None else output_units
        )
        self.activation = keras.activations.get(activation)
        self.output_activation = keras.activations.get(output_activation)
        self.self_connection = in_range(
            "self_connection", self_connection, "[0, 1)"
        )

    @property
    def carry_size(self):
        return [self.output_units]

    @property
    def output_size(self):
        return self.output_units

    def draw_noise(self, batch_size, training=False):
        if not (training and self.recurrent_dropout):
            return None
        return self.dropout_mask((batch_size, self.output_units))

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.output_units, self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", self.units)
        self.output_kernel = self.add_matrix(
            "output_kernel", self.units, self.output_units
        )
        self.output_bias = self.add_vector("output_bias", self.output_units)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (s,) = states
        dropped = s if noise is None else s * noise
        h = self.activation(
            projected + ops.matmul(dropped, self.recurrent_kernel)
        )
        y = self.output_activation(
            ops.matmul(h, self.output_kernel) + self.output_bias
        )
        return y, [self.self_connection * s + y]

    def get_config(self):
        config = {
            "output_units": self.output_units,
            "activation": keras.activations.serialize(self.activation),
            "output_activation": keras.activations.serialize(
                self.output_activation
            ),
            "self_connection": self.self_connection,
        }
        return {**super().get_config(), **config}
