"""The bistable recurrent cell."""

from keras import ops

from rnnzoo.cells.cell import Cell


class BRC(Cell):
    """The bistable recurrent cell: every unit remembers by itself.

    Choose it where a few values have to be held for a long time; units
    exchange nothing in time, so stack two layers or more, or take `nbrc`.

    Paper: Vecoven, Ernst and Drion 2021, "A bio-inspired bistable recurrent
    cell allows for long-lasting memory", https://arxiv.org/abs/2006.05252

        a_t = 1 + tanh(W_a x_t + u_a * h_{t-1} + b_a)
        c_t = sigmoid(W_c x_t + u_c * h_{t-1} + b_c)
        n_t = tanh(W_h x_t + a_t * h_{t-1})
        h_t = c_t * h_{t-1} + (1 - c_t) * n_t

    Without input, a unit has one stable state for a <= 1 and two for a > 1;
    inputs switch it between them. b is that of the authors' code; the
    equations of the paper have none. torchrecurrent has a bias in n_t too.

    Weights: W `kernel` `(input_dim, 3 * units)` in the order a c h,
    u `recurrent_kernel` `(2 * units,)`, which starts at one, and b `bias`
    `(2 * units,)` in the order a c.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        recurrent_dropout: float. Share of h_{t-1} dropped from a_t, c_t and
            n_t, by one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("brc", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 3 * self.units)
        self.recurrent_kernel = self.add_vector(
            "recurrent_kernel", 2 * self.units, "ones"
        )
        self.bias = self.add_vector("bias", 2 * self.units)

    def project(self, inputs, training=False):
        x = ops.matmul(inputs, self.kernel)
        gates, x_h = ops.split(x, [2 * self.units], axis=-1)
        x_a, x_c = ops.split(gates + self.bias, 2, axis=-1)
        return x_a, x_c, x_h

    def step(self, projected, states, noise=None):
        x_a, x_c, x_h = projected
        (h,) = states
        dropped = h if noise is None else h * noise
        u_a, u_c = ops.split(self.recurrent_kernel, 2)
        a = 1 + ops.tanh(x_a + u_a * dropped)
        c = ops.sigmoid(x_c + u_c * dropped)
        self.show(c=c)
        n = ops.tanh(x_h + a * dropped)
        h = c * h + (1 - c) * n
        return h, [h]
