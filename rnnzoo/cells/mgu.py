"""The minimal gated unit: a GRU with one gate."""

from keras import ops

from rnnzoo.cells.cell import Cell


class MGU(Cell):
    """The minimal gated unit: one gate both resets and updates.

    Choose it in place of a GRU where weights are dear: it has a third fewer.

    Paper: Zhou, Wu, Zhang and Zhou 2016, https://arxiv.org/abs/1603.09420

        f_t = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
        n_t = tanh(W_h x_t + U_h (f_t * h_{t-1}) + b_h)
        h_t = (1 - f_t) * h_{t-1} + f_t * n_t

    Here f admits the new. Flax applies f after the product with U_h, and
    keeps the old by it.

    Weights, blocks in the order f h: W `kernel` `(input_dim, 2 * units)`,
    U `recurrent_kernel` `(units, 2 * units)`, b `bias` `(2 * units,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("mgu", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 2 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 2 * self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", 2 * self.units)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        x_f, x_h = ops.split(projected, 2, axis=-1)
        U_f, U_h = ops.split(self.recurrent_kernel, 2, axis=-1)
        f = ops.sigmoid(x_f + ops.matmul(dropped, U_f))
        self.show(f=f)
        n = ops.tanh(x_h + ops.matmul(f * dropped, U_h))
        h = (1 - f) * h + f * n
        return h, [h]
