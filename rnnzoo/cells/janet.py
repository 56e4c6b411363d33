"""Just another network: an LSTM that kept its forget gate only."""

import keras
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import in_range, positive_integer


class JANET(Cell):
    """LSTM with no gate but the forget gate, started from a span of time.

    Choose it where the longest dependency is roughly known: half the weights
    of an LSTM, and a memory of that length before any training.

    Paper: van der Westhuizen and Lasenby 2018, "The unreasonable
    effectiveness of the forget gate", https://arxiv.org/abs/1804.04849

        q_t = W_f x_t + U_f h_{t-1} + b_f
        g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
        f_t = sigmoid(q_t)
        i_t = 1 - sigmoid(q_t - beta)
        h_t = f_t * h_{t-1} + i_t * g_t

    Its memory c_t is its output h_t, so that one state holds both. beta lets
    more in than is forgotten; the paper uses one, and does not learn it
    (torchrecurrent does).

    The paper starts from the chrono initialisation of Tallec and Ollivier
    2018, https://arxiv.org/abs/1804.11188: b_f = log(u), u uniform in
    [1, T - 1], where dependencies are of up to T steps. A unit then remembers
    for about u steps.

    Weights, blocks in the order f g: W `kernel` `(input_dim, 2 * units)`,
    U `recurrent_kernel` `(units, 2 * units)`, b `bias` `(2 * units,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        beta: float. How far the input is let in beyond what is forgotten.
        longest_dependency: int or None. T; None starts b_f at one, as the
            authors' code does where T is unknown.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units`, `beta`, `longest_dependency` (at least two) or
            `recurrent_dropout` out of range.

    Example:

    ```python
    cell = rnnzoo.cells.JANET(8, longest_dependency=500)
    layer = rnnzoo.layers.Recurrent(cell)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, beta=1.0, longest_dependency=None, **kwargs):
        super().__init__(units, **kwargs)
        self.beta = in_range("beta", beta, "(-inf, inf)")
        if longest_dependency is not None:
            positive_integer("longest_dependency", longest_dependency)
            in_range("longest_dependency", longest_dependency, "[2, inf)")
        self.longest_dependency = longest_dependency

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 2 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 2 * self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", 2 * self.units, self.initial_bias)

    def initial_bias(self, shape, dtype=None):
        b_f = ops.ones((self.units,), dtype)
        if self.longest_dependency is not None:
            span = keras.initializers.RandomUniform(
                1.0, self.longest_dependency - 1.0
            )
            b_f = ops.log(span((self.units,), dtype))
        return ops.concatenate([b_f, ops.zeros_like(b_f)])

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        gates = projected + ops.matmul(dropped, self.recurrent_kernel)
        q, g = ops.split(gates, 2, axis=-1)
        g = ops.tanh(g)
        f = ops.sigmoid(q)
        i = 1 - ops.sigmoid(q - self.beta)
        self.show(i=i, f=f)
        h = f * h + i * g
        return h, [h]

    def get_config(self):
        return {
            **super().get_config(),
            "beta": self.beta,
            "longest_dependency": self.longest_dependency,
        }
