"""The linear recurrent unit: a diagonal, complex, linear recurrence."""

import math

import keras
from keras import initializers, ops

from rnnzoo.cells.checks import positive_integer
from rnnzoo.cells.linear_cell import LinearCell


class LRU(LinearCell):
    """The linear recurrent unit: memories that rotate while they decay.

    Choose it for very long sequences whose content need not decide what is
    forgotten; it trains in parallel over time. Without an activation after it
    a stack is linear: use it in a residual block with norm.

    Paper: Orvieto et al. 2023, "Resurrecting Recurrent Neural Networks for
    Long Sequences", https://arxiv.org/abs/2303.06349. With complex h, B, C:

        lambda = exp(-exp(nu) + i exp(theta))
        h_t = lambda * h_{t-1} + exp(gamma) * (B x_t)
        y_t = Re(C h_t) + D x_t

    |lambda| < 1 whatever nu is, and exp(gamma) starts at
    sqrt(1 - |lambda|^2), so that h keeps the size of B x. The authors' code
    has D diagonal, which asks for inputs as wide as outputs.

    Weights: nu, theta, gamma `(state_units,)`; B `kernel`
    `(input_dim, 2 * state_units)` and C `output_kernel`
    `(2 * state_units, units)`, real part first; D `skip_kernel`
    `(input_dim, units)`.
    States: Re h, Im h, each `(batch, state_units)`, in float32 at least.

    Args:
        units: int. Size of the output y.
        state_units: int or None. Size of h; `units` if None.
        min_radius, max_radius: float in [0, 1]. |lambda| starts in this ring,
            evenly over its area.
        max_phase: float. The phase of lambda starts evenly in (0, max_phase).
        recurrent_dropout: float. Share of numbers of h whose input is
            dropped, by one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: a size, a radius, a phase or a share out of range.

    Example:

    ```python
    cell = rnnzoo.cells.LRU(8, min_radius=0.9, max_radius=0.999)
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    is_complex = True

    def __init__(
        self,
        units,
        state_units=None,
        min_radius=0.0,
        max_radius=1.0,
        max_phase=2 * math.pi,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.state_units = positive_integer(
            "state_units", units if state_units is None else state_units
        )
        if not 0 <= min_radius < max_radius <= 1:
            raise ValueError(
                "The ring of an LRU lies inside the unit circle: "
                "0 <= min_radius < max_radius <= 1. Received: "
                f"min_radius={min_radius}, max_radius={max_radius}"
            )
        if not 0 < max_phase <= 2 * math.pi:
            raise ValueError(
                "`max_phase` must lie in (0, 2 pi]. Received: "
                f"max_phase={max_phase}"
            )
        self.min_radius = min_radius
        self.max_radius = max_radius
        self.max_phase = max_phase

    @property
    def carry_size(self):
        return [self.state_units, self.state_units]

    def build(self, input_shape):
        super().build(input_shape)
        n = self.state_units
        # Rounded, the decay would be another one at every step.
        exact = {"autocast": False}
        self.nu = self.add_vector("nu", n, self.initial_nu, **exact)
        self.theta = self.add_vector("theta", n, self.initial_theta, **exact)
        self.gamma = self.add_vector("gamma", n, self.initial_gamma, **exact)
        # Both parts together have the variance 1 / fan-in.
        self.kernel = self.add_matrix(
            "kernel", self.input_dim, 2 * n, normal(0.5 / self.input_dim)
        )
        self.output_kernel = self.add_matrix(
            "output_kernel", 2 * n, self.units, normal(1 / n)
        )
        self.skip_kernel = self.add_matrix(
            "skip_kernel",
            self.input_dim,
            self.units,
            normal(1 / self.input_dim),
        )

    def initial_nu(self, shape, dtype=None):
        area = initializers.RandomUniform(
            self.min_radius**2, self.max_radius**2
        )(shape, dtype)
        # Where a radius of exactly 0 or 1 has no finite nu.
        tiny = keras.config.epsilon()
        return ops.log(-0.5 * ops.log(ops.clip(area, tiny, 1 - tiny)))

    def initial_theta(self, shape, dtype=None):
        place = initializers.RandomUniform(0.0, 1.0)(shape, dtype)
        place = ops.maximum(place, keras.config.epsilon())
        return ops.log(self.max_phase * place)

    def initial_gamma(self, shape, dtype=None):
        radius = ops.exp(-ops.exp(ops.convert_to_tensor(self.nu)))
        gamma = 0.5 * ops.log(1 - ops.square(radius))
        return ops.cast(gamma, dtype)

    def draw_noise(self, batch_size, training=False):
        if not (training and self.recurrent_dropout):
            return None
        return self.dropout_mask((batch_size, self.state_units))

    def project(self, inputs, training=False):
        Bx = ops.matmul(inputs, self.kernel)
        Bx = ops.reshape(Bx, (*ops.shape(Bx)[:-1], 2, self.state_units))
        return Bx, ops.matmul(inputs, self.skip_kernel)

    def coefficients(self, projected):
        Bx, _ = projected
        nu, theta, gamma = (
            ops.cast(w, self.carry_dtype)
            for w in (self.nu, self.theta, self.gamma)
        )
        radius, phase = ops.exp(-ops.exp(nu)), ops.exp(theta)
        parts = [radius * ops.cos(phase), radius * ops.sin(phase)]
        one_for_all = (1,) * (len(Bx.shape) - 2) + (2, self.state_units)
        a = ops.reshape(ops.stack(parts), one_for_all)
        return a, ops.exp(gamma) * Bx

    def read(self, projected, previous, new):
        _, Dx = projected
        h = ops.cast(new, self.compute_dtype)
        h = ops.reshape(h, (*ops.shape(h)[:-2], 2 * self.state_units))
        C_re, C_im = ops.split(self.output_kernel, 2)
        # Re(C h) = C_re Re(h) - C_im Im(h), in one product.
        y = ops.matmul(h, ops.concatenate([C_re, -C_im]))
        return y + ops.cast(Dx, y.dtype)

    def get_config(self):
        config = {
            "state_units": self.state_units,
            "min_radius": self.min_radius,
            "max_radius": self.max_radius,
            "max_phase": self.max_phase,
        }
        return {**super().get_config(), **config}


def normal(variance):
    return initializers.RandomNormal(stddev=math.sqrt(variance))
