"""A short convolution over time, as a cell."""

from keras import initializers, ops

from rnnzoo.cells import MemorylessCell
from rnnzoo.cells.checks import positive_integer


class CausalConv(MemorylessCell):
    """A depthwise convolution that sees this step and the last few.

        y_t = b + sum_j w_j * x_{t-j}     j = 0 .. width - 1

    Weights: w `kernel` `(width, units)`, the oldest step first; b `bias`
    `(units,)`.
    States: the last `width - 1` inputs, `(batch, (width - 1) * units)`.

    Args:
        units: int. Size of input and output.
        width: int. Number of steps that it sees.

    Raises:
        ValueError: inputs of another size than `units`; a number out of range.
    """

    def __init__(self, units, width=4, **kwargs):
        super().__init__(units, **kwargs)
        self.width = positive_integer("width", width)
        self.lookback = width - 1

    def build(self, input_shape):
        super().build(input_shape)
        if self.input_dim != self.units:
            raise ValueError(
                "A depthwise convolution keeps the size of its inputs. "
                f"Received: units={self.units} and {self.input_dim} features."
            )
        limit = self.width**-0.5
        self.kernel = self.add_matrix(
            "kernel",
            self.width,
            self.units,
            initializers.RandomUniform(-limit, limit),
        )
        self.bias = self.add_vector("bias", self.units)

    def project(self, inputs, training=False):
        y = self.bias
        timesteps = ops.shape(inputs)[1] - self.lookback
        for n in range(self.width):
            y = y + self.kernel[n] * inputs[:, n : n + timesteps]
        return y

    def get_config(self):
        return {**super().get_config(), "width": self.width}
