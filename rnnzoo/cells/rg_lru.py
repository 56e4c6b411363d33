"""The recurrence of Griffin and Hawk."""

import math

from keras import initializers, ops

from rnnzoo.cells.checks import multiple_of_heads, positive_integer
from rnnzoo.cells.linear_cell import LinearCell
from rnnzoo.cells.products import block_product


class RGLRU(LinearCell):
    """The real-gated linear recurrent unit, made to remember for long.

    Choose it for very long sequences: a new cell forgets between 0.1 and 10 %
    of its state per step at most, and its gates can only slow that down. Its
    paper puts a causal convolution before it and a gated output after it.

    Paper: De et al. 2024, "Griffin: Mixing Gated Linear Recurrences with
    Local Attention for Efficient Language Models",
    https://arxiv.org/abs/2402.19427, equations 1 to 4, with c = 8:

        r_t = sigmoid(W_a x_t + b_a)
        i_t = sigmoid(W_x x_t + b_x)
        a_t = sigmoid(Lambda)^(c r_t)
        h_t = a_t * h_{t-1} + sqrt(1 - a_t^2) * (i_t * x_t)

    a_t is computed by its logarithm, -c softplus(-Lambda) r_t, as in the
    paper's appendix A (which has lost the inner minus sign).

    The paper's equations hold at every step; the authors' package has 1 for
    sqrt(1 - a_t^2) at the first position of a document. The paper draws
    sigmoid(Lambda)^c uniformly between 0.9 and 0.999; the package, whose
    parameter is -Lambda, draws sigmoid(Lambda) there. Here both are as in the
    paper. Gates and square root are computed in float32 at least, so that
    the root's gradient needs no bound.

    x_t is scaled by gates of the size of h, so the inputs have to be as wide
    as the state; where they are not, `input_kernel` makes them so, x_t above
    being the result.

    Weights, blocks in the order a x, with n = units / num_heads: W `kernel`
    `(num_heads, n, 2 * n)`, b `bias` `(2 * units,)`; `Lambda` `(units,)`;
    `input_kernel` `(input_dim, units)` where `input_dim` is not `units`.
    States: h `(batch, units)`, carried in float32 at least.

    Args:
        units: int. Size of h, which is also the output; a multiple of
            `num_heads`.
        num_heads: int. Number of blocks on the diagonal of W_a and W_x; 1 is
            a full matrix.
        recurrent_dropout: float. Share of what is added to a_t * h_{t-1}
            dropped, by one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` is no multiple of `num_heads`; a number out of
            range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.RGLRU(8, num_heads=2))
    y = layer(np.ones((2, 500, 8)))   # (2, 8)
    ```
    """

    c = 8.0

    def __init__(self, units, num_heads=1, **kwargs):
        super().__init__(units, **kwargs)
        self.num_heads = positive_integer("num_heads", num_heads)
        self.head_dim = multiple_of_heads("RGLRU", self.units, self.num_heads)

    def build(self, input_shape):
        super().build(input_shape)
        self.input_kernel = self.add_input_kernel()
        n = self.head_dim
        # LeCun's initial values, for each block by itself.
        self.kernel = self.add_array(
            "kernel",
            (self.num_heads, n, 2 * n),
            initializers.RandomNormal(stddev=1 / math.sqrt(n)),
        )
        self.bias = self.add_vector("bias", 2 * self.units)
        # Rounded, long memories would be other ones.
        self.Lambda = self.add_vector(
            "Lambda", self.units, self.initial_lambda, autocast=False
        )

    def initial_lambda(self, shape, dtype=None):
        """Such that sigmoid(Lambda)^c is uniform in [0.9, 0.999]."""
        decay = initializers.RandomUniform(0.9, 0.999)(shape, dtype)
        log_a = ops.log(decay) / self.c
        return log_a - ops.log(-ops.expm1(log_a))

    def project(self, inputs, training=False):
        x = self.widened(inputs)
        r, i = (
            ops.reshape(gate, ops.shape(x))
            for gate in ops.split(block_product(x, self.kernel), 2, axis=-1)
        )
        b_a, b_x = ops.split(self.bias, 2)
        i = ops.sigmoid(i + b_x)
        self.show(i=i)
        return r + b_a, i * x

    def coefficients(self, projected):
        r, gated = projected
        Lambda = ops.cast(self.Lambda, self.carry_dtype)
        r = ops.sigmoid(r)
        self.show(r=r)
        log_a = -self.c * ops.softplus(-Lambda) * r
        # 1 - a^2, and no square root of zero, which has no gradient.
        square = ops.maximum(-ops.expm1(2 * log_a), 1e-30)
        return ops.exp(log_a), ops.sqrt(square) * gated

    def get_config(self):
        return {**super().get_config(), "num_heads": self.num_heads}
