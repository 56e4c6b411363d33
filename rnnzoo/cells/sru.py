"""The simple recurrent unit."""

import math

import numpy as np
from keras import initializers, ops

from rnnzoo.cells.checks import in_range
from rnnzoo.cells.linear_cell import LinearCell


class SRU(LinearCell):
    """Gates that read the state elementwise, and a highway past them.

    Choose it for deep stacks, which its highway keeps trainable. As published
    its steps run one after the other, each of them cheap: no matrix reads the
    state. With `recurrent_gates=False` it trains in parallel over time.

    Paper: Lei, Zhang, Wang, Dai and Artzi 2018, "Simple Recurrent Units for
    Highly Parallelizable Recurrence", https://arxiv.org/abs/1709.02755

        z_t = W x_t
        f_t = sigmoid(W_f x_t + v_f * c_{t-1} + b_f)
        c_t = f_t * c_{t-1} + (1 - f_t) * z_t
        r_t = sigmoid(W_r x_t + v_r * c_{t-1} + b_r)
        h_t = r_t * c_t + (1 - r_t) * alpha * x_t

    with alpha = sqrt(1 + 2 exp(b)), b being what b_r starts from, so that
    outputs of a new cell vary about as much as its inputs. Both gates read
    c_{t-1}. In the first version of the paper v = 0: gates see the input
    alone, as with `recurrent_gates=False`.

    x_t enters the output, so the inputs have to be as wide as the state;
    where they are not, `input_kernel` makes them so on that path.

    Weights, blocks in the order z f r and f r: W `kernel`
    `(input_dim, 3 * units)`, v `recurrent_kernel` `(2 * units,)` with
    `recurrent_gates`, b `bias` `(2 * units,)`; `input_kernel`
    `(input_dim, units)` where `input_dim` is not `units`.
    States: c `(batch, units)`, carried in float32 at least.

    Args:
        units: int. Size of c and of the output.
        recurrent_gates: bool. Whether the gates read c_{t-1}.
        highway_bias: float. b, what b_r starts from; with a negative one
            more of x_t passes.
        recurrent_dropout: float. Share of (1 - f_t) * z_t dropped, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: a number out of range.

    Example:

    ```python
    cell = rnnzoo.cells.SRU(8, recurrent_gates=False)
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 500, 8)))   # (2, 8)
    ```
    """

    def __init__(self, units, recurrent_gates=True, highway_bias=0.0, **kwargs):
        super().__init__(units, **kwargs)
        self.recurrent_gates = bool(recurrent_gates)
        self.highway_bias = in_range(
            "highway_bias", highway_bias, "(-inf, inf)"
        )
        self.alpha = math.sqrt(1 + 2 * math.exp(self.highway_bias))

    @property
    def linear(self):
        """Whether c enters its own step linearly, so that it can be scanned."""
        return not self.recurrent_gates

    def build(self, input_shape):
        super().build(input_shape)
        units = self.units
        self.kernel = self.add_matrix(
            "kernel", self.input_dim, 3 * units, self.initial_kernel
        )
        if self.recurrent_gates:
            # Variance 1/2, as in the authors' package, where W_f and W_r
            # share their variance with v.
            bound = math.sqrt(3 / 2)
            self.recurrent_kernel = self.add_vector(
                "recurrent_kernel",
                2 * units,
                initializers.RandomUniform(-bound, bound),
            )
        self.bias = self.add_vector(
            "bias", 2 * units, np.repeat([0.0, self.highway_bias], units)
        )
        self.input_kernel = self.add_input_kernel("lecun_uniform")

    def initial_kernel(self, shape, dtype=None):
        """Uniform, of the variance 1 / input_dim, halved for gates with v."""
        share = math.sqrt(0.5) if self.recurrent_gates else 1.0
        kernel = initializers.LecunUniform()(shape, dtype)
        scale = np.repeat([1.0, share, share], self.units)
        return kernel * ops.cast(scale, kernel.dtype)

    def project(self, inputs, training=False):
        z, f, r = ops.split(ops.matmul(inputs, self.kernel), 3, axis=-1)
        b_f, b_r = ops.split(self.bias, 2)
        x = self.widened(inputs)
        return z, f + b_f, r + b_r, self.alpha * x

    def step(self, projected, states, noise=None):
        if self.recurrent_gates:
            (c,) = states
            z, f, r, x = (ops.cast(t, self.carry_dtype) for t in projected)
            v = ops.cast(self.recurrent_kernel, self.carry_dtype)
            v_f, v_r = ops.split(v, 2)
            projected = z, f + v_f * c, r + v_r * c, x
        return super().step(projected, states, noise)

    def coefficients(self, projected):
        z, f, _, _ = projected
        f = ops.sigmoid(f)
        self.show(f=f)
        return f, (1 - f) * z

    def read(self, projected, previous, c):
        _, _, r, x = projected
        r = ops.sigmoid(r)
        self.show(r=r)
        return r * c + (1 - r) * x

    def get_config(self):
        config = {
            "recurrent_gates": self.recurrent_gates,
            "highway_bias": self.highway_bias,
        }
        return {**super().get_config(), **config}
