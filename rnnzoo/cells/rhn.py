"""The recurrent highway network: several gated layers within one step."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import in_range, positive_integer


class RHN(Cell):
    """A recurrent cell that thinks several times about each input.

    Choose it where one step needs a deep transition, as in language
    modelling by characters. Its time grows with `depth`.

    Paper: Zilly et al. 2017, https://arxiv.org/abs/1607.03474. One step is L
    micro-steps, from s_0 = h_{t-1} to h_t = s_L; x_t enters the first alone:

        a_l = U_l s_{l-1} + b_l, and for the first micro-step + W x_t
        n_l = tanh(a_l of the block n)
        t_l = sigmoid(a_l of the block t)
        c_l = sigmoid(a_l of the block c), or coupled: 1 - t_l
        s_l = n_l * t_l + s_{l-1} * c_l

    The paper's experiments couple the gates and start the bias of t at -2 or
    -4, so that a new network keeps most of its state.

    Weights, blocks in the order n t, or n t c uncoupled (k = 2 or 3 of them):
    W `kernel` `(input_dim, k * units)`, U_l `recurrent_kernel_1` to
    `recurrent_kernel_L` `(units, k * units)`, b `bias`
    `(depth, k * units)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        depth: int. L, the number of micro-steps.
        coupled: bool. Whether c_l is 1 - t_l.
        transform_bias: float. What the bias of t starts from; that of c
            starts from its negative.
        recurrent_dropout: float. Share of s_{l-1} dropped before U_l, by one
            mask for all micro-steps of a sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units`, `depth`, `transform_bias` or `recurrent_dropout`
            out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.RHN(8, depth=5))
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(
        self, units, depth=3, coupled=True, transform_bias=-2.0, **kwargs
    ):
        super().__init__(units, **kwargs)
        self.depth = positive_integer("depth", depth)
        self.coupled = coupled
        self.transform_bias = in_range(
            "transform_bias", transform_bias, "(-inf, inf)"
        )

    def build(self, input_shape):
        super().build(input_shape)
        width = (2 if self.coupled else 3) * self.units
        self.kernel = self.add_matrix("kernel", self.input_dim, width)
        self.recurrent_kernels = [
            self.add_matrix(
                f"recurrent_kernel_{n + 1}", self.units, width, "orthogonal"
            )
            for n in range(self.depth)
        ]
        blocks = [0.0, self.transform_bias, -self.transform_bias]
        blocks = blocks[:2] if self.coupled else blocks
        bias = np.tile(np.repeat(blocks, self.units), (self.depth, 1))
        self.bias = self.add_matrix("bias", self.depth, width, bias)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias[0]

    def step(self, projected, states, noise=None):
        (s,) = states
        for layer, kernel in enumerate(self.recurrent_kernels):
            dropped = s if noise is None else s * noise
            a = ops.matmul(dropped, kernel)
            a = a + (self.bias[layer] if layer else projected)
            n, t, *c = ops.split(a, 2 if self.coupled else 3, axis=-1)
            n = ops.tanh(n)
            t = ops.sigmoid(t)
            c = 1 - t if self.coupled else ops.sigmoid(c[0])
            self.show(t=t, c=c)
            s = n * t + s * c
        return s, [s]

    def get_config(self):
        config = {
            "depth": self.depth,
            "coupled": self.coupled,
            "transform_bias": self.transform_bias,
        }
        return {**super().get_config(), **config}
