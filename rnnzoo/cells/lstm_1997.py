"""Long short-term memory as first published: nothing is forgotten."""

from keras import ops

from rnnzoo.cells.cell import Cell


class LSTM1997(Cell):
    """The first LSTM: a memory that only adds, without a forget gate.

    Choose it to teach what the forget gate changed, or for short sequences
    with a memory that must not decay. On long ones c grows without bound.

    Paper: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory",
    https://doi.org/10.1162/neco.1997.9.8.1735

        i_t = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
        g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
        o_t = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
        c_t = c_{t-1} + i_t * g_t
        h_t = o_t * tanh(c_t)

    The paper squashes by g = 4 sigmoid(.) - 2 and h = o * (2 sigmoid(c) - 1);
    with W_g, U_g, b_g and c halved these are the equations above. Its
    memory cells come in blocks that share their gates (here blocks of one),
    its gates may also read each other, and its gradients are cut where they
    enter a gate (here they are exact).

    Weights, blocks in the order i g o: W `kernel` `(input_dim, 3 * units)`,
    U `recurrent_kernel` `(units, 3 * units)`, b `bias` `(3 * units,)`.
    States: h `(batch, units)`, c `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("lstm_1997", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    @property
    def carry_size(self):
        return [self.units, self.units]

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
        h, c = states
        if noise is not None:
            h = h * noise
        gates = projected + ops.matmul(h, self.recurrent_kernel)
        i, g, o = ops.split(gates, 3, axis=-1)
        i = ops.sigmoid(i)
        g = ops.tanh(g)
        o = ops.sigmoid(o)
        self.show(i=i, o=o)
        c = c + i * g
        h = o * ops.tanh(c)
        return h, [h, c]
