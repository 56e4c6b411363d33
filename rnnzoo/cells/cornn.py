"""The coupled oscillatory recurrent network."""

from keras import initializers, ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import in_range


class CoRNN(Cell):
    """Coupled, damped and driven oscillators, each one unit.

    Choose it for sequences of hundreds or thousands of steps: the paper
    bounds its gradients where dt is small. It wants dt, gamma and epsilon
    tuned to the task.

    Paper: Rusch and Mishra 2021, https://arxiv.org/abs/2010.00951. y is where
    an oscillator is, z how fast it moves:

        f_t = tanh(W x_t + U y_{t-1} + V z_{t-1} + b)
        z_t = z_{t-1} + dt * (f_t - gamma * y_{t-1} - epsilon * z_{t-1})
        y_t = y_{t-1} + dt * z_t

    The paper allows z_t for z_{t-1} in the damping as well; this is what its
    experiments and their code have. The defaults are those of its sequential
    MNIST. The code starts all weights uniform within 1 / sqrt(n), n the number
    of what a unit reads.

    Weights: W `kernel` `(input_dim, units)`, U above V `recurrent_kernel`
    `(2 * units, units)`, b `bias` `(units,)`.
    States: y `(batch, units)`, z `(batch, units)`.

    Args:
        units: int. Size of y, which is also the output.
        dt: float. Length of a step in time.
        gamma: float. Square of the frequency of an oscillator by itself.
        epsilon: float. Damping.
        recurrent_dropout: float. Share of units whose y_{t-1} and z_{t-1} are
            dropped before U and V, by one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units`, `dt`, `gamma`, `epsilon` or `recurrent_dropout`
            out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.CoRNN(8, dt=0.1))
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    # A sum of steps much smaller than itself.
    float32_carry = True

    def __init__(self, units, dt=0.042, gamma=2.7, epsilon=4.7, **kwargs):
        super().__init__(units, **kwargs)
        self.dt = in_range("dt", dt, "(0, inf)")
        self.gamma = in_range("gamma", gamma, "[0, inf)")
        self.epsilon = in_range("epsilon", epsilon, "[0, inf)")

    @property
    def carry_size(self):
        return [self.units, self.units]

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix(
            "kernel", self.input_dim, self.units, self.start()
        )
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", 2 * self.units, self.units, self.start()
        )
        self.bias = self.add_vector("bias", self.units, self.start())

    def start(self):
        bound = (self.input_dim + 2 * self.units) ** -0.5
        return initializers.RandomUniform(-bound, bound)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        y, z = states
        dropped = states if noise is None else [y * noise, z * noise]
        dropped = ops.cast(ops.concatenate(dropped, -1), self.compute_dtype)
        f = ops.tanh(projected + ops.matmul(dropped, self.recurrent_kernel))
        f = ops.cast(f, self.carry_dtype)
        z = z + self.dt * (f - self.gamma * y - self.epsilon * z)
        y = y + self.dt * z
        return y, [y, z]

    def get_config(self):
        config = {"dt": self.dt, "gamma": self.gamma, "epsilon": self.epsilon}
        return {**super().get_config(), **config}
