"""The gated recurrent unit, in both of its published forms."""

from keras import ops

from rnnzoo.cells.cell import Cell


class GRU(Cell):
    """The gated recurrent unit: an LSTM's memory with three blocks of weights.

    Choose it where an LSTM would do and speed or size matters.

    Paper: Cho et al. 2014, https://arxiv.org/abs/1406.1078. Its versions
    differ in where the reset gate acts, and both forms are in use:

        z_t = sigmoid(W_z x_t + U_z h_{t-1} + b_z + d_z)
        r_t = sigmoid(W_r x_t + U_r h_{t-1} + b_r + d_r)
        reset after:  n_t = tanh(W_h x_t + b_h + r_t * (U_h h_{t-1} + d_h))
        reset before: n_t = tanh(W_h x_t + b_h + U_h (r_t * h_{t-1}))
        h_t = z_t * h_{t-1} + (1 - z_t) * n_t

    Here z keeps the old state, as in Keras, PyTorch and the paper; Chung et
    al. 2014 write z for what is 1 - z here. PyTorch orders the blocks r z n.

    Weights, blocks in the order z r h, as in Keras: W `kernel`
    `(input_dim, 3 * units)`, U `recurrent_kernel` `(units, 3 * units)`,
    [b, d] `bias` `(2, 3 * units)`, or b `(3 * units,)` for reset before.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        reset_after: bool. True: the form of cuDNN and the default of Keras;
            False: the form of the paper's last version.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.GRU(8, reset_after=False))
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(units, **kwargs)
        self.reset_after = reset_after

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 3 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 3 * self.units, "orthogonal"
        )
        rows = (2,) if self.reset_after else ()
        self.bias = self.add_weight(
            shape=(*rows, 3 * self.units), initializer="zeros", name="bias"
        )

    def project(self, inputs, training=False):
        b = self.bias[0] if self.reset_after else self.bias
        return ops.matmul(inputs, self.kernel) + b

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        x_z, x_r, x_h = ops.split(projected, 3, axis=-1)
        if self.reset_after:
            inner = ops.matmul(dropped, self.recurrent_kernel) + self.bias[1]
            u_z, u_r, u_h = ops.split(inner, 3, axis=-1)
        else:
            kernels = ops.split(self.recurrent_kernel, [2 * self.units], -1)
            inner = ops.matmul(dropped, kernels[0])
            u_z, u_r = ops.split(inner, 2, axis=-1)
        z = ops.sigmoid(x_z + u_z)
        r = ops.sigmoid(x_r + u_r)
        self.show(z=z, r=r)
        if self.reset_after:
            n = ops.tanh(x_h + r * u_h)
        else:
            n = ops.tanh(x_h + ops.matmul(r * dropped, kernels[1]))
        h = z * h + (1 - z) * n
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "reset_after": self.reset_after}
