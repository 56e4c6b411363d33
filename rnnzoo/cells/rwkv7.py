"""The time mixing of RWKV-7, called Goose."""

import math

import numpy as np
from keras import initializers, ops

from rnnzoo.cells.checks import one_of, positive_integer, size_of_heads
from rnnzoo.cells.matrix_cell import MatrixCell
from rnnzoo.cells.norms import head_norm


class RWKV7(MatrixCell):
    """RWKV's time mixing by a generalised delta rule: it erases, then writes.

    Choose it for language modelling at constant memory, and where a parallel
    cell has to track a state; it trains chunkwise in parallel.

    Paper: Peng et al. 2025, "RWKV-7 Goose with Expressive Dynamic State
    Evolution", https://arxiv.org/abs/2503.14456, section 4. For each of r, w,
    k, v, a, g:

        x^r = x_t + mu_r * (x_{t-1} - x_t)
        r_t = W_r x^r,  k_t = W_k x^k,  v_t = W_v x^v
        w_t = exp(-exp(-1/2) sigmoid(d + tanh(x^w A_w) B_w))
        a_t = sigmoid(b + x^a A_a B_a)
        g_t = sigmoid(x^g A_g) B_g
        q_t = k_t * xi / |k_t * xi|               per head
        p_t = k_t * (1 + (a_t - 1) * alpha)
        S_t = diag(w_t) S_{t-1} - (q_t * a_t) (q_t^T S_{t-1}) + p_t v_t^T
        y_t = norm(r_t S_t) + (r_t . (rho * p_t)) v_t
        o_t = W_o (g_t * y_t)                     norm per head

    q is the paper's removal key, p its replacement key. The paper's layers
    above the first mix their v_t with v'_t, the v_t of the first:

        v_t = v_t + (v'_t - v_t) * sigmoid(e + x^v A_v B_v)

    This is the first unless `first_value` says otherwise; a `Stack` with
    `block="rwkv"` sees to it. mu weights the previous input here, and the
    current one in RWKV-4.

    Weights: W_r, W_k, W_v `receptance_kernel`, `key_kernel`, `value_kernel`
    `(input_dim, units)`; W_o `output_kernel` `(units, units)`; mu `mixes`
    `(6, input_dim)` in the order r w k v a g; d `decay`, b `rate`, xi
    `removal`, alpha `replacement`, rho `bonus`, `norm_scale` and
    `norm_offset` `(units,)`; A `decay_down`, `rate_down`, `gate_down`
    `(input_dim, rank)`; B `decay_up`, `rate_up`, `gate_up` `(rank, units)`;
    with "mixed" e `value` `(units,)`, A_v `value_down` and B_v `value_up`.
    States: S `(batch, units * head_dim)`, rows of keys, in float32 at least,
    and the previous input `(batch, input_dim)`, with "mixed" v' as well.

    Args:
        units: int. Size of the output; a multiple of `head_dim`.
        head_dim: int or None. Size of a head; None for the paper's 64, or
            for one head where `units` are no multiple of it.
        decay_rank, rate_rank, gate_rank, value_rank: int. Ranks of the maps
            A B.
        first_value: `"none"`; `"returned"`: the output is o_t and v_t side by
            side, `(2 * units,)`; or `"mixed"`: the input is x_t and v'_t side
            by side, `(input_dim + units,)`.
        recurrent_dropout: float. Share of v_t dropped on its way into S, by
            one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` is no multiple of `head_dim`; a number out of
            range; unknown `first_value`.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("rwkv7", units=8)
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    lookback = 1
    erases = True

    def __init__(
        self,
        units,
        head_dim=None,
        decay_rank=32,
        rate_rank=32,
        gate_rank=32,
        value_rank=32,
        first_value="none",
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.head_dim = size_of_heads("RWKV7", self.units, head_dim)
        self.num_heads = self.units // self.head_dim
        self.decay_rank = positive_integer("decay_rank", decay_rank)
        self.rate_rank = positive_integer("rate_rank", rate_rank)
        self.gate_rank = positive_integer("gate_rank", gate_rank)
        self.value_rank = positive_integer("value_rank", value_rank)
        self.first_value = one_of(
            "first_value", first_value, ("none", "returned", "mixed")
        )

    @property
    def output_size(self):
        return self.units * (1 + (self.first_value == "returned"))

    def build(self, input_shape):
        super().build(input_shape)
        n = self.units
        D = self.input_dim - n * (self.first_value == "mixed")
        # Initial values: the authors' code, for the first layer of a net; but
        # for W_o, which begins at zero there: in a residual network only.
        place = np.arange(D) / D
        powers = np.array([[0.2], [0.9], [0.7], [0.7], [0.9], [0.2]])
        self.mixes = self.add_array("mixes", (6, D), 1 - place**powers)
        wide = uniform(0.5 / math.sqrt(D))
        narrow = uniform(0.05 / math.sqrt(D))
        self.receptance_kernel = self.add_matrix(
            "receptance_kernel", D, n, wide
        )
        self.key_kernel = self.add_matrix("key_kernel", D, n, narrow)
        self.value_kernel = self.add_matrix("value_kernel", D, n, wide)
        speed = -6.5 + 5 * (np.arange(n) / max(n - 1, 1)) ** 0.85
        self.decay = self.add_vector("decay", n, speed)
        self.decay_down, self.decay_up = self.low_rank(
            "decay", D, self.decay_rank
        )
        self.rate = self.add_vector("rate", n)
        self.rate_down, self.rate_up = self.low_rank("rate", D, self.rate_rank)
        self.gate_down, self.gate_up = self.low_rank("gate", D, self.gate_rank)
        if self.first_value == "mixed":
            self.value = self.add_vector("value", n, "ones")
            self.value_down, self.value_up = self.low_rank(
                "value", D, self.value_rank
            )
        self.removal = self.add_vector("removal", n, np.full(n, 0.85))
        self.replacement = self.add_vector("replacement", n, "ones")
        self.bonus = self.add_vector("bonus", n)
        self.norm_scale = self.add_vector("norm_scale", n, "ones")
        self.norm_offset = self.add_vector("norm_offset", n)
        self.output_kernel = self.add_matrix("output_kernel", n, n)

    def low_rank(self, name, rows, rank):
        gain = 0.1 * max(1.0, math.sqrt(rank / self.units))
        return (
            self.add_matrix(f"{name}_down", rows, rank, "zeros"),
            self.add_matrix(
                f"{name}_up", rank, self.units, initializers.Orthogonal(gain)
            ),
        )

    def project(self, inputs, training=False):
        if self.first_value == "mixed":
            D = self.input_dim - self.units
            inputs, v_first = inputs[..., :D], inputs[:, 1:, D:]
        x, previous = inputs[:, 1:], inputs[:, :-1]
        s = previous - x
        x_r, x_w, x_k, x_v, x_a, x_g = (x + s * self.mixes[n] for n in range(6))
        r = self.heads(ops.matmul(x_r, self.receptance_kernel))
        k = self.heads(ops.matmul(x_k, self.key_kernel))
        v = ops.matmul(x_v, self.value_kernel)
        if self.first_value == "mixed":
            low = ops.matmul(x_v, self.value_down)
            share = ops.sigmoid(self.value + ops.matmul(low, self.value_up))
            v = v + (v_first - v) * share
        v = self.heads(v)
        low = ops.tanh(ops.matmul(x_w, self.decay_down))
        w = self.heads(self.decay + ops.matmul(low, self.decay_up))
        low = ops.matmul(x_a, self.rate_down)
        a = ops.sigmoid(self.rate + ops.matmul(low, self.rate_up))
        self.show(a=a)
        low = ops.sigmoid(ops.matmul(x_g, self.gate_down))
        g = ops.matmul(low, self.gate_up)
        return r, k, v, w, self.heads(a), g

    def per_head(self, weight):
        shape = (self.num_heads, self.head_dim)
        return ops.cast(ops.reshape(weight, shape), self.carry_dtype)

    def replacement_key(self, k, a):
        return k * (1 + (a - 1) * self.per_head(self.replacement))

    def coefficients(self, projected):
        _, k, v, w, a, _ = projected
        log_w = -math.exp(-0.5) * ops.sigmoid(w)
        return log_w, self.replacement_key(k, a), v

    def erasure(self, projected):
        _, k, _, _, a, _ = projected
        q = k * self.per_head(self.removal)
        square = ops.sum(ops.square(q), axis=-1, keepdims=True)
        q = q * ops.rsqrt(ops.maximum(square, 1e-24))
        return q, q * a

    def query(self, projected):
        r, *_ = projected
        return r

    def read(self, projected, retrieved):
        r, k, v, _, a, g = projected
        p = self.replacement_key(k, a)
        y = head_norm(
            ops.reshape(retrieved, ops.shape(g)),
            self.num_heads,
            self.norm_scale,
            self.norm_offset,
            epsilon=64e-5,
        )
        own = ops.sum(r * self.per_head(self.bonus) * p, -1, keepdims=True) * v
        y = y + ops.reshape(own, ops.shape(g))
        gated = ops.cast(g * y, self.compute_dtype)
        output = ops.matmul(gated, self.output_kernel)
        if self.first_value != "returned":
            return output
        v = ops.cast(ops.reshape(v, ops.shape(g)), output.dtype)
        return ops.concatenate([output, v], axis=-1)

    def get_config(self):
        config = {
            "head_dim": self.head_dim,
            "decay_rank": self.decay_rank,
            "rate_rank": self.rate_rank,
            "gate_rank": self.gate_rank,
            "value_rank": self.value_rank,
            "first_value": self.first_value,
        }
        return {**super().get_config(), **config}


def uniform(limit):
    return initializers.RandomUniform(-limit, limit)
