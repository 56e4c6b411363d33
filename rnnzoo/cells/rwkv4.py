"""The time mixing of RWKV-4."""

import math

import numpy as np
from keras import ops

from rnnzoo.cells.linear_cell import LinearCell


class RWKV4(LinearCell):
    """RWKV's time mixing: attention with a fixed decay, as a recurrence.

    Choose it for language modelling at constant memory; it trains in parallel
    over time. Later versions (RWKV-6, RWKV-7) forget by content.

    Paper: Peng et al. 2023, "RWKV: Reinventing RNNs for the Transformer Era",
    https://arxiv.org/abs/2305.13048, with the running maximum m of its
    appendix, w = -exp(time_decay), u = time_first:

        r_t = W_r (mu_r * x_t + (1 - mu_r) * x_{t-1})
        k_t = W_k (mu_k * x_t + (1 - mu_k) * x_{t-1})
        v_t = W_v (mu_v * x_t + (1 - mu_v) * x_{t-1})
        q_t = max(m_{t-1}, u + k_t)
        wkv_t = (exp(m_{t-1} - q_t) a_{t-1} + exp(u + k_t - q_t) * v_t)
              / (exp(m_{t-1} - q_t) b_{t-1} + exp(u + k_t - q_t))
        m_t = max(m_{t-1} + w, k_t)
        a_t = exp(m_{t-1} + w - m_t) * a_{t-1} + exp(k_t - m_t) * v_t
        b_t = exp(m_{t-1} + w - m_t) * b_{t-1} + exp(k_t - m_t)
        o_t = W_o (sigmoid(r_t) * wkv_t)

    mu weights the current input here, and the previous one in RWKV-6 and 7.
    The output does not depend on m, which therefore takes no gradient.

    Weights: W_r, W_k, W_v `receptance_kernel`, `key_kernel`, `value_kernel`
    `(input_dim, units)`, W_o `output_kernel` `(units, units)`; mu_r, mu_k,
    mu_v `receptance_mix`, `key_mix`, `value_mix` `(input_dim,)`; `time_decay`
    and `time_first` `(units,)`.
    States: a, b, m `(batch, units)` in float32 at least, with m_0 = -1e30,
    and the previous input `(batch, input_dim)`.

    Args:
        units: int. Size of the output.
        recurrent_dropout: float. Share of channels whose input to a and b is
            dropped, by one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("rwkv4", units=8)
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    lookback = 1
    stabilised = True

    @property
    def carry_size(self):
        return [self.units, self.units, self.units]

    @property
    def conditionable_states(self):
        return ()

    def initial_carry(self, batch_size):
        zeros = ops.zeros((batch_size, self.units), self.carry_dtype)
        return [zeros, zeros, zeros - 1e30]

    def build(self, input_shape):
        super().build(input_shape)
        # Initial values: the paper's appendix, for the first layer of a net.
        place = np.arange(self.input_dim) / self.input_dim
        mixes = {"receptance": place**0.5, "key": place, "value": place}
        for name, initial in mixes.items():
            kernel = self.add_matrix(
                f"{name}_kernel", self.input_dim, self.units
            )
            setattr(self, f"{name}_kernel", kernel)
            mix = self.add_vector(f"{name}_mix", self.input_dim, initial)
            setattr(self, f"{name}_mix", mix)
        channel = np.arange(self.units)
        decay = -5 + 8 * (channel / max(self.units - 1, 1)) ** 0.7
        self.time_decay = self.add_vector("time_decay", self.units, decay)
        first = math.log(0.3) + 0.5 * ((channel + 1) % 3 - 1)
        self.time_first = self.add_vector("time_first", self.units, first)
        self.output_kernel = self.add_matrix(
            "output_kernel", self.units, self.units
        )

    def project(self, inputs, training=False):
        x, previous = inputs[:, 1:], inputs[:, :-1]

        def shifted(mix, kernel):
            return ops.matmul(mix * x + (1 - mix) * previous, kernel)

        r = shifted(self.receptance_mix, self.receptance_kernel)
        k = shifted(self.key_mix, self.key_kernel)
        v = shifted(self.value_mix, self.value_kernel)
        return r, k, v

    @property
    def w(self):
        return -ops.exp(ops.cast(self.time_decay, self.carry_dtype))

    def maximum_terms(self, projected):
        _, k, _ = projected
        return ops.broadcast_to(self.w, ops.shape(k)), k

    def coefficients(self, projected, m_previous, m):
        _, k, v = projected
        decay = ops.exp(m_previous + self.w - m)
        new = ops.exp(k - m)
        return decay[..., None, :], ops.stack([new * v, new], axis=-2)

    def read(self, projected, previous, new, m_previous, m):
        r, k, v = projected
        a, b = previous[..., 0, :], previous[..., 1, :]
        u = ops.cast(self.time_first, self.carry_dtype)
        q = ops.stop_gradient(ops.maximum(m_previous, u + k))
        past, now = ops.exp(m_previous - q), ops.exp(u + k - q)
        wkv = (past * a + now * v) / (past * b + now)
        r = ops.sigmoid(r)
        self.show(r=r)
        gated = ops.cast(r * wkv, self.compute_dtype)
        return ops.matmul(gated, self.output_kernel)

    def pack(self, states):
        return ops.stack(states, axis=-2)

    def unpack(self, h):
        return [h[..., 0, :], h[..., 1, :]]
