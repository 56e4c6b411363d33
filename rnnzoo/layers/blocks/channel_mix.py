"""The channel mixing of RWKV, as a cell."""

import numpy as np
from keras import initializers, ops

from rnnzoo.cells import MemorylessCell
from rnnzoo.cells.checks import one_of, positive_integer


class ChannelMix(MemorylessCell):
    """RWKV's MLP, which also sees the step before.

        x^k = mu_k * x_t + (1 - mu_k) * x_{t-1}     RWKV-4
        x^k = x_t + mu_k * (x_{t-1} - x_t)          RWKV-6 and 7
        y_t = W_v relu(W_k x^k)^2                   RWKV-7
        y_t = sigmoid(W_r x^r) * W_v relu(W_k x^k)^2     RWKV-4 and 6

    x^r is made as x^k is, with mu_r.

    Weights: W_k `key_kernel` `(units, hidden_units)`, W_v `value_kernel`
    `(hidden_units, units)`, mu_k `key_mix` `(units,)`; but for RWKV-7 W_r
    `receptance_kernel` `(units, units)` and mu_r `receptance_mix` `(units,)`.
    W_v and W_r start from zero, as in the authors' code: a new layer adds
    nothing.
    States: the previous input, `(batch, units)`.

    Args:
        units: int. Size of input and output.
        hidden_units: int. Rows of W_k.
        version: 4, 6 or 7.
    """

    lookback = 1

    def __init__(self, units, hidden_units, version=7, **kwargs):
        super().__init__(units, **kwargs)
        self.hidden_units = positive_integer("hidden_units", hidden_units)
        self.version = one_of("version", version, (4, 6, 7))

    def build(self, input_shape):
        super().build(input_shape)
        n, hidden = self.units, self.hidden_units
        # Initial values: the authors' code, for the first layer of a net.
        place = np.arange(n) / n
        mix = place if self.version == 4 else 1 - place
        limit = 0.5 * n**-0.5
        initial = (
            initializers.RandomUniform(-limit, limit)
            if self.version == 7
            else "glorot_uniform"
        )
        self.key_mix = self.add_vector("key_mix", n, mix)
        self.key_kernel = self.add_matrix("key_kernel", n, hidden, initial)
        self.value_kernel = self.add_matrix("value_kernel", hidden, n, "zeros")
        if self.version != 7:
            self.receptance_mix = self.add_vector("receptance_mix", n, mix)
            self.receptance_kernel = self.add_matrix(
                "receptance_kernel", n, n, "zeros"
            )

    def project(self, inputs, training=False):
        x, previous = inputs[:, 1:], inputs[:, :-1]

        def shifted(mix):
            if self.version == 4:
                return mix * x + (1 - mix) * previous
            return x + mix * (previous - x)

        k = ops.matmul(shifted(self.key_mix), self.key_kernel)
        y = ops.matmul(ops.square(ops.relu(k)), self.value_kernel)
        if self.version == 7:
            return y
        r = ops.matmul(shifted(self.receptance_mix), self.receptance_kernel)
        return ops.sigmoid(r) * y

    def get_config(self):
        config = {"hidden_units": self.hidden_units, "version": self.version}
        return {**super().get_config(), **config}
