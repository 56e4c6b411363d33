"""T-RNN: the strongly-typed recurrent network."""

from keras import ops

from rnnzoo.cells.linear_cell import LinearCell


class TRNN(LinearCell):
    """A running average whose rate the input sets: no matrix reads the state.

    Choose it as the plainest cell that trains in parallel, the ancestor of
    QRNN, SRU and minGRU: all of them add to this one.

    Paper: Balduzzi and Ghifary 2016, "Strongly-Typed Recurrent Neural
    Networks", https://arxiv.org/abs/1602.02218

        z_t = W x_t
        f_t = sigmoid(V x_t + b)
        h_t = f_t * h_{t-1} + (1 - f_t) * z_t

    Strongly typed: h_t is an average of features z of past inputs, so no
    weight ever turns a state into something of another meaning. z is linear,
    without a bias; some packages give it one.

    Weights, blocks in the order z f: W and V `kernel`
    `(input_dim, 2 * units)`, b `bias` `(units,)`.
    States: h `(batch, units)`, carried in float32 at least.

    Args:
        units: int. Size of h, which is also the output.
        recurrent_dropout: float. Share of (1 - f_t) * z_t dropped, by one
            mask per sequence, so that what is remembered stays remembered.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("trnn", units=8)
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 2 * self.units)
        self.bias = self.add_vector("bias", self.units)

    def project(self, inputs, training=False):
        z, f = ops.split(ops.matmul(inputs, self.kernel), 2, axis=-1)
        return z, f + self.bias

    def coefficients(self, projected):
        z, f = projected
        f = ops.sigmoid(f)
        self.show(f=f)
        return f, (1 - f) * z
