"""mLSTM: the matrix memory of xLSTM."""

import math

import numpy as np
from keras import initializers, ops

from rnnzoo.cells.checks import (
    multiple_of_heads,
    one_of,
    positive_integer,
    projected_inputs,
)
from rnnzoo.cells.matrix_cell import MatrixCell


class MLSTM(MatrixCell):
    """The LSTM with a matrix memory and exponential gates, one of xLSTM's two.

    Choose it for long sequences that need recall of many stored items; it
    trains chunkwise in parallel. Not the multiplicative LSTM of Krause, which
    shares the abbreviation.

    Paper: Beck et al. 2024, "xLSTM: Extended Long Short-Term Memory",
    https://arxiv.org/abs/2405.04517, equations 19 to 27, with the stabiliser
    m of its appendix. Per head, with d = units / num_heads:

        q_t = W_q x_t + b_q
        k_t = W_k x_t / sqrt(d) + b_k
        v_t = W_v x_t + b_v
        o_t = sigmoid(W_o x_t + b_o)
        i_t = w_i x_t + b_i
        f_t = log sigmoid(w_f x_t + b_f)
        m_t = max(f_t + m_{t-1}, i_t)
        C_t = exp(f_t + m_{t-1} - m_t) C_{t-1} + exp(i_t - m_t) k_t v_t^T
        n_t = exp(f_t + m_{t-1} - m_t) n_{t-1} + exp(i_t - m_t) k_t
        h_t = o_t * (q_t C_t) / max(|q_t . n_t|, exp(-m_t))

    C is stored as k v^T, the transpose of the paper's. Where packages add a
    small constant to the denominator, the paper does not, and neither do we.
    The output does not depend on m, which therefore takes no gradient.

    Weights, blocks in the order q k v o: W `kernel` `(input_dim, 4 * units)`,
    b `bias` `(4 * units,)`; in the order i f: w `gate_kernel`
    `(input_dim, 2 * num_heads)`, `gate_bias` `(2 * num_heads,)`.
    States, in float32 at least: C `(batch, units * d)`, n `(batch, units)`,
    m `(batch, num_heads)` with m_0 = -1e30.

    Args:
        units: int. Size of the output; a multiple of `num_heads`.
        num_heads: int. Number of independent memories.
        forget_gate: `"sigmoid"`, as above, or `"exp"`: f_t = w_f x_t + b_f.
        project_inputs: bool. False for a cell without weights: x_t holds
            W_q x, W_k x, W_v x, w_i x and w_f x of another layer side by
            side, `(3 * units + 2 * num_heads,)`; b is zero and o_t is one.
            See `rnnzoo.layers.MLSTMBlock`.
        recurrent_dropout: float. Share of v_t dropped on its way into C, by
            one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` is no multiple of `num_heads`; unknown
            `forget_gate`; a number out of range; inputs of another size
            than `project_inputs=False` takes.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.MLSTM(8, num_heads=2))
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    stabilised = True

    def __init__(
        self,
        units,
        num_heads=4,
        forget_gate="sigmoid",
        project_inputs=True,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.num_heads = positive_integer("num_heads", num_heads)
        self.head_dim = multiple_of_heads("mLSTM", self.units, self.num_heads)
        self.forget_gate = one_of(
            "forget_gate", forget_gate, ("sigmoid", "exp")
        )
        self.project_inputs = project_inputs

    @property
    def projected_size(self):
        """Number of features of q, k, v, i and f together."""
        return 3 * self.units + 2 * self.num_heads

    @property
    def carry_size(self):
        return [self.units * self.head_dim, self.units, self.num_heads]

    def initial_carry(self, batch_size):
        # Nothing is remembered, so nothing of it is the maximum: with m_0 = 0
        # and steep gates the first memories would round to zero.
        C, n, m = super().initial_carry(batch_size)
        return [C, n, m - 1e30]

    def build(self, input_shape):
        super().build(input_shape)
        if not self.project_inputs:
            projected_inputs(self, self.projected_size)
            return
        self.kernel = self.add_matrix("kernel", self.input_dim, 4 * self.units)
        self.bias = self.add_vector("bias", 4 * self.units)
        self.gate_kernel = self.add_matrix(
            "gate_kernel", self.input_dim, 2 * self.num_heads, "zeros"
        )
        self.gate_bias = self.add_vector(
            "gate_bias", 2 * self.num_heads, self.initial_gate_bias
        )

    def initial_gate_bias(self, shape, dtype=None):
        # As the authors' code starts them: gates that read nothing yet, input
        # gates near one, memories from some 20 to some 400 steps long.
        i = initializers.RandomNormal(stddev=0.1)((self.num_heads,), dtype)
        f = np.linspace(3.0, 6.0, self.num_heads)
        return ops.concatenate([i, ops.cast(f, i.dtype)])

    def project(self, inputs, training=False):
        if not self.project_inputs:
            n = self.units
            q, k, v, gates = ops.split(inputs, [n, 2 * n, 3 * n], axis=-1)
            k = k / math.sqrt(self.head_dim)
            q, k, v = (self.heads(t) for t in (q, k, v))
            return q, k, v, *ops.split(gates, 2, axis=-1)
        q, k, v, o = ops.split(ops.matmul(inputs, self.kernel), 4, axis=-1)
        b_q, b_k, b_v, b_o = ops.split(self.bias, 4)
        q = self.heads(q + b_q)
        k = self.heads(k / math.sqrt(self.head_dim) + b_k)
        v = self.heads(v + b_v)
        o = ops.sigmoid(o + b_o)
        self.show(o=o)
        gates = ops.matmul(inputs, self.gate_kernel) + self.gate_bias
        i, f = ops.split(gates, 2, axis=-1)
        return q, k, v, i, f, o

    def log_forget(self, f):
        return ops.log_sigmoid(f) if self.forget_gate == "sigmoid" else f

    def maximum_terms(self, projected):
        _, _, _, i, f, *_ = projected
        return self.log_forget(f), i

    def coefficients(self, projected, m_previous, m):
        _, k, v, i, f, *_ = projected
        f = self.log_forget(f)
        self.show(f=lambda: ops.exp(f))
        log_decay = f + m_previous - m
        k = ops.exp(i - m)[..., None] * k
        # The normaliser n is C for a value that is always one: a last column.
        return (
            log_decay[..., None],
            k,
            ops.concatenate([v, ops.ones_like(v[..., :1])], -1),
        )

    def draw_noise(self, batch_size, training=False):
        mask = super().draw_noise(batch_size, training)
        if mask is None:
            return None
        return ops.concatenate([mask, ops.ones_like(mask[..., :1])], axis=-1)

    def query(self, projected):
        q, *_ = projected
        return q

    def read(self, projected, retrieved, m_previous, m):
        _, _, _, _, _, *o = projected
        value, normaliser = retrieved[..., :-1], retrieved[..., -1]
        # The largest part of n is exp(0) k, so only q = 0 makes n . q smaller
        # than exp(-40), and exp(-m) may be zero by then: with "exp", m grows
        # without end.
        floor = ops.exp(-ops.minimum(m, 40.0))
        scale = ops.maximum(ops.abs(normaliser), floor)
        h = value / scale[..., None]
        h = ops.reshape(h, (*ops.shape(h)[:-2], self.units))
        return o[0] * h if self.project_inputs else h

    def pack(self, states):
        C, n = states
        shape = (-1, self.num_heads, self.head_dim)
        C = ops.reshape(C, (*shape, self.head_dim))
        return ops.concatenate([C, ops.reshape(n, (*shape, 1))], axis=-1)

    def unpack(self, matrix):
        C, n = matrix[..., :-1], matrix[..., -1]
        width = self.units * self.head_dim
        return [ops.reshape(C, (-1, width)), ops.reshape(n, (-1, self.units))]

    def get_config(self):
        config = {
            "num_heads": self.num_heads,
            "forget_gate": self.forget_gate,
            "project_inputs": self.project_inputs,
        }
        return {**super().get_config(), **config}
