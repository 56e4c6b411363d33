"""The time mixing of RWKV-6, called Finch."""

import numpy as np
from keras import initializers, ops

from rnnzoo.cells.checks import positive_integer, size_of_heads
from rnnzoo.cells.matrix_cell import MatrixCell
from rnnzoo.cells.norms import head_norm


class RWKV6(MatrixCell):
    """RWKV's time mixing with matrix states whose decays read the input.

    Choose it for language modelling at constant memory where content has to
    decide what is forgotten; it trains chunkwise in parallel.

    Paper: Peng et al. 2024, "Eagle and Finch: RWKV with Matrix-Valued States
    and Dynamic Recurrence", https://arxiv.org/abs/2404.05892, section 4. For
    each of r, k, v, w, g, with s = x_{t-1} - x_t:

        x^r = x_t + s * (mu_r + tanh((x_t + s * mu_x) A_r) B_r)
        r_t = W_r x^r,  k_t = W_k x^k,  v_t = W_v x^v
        w_t = exp(-exp(d + tanh(x^w A_d) B_d))
        g_t = SiLU(W_g x^g)
        y_t = r_t (S_{t-1} + (u * k_t) v_t^T)     per head
        S_t = diag(w_t) S_{t-1} + k_t v_t^T       per head
        o_t = W_o (g_t * norm(y_t))               norm per head

    mu weights the previous input here, and the current one in RWKV-4. The
    norm has the epsilon 64e-5 of the authors' code.

    Weights: W_r, W_k, W_v, W_g `receptance_kernel`, `key_kernel`,
    `value_kernel`, `gate_kernel` `(input_dim, units)`; W_o `output_kernel`
    `(units, units)`; mu_x `mix` `(input_dim,)`; mu `mixes`
    `(5, input_dim)`, A `mix_down` `(input_dim, 5 * mix_rank)` and B `mix_up`
    `(5, mix_rank, input_dim)` in the order w k v r g; d `decay` `(units,)`,
    A_d `decay_down` `(input_dim, decay_rank)`, B_d `decay_up`
    `(decay_rank, units)`; u `bonus` `(units,)`; `norm_scale` and
    `norm_offset` `(units,)`.
    States: S `(batch, units * head_dim)`, rows of keys, in float32 at least,
    and the previous input `(batch, input_dim)`.

    Args:
        units: int. Size of the output; a multiple of `head_dim`.
        head_dim: int or None. Size of a head; None for the paper's 64, or
            for one head where `units` are no multiple of it.
        mix_rank, decay_rank: int. Ranks of the maps A B.
        recurrent_dropout: float. Share of v_t dropped on its way into S, by
            one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` is no multiple of `head_dim`; a number out of
            range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("rwkv6", units=8)
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    lookback = 1
    reads_before = True

    def __init__(
        self, units, head_dim=None, mix_rank=32, decay_rank=64, **kwargs
    ):
        super().__init__(units, **kwargs)
        self.head_dim = size_of_heads("RWKV6", self.units, head_dim)
        self.num_heads = self.units // self.head_dim
        self.mix_rank = positive_integer("mix_rank", mix_rank)
        self.decay_rank = positive_integer("decay_rank", decay_rank)

    def build(self, input_shape):
        super().build(input_shape)
        D, n = self.input_dim, self.units
        # Initial values: the authors' code, for the first layer of a net.
        place = 1 - np.arange(D) / D
        half = 1 - (np.arange(D) / D) ** 0.5
        small = initializers.RandomUniform(-0.01, 0.01)
        self.mix = self.add_vector("mix", D, place)
        self.mixes = self.add_array(
            "mixes", (5, D), np.stack([place, place, place, half, half])
        )
        self.mix_down = self.add_matrix(
            "mix_down", D, 5 * self.mix_rank, "zeros"
        )
        self.mix_up = self.add_array("mix_up", (5, self.mix_rank, D), small)
        self.receptance_kernel = self.add_matrix("receptance_kernel", D, n)
        self.key_kernel = self.add_matrix("key_kernel", D, n)
        self.value_kernel = self.add_matrix("value_kernel", D, n)
        self.gate_kernel = self.add_matrix("gate_kernel", D, n)
        channel = np.arange(n)
        speed = -6 + 5 * (channel / max(n - 1, 1)) ** 0.7
        self.decay = self.add_vector("decay", n, speed)
        self.decay_down = self.add_matrix(
            "decay_down", D, self.decay_rank, "zeros"
        )
        self.decay_up = self.add_matrix("decay_up", self.decay_rank, n, small)
        self.bonus = self.add_vector(
            "bonus", n, 0.1 * ((channel + 1) % 3 - 1.0)
        )
        self.norm_scale = self.add_vector("norm_scale", n, "ones")
        self.norm_offset = self.add_vector("norm_offset", n)
        self.output_kernel = self.add_matrix("output_kernel", n, n)

    def project(self, inputs, training=False):
        x, previous = inputs[:, 1:], inputs[:, :-1]
        s = previous - x
        low = ops.tanh(ops.matmul(x + s * self.mix, self.mix_down))
        parts = zip(ops.split(low, 5, axis=-1), range(5), strict=True)
        x_w, x_k, x_v, x_r, x_g = (
            x + s * (self.mixes[n] + ops.matmul(part, self.mix_up[n]))
            for part, n in parts
        )
        r = self.heads(ops.matmul(x_r, self.receptance_kernel))
        k = self.heads(ops.matmul(x_k, self.key_kernel))
        v = self.heads(ops.matmul(x_v, self.value_kernel))
        low = ops.tanh(ops.matmul(x_w, self.decay_down))
        w = self.heads(self.decay + ops.matmul(low, self.decay_up))
        g = ops.silu(ops.matmul(x_g, self.gate_kernel))
        return r, k, v, w, g

    def coefficients(self, projected):
        _, k, v, w, _ = projected
        log_w = -ops.exp(w)
        self.show(w=lambda: ops.exp(log_w))
        return log_w, k, v

    def query(self, projected):
        r, *_ = projected
        return r

    def read(self, projected, retrieved):
        r, k, v, _, g = projected
        u = ops.reshape(self.bonus, (self.num_heads, self.head_dim))
        u = ops.cast(u, self.carry_dtype)
        y = retrieved + ops.sum(r * u * k, axis=-1, keepdims=True) * v
        y = head_norm(
            ops.reshape(y, ops.shape(g)),
            self.num_heads,
            self.norm_scale,
            self.norm_offset,
            epsilon=64e-5,
        )
        gated = ops.cast(g * y, self.compute_dtype)
        return ops.matmul(gated, self.output_kernel)

    def get_config(self):
        config = {
            "head_dim": self.head_dim,
            "mix_rank": self.mix_rank,
            "decay_rank": self.decay_rank,
        }
        return {**super().get_config(), **config}
