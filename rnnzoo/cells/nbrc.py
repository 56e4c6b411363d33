"""The recurrently neuromodulated bistable recurrent cell."""

from keras import ops

from rnnzoo.cells.cell import Cell


class NBRC(Cell):
    """The neuromodulated bistable cell: units gate each other's memory.

    Choose it over `brc` where what to hold depends on what is held already,
    over `gru` where values have to be held for hundreds of steps.

    Paper: Vecoven, Ernst and Drion 2021, "A bio-inspired bistable recurrent
    cell allows for long-lasting memory", https://arxiv.org/abs/2006.05252

        a_t = 1 + tanh(W_a x_t + U_a h_{t-1} + b_a)
        c_t = sigmoid(W_c x_t + U_c h_{t-1} + b_c)
        n_t = tanh(W_h x_t + a_t * h_{t-1})
        h_t = c_t * h_{t-1} + (1 - c_t) * n_t

    Without input, a unit has one stable state for a <= 1 and two for a > 1;
    inputs switch it between them. b is that of the authors' code; the
    equations of the paper have none. torchrecurrent has a bias in n_t too.

    Weights: W `kernel` `(input_dim, 3 * units)` in the order a c h,
    U `recurrent_kernel` `(units, 2 * units)` and b `bias` `(2 * units,)` in
    the order a c.
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
    layer = rnnzoo.layers.Recurrent("nbrc", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 3 * self.units)
        # Glorot here too, as in the authors' code.
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 2 * self.units
        )
        self.bias = self.add_vector("bias", 2 * self.units)

    def project(self, inputs, training=False):
        x = ops.matmul(inputs, self.kernel)
        gates, x_h = ops.split(x, [2 * self.units], axis=-1)
        return gates + self.bias, x_h

    def step(self, projected, states, noise=None):
        gates, x_h = projected
        (h,) = states
        dropped = h if noise is None else h * noise
        gates = gates + ops.matmul(dropped, self.recurrent_kernel)
        a, c = ops.split(gates, 2, axis=-1)
        a = 1 + ops.tanh(a)
        c = ops.sigmoid(c)
        self.show(c=c)
        n = ops.tanh(x_h + a * dropped)
        h = c * h + (1 - c) * n
        return h, [h]
