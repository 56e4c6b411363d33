"""The update gate recurrent network."""

from keras import initializers, ops

from rnnzoo.cells.cell import Cell


class UGRNN(Cell):
    """The update gate RNN: a simple cell whose one gate keeps the old state.

    Choose it as the smallest gated cell: as many weights as an MGU, and one
    matrix product per step instead of two.

    Paper: Collins, Sohl-Dickstein and Sussillo 2017, "Capacity and
    Trainability in Recurrent Neural Networks",
    https://arxiv.org/abs/1611.09913

        c_t = tanh(W_c x_t + U_c h_{t-1} + b_c)
        g_t = sigmoid(W_g x_t + U_g h_{t-1} + b_g)
        h_t = g_t * h_{t-1} + (1 - g_t) * c_t

    Weights, blocks in the order c g: W `kernel` `(input_dim, 2 * units)`,
    U `recurrent_kernel` `(units, 2 * units)`, b `bias` `(2 * units,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        unit_forget_bias: bool. Whether b_g starts at one, as in TensorFlow's
            cell of this name, so that a new cell remembers.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("ugrnn", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 2 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 2 * self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", 2 * self.units, self.initial_bias)

    def initial_bias(self, shape, dtype=None):
        bias = initializers.Zeros()((2, self.units), dtype)
        if self.unit_forget_bias:
            bias = bias + ops.cast([[0], [1]], bias.dtype)
        return ops.reshape(bias, shape)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        inner = projected + ops.matmul(dropped, self.recurrent_kernel)
        c, g = ops.split(inner, 2, axis=-1)
        c = ops.tanh(c)
        g = ops.sigmoid(g)
        self.show(g=g)
        h = g * h + (1 - g) * c
        return h, [h]

    def get_config(self):
        return {
            **super().get_config(),
            "unit_forget_bias": self.unit_forget_bias,
        }
