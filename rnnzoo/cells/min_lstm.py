"""minLSTM: an LSTM whose gates read the input alone."""

import numpy as np
from keras import ops

from rnnzoo.cells.checks import in_range, one_of
from rnnzoo.cells.linear_cell import LinearCell


class MinLSTM(LinearCell):
    """The minimal LSTM: two gates that add up to one, trained in parallel.

    Choose it as an alternative to `MinGRU` with a third more weights: what is
    kept and what is admitted have gates of their own, and only their ratio
    counts. Like minGRU it needs depth.

    Paper: Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, "Were RNNs All
    We Needed?", https://arxiv.org/abs/2410.01201

        f_t = sigmoid(W_f x_t + b_f)
        i_t = sigmoid(W_i x_t + b_i)
        n_t = g(W_h x_t + b_h)
        h_t = f_t / (f_t + i_t) * h_{t-1} + i_t / (f_t + i_t) * n_t

    with g(v) = v + 1/2 for v >= 0 and sigmoid(v) below (`"positive"`, the
    form of the paper's log-space appendix) or g(v) = v (`"linear"`). There is
    no output gate and no second state. The shares are computed as in that
    appendix, from d = log i_t - log f_t: a quotient of two gates that are
    both near zero would be none of use. An initial state enters as it is;
    one package passes it through g, in its parallel form only.

    Weights, blocks in the order f i h: W `kernel` `(input_dim, 3 * units)`,
    b `bias` `(3 * units,)`.
    States: h `(batch, units)`, carried in float32 at least.

    Args:
        units: int. Size of h, which is also the output.
        candidate: `"positive"` or `"linear"`.
        forget_bias: float. What b_f starts from. With 0 a new cell forgets
            half of its state at every step; the paper's appendix finds that
            a cell which starts with a larger b_f trains faster.
        recurrent_dropout: float. Share of the candidate's part of h_t
            dropped, by one mask per sequence, so that what is remembered
            stays remembered.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: unknown `candidate`; a number out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.MinLSTM(8, forget_bias=1.0))
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, candidate="positive", forget_bias=0.0, **kwargs):
        super().__init__(units, **kwargs)
        self.candidate = one_of("candidate", candidate, ("positive", "linear"))
        self.forget_bias = in_range("forget_bias", forget_bias, "(-inf, inf)")

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 3 * self.units)
        initial = np.repeat([self.forget_bias, 0.0, 0.0], self.units)
        self.bias = self.add_vector("bias", 3 * self.units, initial)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def coefficients(self, projected):
        f, i, n = ops.split(projected, 3, axis=-1)
        d = ops.log_sigmoid(i) - ops.log_sigmoid(f)
        if self.candidate == "positive":
            n = ops.where(n >= 0, n + 0.5, ops.sigmoid(n))
        # f / (f + i) and i / (f + i)
        f, i = ops.sigmoid(-d), ops.sigmoid(d)
        self.show(f=f, i=i)
        return f, i * n

    def get_config(self):
        config = {"candidate": self.candidate, "forget_bias": self.forget_bias}
        return {**super().get_config(), **config}
