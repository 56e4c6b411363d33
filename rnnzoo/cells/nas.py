"""The recurrent cell that neural architecture search found."""

from keras import ops

from rnnzoo.cells.cell import Cell


class NAS(Cell):
    """The cell that a search by reinforcement learning found.

    Choose it for language models at the cost of twice an LSTM's weights, or
    to see what a search prefers to a design.

    Paper: Zoph and Le 2017, "Neural Architecture Search with Reinforcement
    Learning", https://arxiv.org/abs/1611.01578, the cell of base 8 in its
    appendix:

        a_1 = sigmoid(W_1 x_t + U_1 h_{t-1})
        a_2 = relu(W_2 x_t + U_2 h_{t-1})
        a_3 = sigmoid(W_3 x_t + U_3 h_{t-1})
        a_4 = relu((W_4 x_t) * (U_4 h_{t-1}))
        a_5 = tanh(W_5 x_t + U_5 h_{t-1})
        a_6 = sigmoid(W_6 x_t + U_6 h_{t-1})
        a_7 = tanh(W_7 x_t + U_7 h_{t-1})
        a_8 = sigmoid(W_8 x_t + U_8 h_{t-1})
        l_1 = tanh(a_1 * a_2)
        l_2 = tanh(a_3 + a_4)
        l_3 = tanh(a_5 * a_6)
        l_4 = sigmoid(a_7 + a_8)
        c_t = tanh(l_1 + c_{t-1}) * l_2
        h_t = tanh(c_t * tanh(l_3 + l_4))

    The paper draws its cells and writes no equations; these are the ones that
    TensorFlow (contrib, later Addons) published for it, without the optional
    projection. Ports differ in a_4: torchrecurrent adds where this multiplies.
    A bias, which the paper's cells lack, is added to U h.

    Weights, blocks in the order 1 to 8: W `kernel` `(input_dim, 8 * units)`,
    U `recurrent_kernel` `(units, 8 * units)`, b `bias` `(8 * units,)` where
    it is used.
    States: h `(batch, units)`, c `(batch, units)`; Addons has c first.

    Args:
        units: int. Size of h, which is also the output.
        use_bias: bool. Whether to add b to U h.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("nas", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, use_bias=False, **kwargs):
        super().__init__(units, **kwargs)
        self.use_bias = use_bias

    @property
    def carry_size(self):
        return [self.units, self.units]

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 8 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 8 * self.units, "orthogonal"
        )
        if self.use_bias:
            self.bias = self.add_vector("bias", 8 * self.units)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel)

    def step(self, projected, states, noise=None):
        h, c = states
        if noise is not None:
            h = h * noise
        u = ops.matmul(h, self.recurrent_kernel)
        if self.use_bias:
            u = u + self.bias
        w_4 = ops.split(projected, 8, axis=-1)[3]
        u_4 = ops.split(u, 8, axis=-1)[3]
        a = ops.split(projected + u, 8, axis=-1)
        a_1 = ops.sigmoid(a[0])
        a_2 = ops.relu(a[1])
        a_3 = ops.sigmoid(a[2])
        a_4 = ops.relu(w_4 * u_4)
        a_5 = ops.tanh(a[4])
        a_6 = ops.sigmoid(a[5])
        a_7 = ops.tanh(a[6])
        a_8 = ops.sigmoid(a[7])
        self.show(a_1=a_1, a_6=a_6)
        l_1 = ops.tanh(a_1 * a_2)
        l_2 = ops.tanh(a_3 + a_4)
        l_3 = ops.tanh(a_5 * a_6)
        l_4 = ops.sigmoid(a_7 + a_8)
        c = ops.tanh(l_1 + c) * l_2
        h = ops.tanh(c * ops.tanh(l_3 + l_4))
        return h, [h, c]

    def get_config(self):
        return {**super().get_config(), "use_bias": self.use_bias}
