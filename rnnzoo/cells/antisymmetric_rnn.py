"""The antisymmetric recurrent network: a stable differential equation."""

from keras import initializers, ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import in_range


class AntisymmetricRNN(Cell):
    """A recurrent cell whose states neither explode nor fade by themselves.

    Choose it for long sequences of smooth signals, with few weights. The
    product of `step_size` and the length is how long the equation runs, so
    raise `step_size` where sequences are short.

    Paper: Chang et al. 2019, https://arxiv.org/abs/1902.09689. It takes
    Euler's steps of size epsilon along a differential equation whose matrix
    has eigenvalues with the real part -gamma, close to zero:

        a_t = (U - U^T - gamma I) h_{t-1}
        n_t = tanh(a_t + W_n x_t + b_n)
        z_t = sigmoid(a_t + W_z x_t + b_z), or without a gate: 1
        h_t = h_{t-1} + epsilon * z_t * n_t

    U enters antisymmetric, so half of its numbers would do. Other packages
    have 1 for epsilon and 0 for gamma, for which Euler's steps do grow.

    Weights, blocks in the order n z, or n alone without a gate (k = 1 or 2 of
    them): W `kernel` `(input_dim, k * units)`, U `recurrent_kernel`
    `(units, units)`, b `bias` `(k * units,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        step_size: float. epsilon.
        diffusion: float. gamma, which makes up for the error of finite steps.
        gated: bool. Whether to have the gate z.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units`, `step_size`, `diffusion` or `recurrent_dropout`
            out of range.

    Example:

    ```python
    cell = rnnzoo.cells.AntisymmetricRNN(8, step_size=0.1, gated=True)
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    # A sum of steps much smaller than itself.
    float32_carry = True

    def __init__(
        self, units, step_size=0.01, diffusion=0.01, gated=False, **kwargs
    ):
        super().__init__(units, **kwargs)
        self.step_size = in_range("step_size", step_size, "(0, inf)")
        self.diffusion = in_range("diffusion", diffusion, "[0, inf)")
        self.gated = gated

    def build(self, input_shape):
        super().build(input_shape)
        width = 2 * self.units if self.gated else self.units
        self.kernel = self.add_matrix(
            "kernel", self.input_dim, width, normal_by_rows()
        )
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, self.units, normal_by_rows()
        )
        self.bias = self.add_vector("bias", width)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        U = self.recurrent_kernel
        dropped = ops.cast(dropped, self.compute_dtype)
        a = ops.matmul(dropped, U - ops.transpose(U)) - self.diffusion * dropped
        x_n, *x_z = ops.split(projected, 2 if self.gated else 1, axis=-1)
        n = ops.tanh(a + x_n)
        z = ops.sigmoid(a + x_z[0]) if self.gated else 1.0
        if self.gated:
            self.show(z=z)
        h = h + self.step_size * ops.cast(z * n, self.carry_dtype)
        return h, [h]

    def get_config(self):
        config = {
            "step_size": self.step_size,
            "diffusion": self.diffusion,
            "gated": self.gated,
        }
        return {**super().get_config(), **config}


def normal_by_rows():
    """Normal, with the variance 1 / rows."""
    return initializers.VarianceScaling(1.0, "fan_in", "untruncated_normal")
