"""Long expressive memory."""

from keras import initializers, ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import in_range


class LEM(Cell):
    """Two memories, each with time scales that it learns by unit and step.

    Choose it for long sequences whose events happen on very different time
    scales. It has as many weights as an LSTM.

    Paper: Rusch et al. 2022, https://arxiv.org/abs/2110.04744

        d_t = dt * sigmoid(W_d x_t + U_d y_{t-1} + b_d)
        e_t = dt * sigmoid(W_e x_t + U_e y_{t-1} + b_e)
        z_t = (1 - d_t) * z_{t-1} + d_t * tanh(W_z x_t + U_z y_{t-1} + b_z)
        y_t = (1 - e_t) * y_{t-1} + e_t * tanh(W_y x_t + V z_t + b_y)

    The last line reads the new z, as in the paper and in its authors' code;
    some packages read z_{t-1} instead. That code starts all weights uniform
    within 1 / sqrt(units).

    Weights, blocks in the order d e z y: W `kernel` `(input_dim, 4 * units)`,
    U `recurrent_kernel` `(units, 3 * units)` without y, V `memory_kernel`
    `(units, units)`, b `bias` `(4 * units,)`.
    States: y `(batch, units)`, z `(batch, units)`.

    Args:
        units: int. Size of y, which is also the output.
        dt: float. The longest step in time.
        recurrent_dropout: float. Share of y_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units`, `dt` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.LEM(8, dt=0.5))
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    # A slow memory takes in steps much smaller than itself.
    float32_carry = True

    def __init__(self, units, dt=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.dt = in_range("dt", dt, "(0, inf)")

    @property
    def carry_size(self):
        return [self.units, self.units]

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix(
            "kernel", self.input_dim, 4 * self.units, self.start()
        )
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 3 * self.units, self.start()
        )
        self.memory_kernel = self.add_matrix(
            "memory_kernel", self.units, self.units, self.start()
        )
        self.bias = self.add_vector("bias", 4 * self.units, self.start())

    def start(self):
        bound = self.units**-0.5
        return initializers.RandomUniform(-bound, bound)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        y, z = states
        dropped = y if noise is None else y * noise
        projected = ops.cast(projected, self.carry_dtype)
        x_gates, x_y = ops.split(projected, [3 * self.units], axis=-1)
        gates = x_gates + self.recur(dropped, self.recurrent_kernel)
        d, e, candidate = ops.split(gates, 3, axis=-1)
        d = ops.sigmoid(d)
        e = ops.sigmoid(e)
        self.show(d=d, e=e)
        d, e = self.dt * d, self.dt * e
        z = (1 - d) * z + d * ops.tanh(candidate)
        y = (1 - e) * y + e * ops.tanh(x_y + self.recur(z, self.memory_kernel))
        return y, [y, z]

    def recur(self, memory, kernel):
        """The product in the compute type, the result in that of the carry."""
        product = ops.matmul(ops.cast(memory, self.compute_dtype), kernel)
        return ops.cast(product, self.carry_dtype)

    def get_config(self):
        return {**super().get_config(), "dt": self.dt}
