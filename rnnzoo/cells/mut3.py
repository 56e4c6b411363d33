"""The third of three cells that a search over mutations found."""

from keras import ops

from rnnzoo.cells.cell import Cell


class MUT3(Cell):
    """MUT3: a GRU whose update gate reads tanh of the state.

    Choose it to compare with GRU, from which it differs in one tanh.

    Paper: Jozefowicz, Zaremba and Sutskever 2015, "An Empirical Exploration
    of Recurrent Network Architectures",
    https://proceedings.mlr.press/v37/jozefowicz15.html

        z_t = sigmoid(W_z x_t + U_z tanh(h_{t-1}) + b_z)
        r_t = sigmoid(W_r x_t + U_r h_{t-1} + b_r)
        n_t = tanh(U_h (r_t * h_{t-1}) + W_h x_t + b_h)
        h_t = z_t * n_t + (1 - z_t) * h_{t-1}

    Weights, blocks in the order z r h: W `kernel` `(input_dim, 3 * units)`,
    U `recurrent_kernel` `(units, 3 * units)`, b `bias` `(3 * units,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        recurrent_dropout: float. Share of h_{t-1} and of its tanh dropped
            before U, by one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("mut3", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 3 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 3 * self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", 3 * self.units)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        keep = 1 if noise is None else noise
        dropped = h * keep
        x_z, x_r, x_h = ops.split(projected, 3, axis=-1)
        U_z, U_r, U_h = ops.split(self.recurrent_kernel, 3, axis=-1)
        z = ops.sigmoid(x_z + ops.matmul(ops.tanh(h) * keep, U_z))
        r = ops.sigmoid(x_r + ops.matmul(dropped, U_r))
        self.show(z=z, r=r)
        n = ops.tanh(ops.matmul(r * dropped, U_h) + x_h)
        h = z * n + (1 - z) * h
        return h, [h]
