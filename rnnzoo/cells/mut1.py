"""The first of three cells that a search over mutations found."""

from keras import ops

from rnnzoo.cells.cell import Cell


class MUT1(Cell):
    """MUT1: a GRU whose update gate reads the input alone.

    Choose it to compare with GRU: in its paper it did better than GRU and
    LSTM on some tasks, not on all.

    Paper: Jozefowicz, Zaremba and Sutskever 2015, "An Empirical Exploration
    of Recurrent Network Architectures",
    https://proceedings.mlr.press/v37/jozefowicz15.html

        z_t = sigmoid(W_z x_t + b_z)
        r_t = sigmoid(W_r x_t + U_r h_{t-1} + b_r)
        n_t = tanh(U_h (r_t * h_{t-1}) + tanh(x_t) + b_h)
        h_t = z_t * n_t + (1 - z_t) * h_{t-1}

    tanh(x_t) adds to the state, so x_t must be as wide as h. Where it is not,
    x_t stands for P x_t. torchrecurrent has tanh(W_h x_t) instead, always.

    Weights: W `kernel` `(units, 2 * units)` in the order z r,
    U `recurrent_kernel` `(units, 2 * units)` in the order r h, b `bias`
    `(3 * units,)` in the order z r h; and P `input_kernel`
    `(input_dim, units)` where these sizes differ.
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
    layer = rnnzoo.layers.Recurrent("mut1", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.input_kernel = self.add_input_kernel()
        self.kernel = self.add_matrix("kernel", self.units, 2 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 2 * self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", 3 * self.units)

    def project(self, inputs, training=False):
        x = self.widened(inputs)
        gates = ops.matmul(x, self.kernel)
        return ops.concatenate([gates, ops.tanh(x)], axis=-1) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        x_z, x_r, x_h = ops.split(projected, 3, axis=-1)
        U_r, U_h = ops.split(self.recurrent_kernel, 2, axis=-1)
        z = ops.sigmoid(x_z)
        r = ops.sigmoid(x_r + ops.matmul(dropped, U_r))
        self.show(z=z, r=r)
        n = ops.tanh(ops.matmul(r * dropped, U_h) + x_h)
        h = z * n + (1 - z) * h
        return h, [h]
