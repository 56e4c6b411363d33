"""Long short-term memory with layer normalisation."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.norms import layer_norm


class LayerNormLSTM(Cell):
    """LSTM whose gates and read-out are normalised at every step.

    Choose it where an LSTM trains slowly or diverges: deep stacks, long
    sequences, large learning rates. A step costs three more normalisations.

    Paper: Ba, Kiros and Hinton 2016, "Layer Normalization",
    https://arxiv.org/abs/1607.06450, with LN(v) = (v - mean) / sqrt(variance
    + 1e-5) over the last axis:

        z_t = s_x * LN(W x_t) + s_h * LN(U h_{t-1}) + b
        i_t, f_t, o_t = sigmoid of the blocks i f o of z_t
        g_t = tanh of the block g of z_t
        c_t = f_t * c_{t-1} + i_t * g_t
        h_t = o_t * tanh(s_c * LN(c_t) + b_c)

    W x and U h are normalised apart, each over all four blocks at once. The
    paper gives each norm an offset and adds a bias to their sum; one vector b
    is the same. What is carried is c_t. TensorFlow Addons carries its
    normalised form instead, which is another function.

    Weights, blocks in the order i f g o: W `kernel` `(input_dim, 4 * units)`,
    U `recurrent_kernel` `(units, 4 * units)`, s_x `kernel_scale`, s_h
    `recurrent_scale` and b `bias` `(4 * units,)`; s_c `memory_scale` and b_c
    `memory_offset` `(units,)`.
    States: h `(batch, units)`, c `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        unit_forget_bias: bool. Whether b of f starts at one, so that a new
            cell remembers.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("layernorm_lstm", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.unit_forget_bias = unit_forget_bias

    @property
    def carry_size(self):
        return [self.units, self.units]

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 4 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 4 * self.units, "orthogonal"
        )
        self.kernel_scale = self.add_vector(
            "kernel_scale", 4 * self.units, "ones"
        )
        self.recurrent_scale = self.add_vector(
            "recurrent_scale", 4 * self.units, "ones"
        )
        b_f = 1.0 if self.unit_forget_bias else 0.0
        bias = np.repeat([0.0, b_f, 0.0, 0.0], self.units)
        self.bias = self.add_vector("bias", 4 * self.units, bias)
        self.memory_scale = self.add_vector("memory_scale", self.units, "ones")
        self.memory_offset = self.add_vector("memory_offset", self.units)

    def project(self, inputs, training=False):
        x = ops.matmul(inputs, self.kernel)
        return layer_norm(x, self.kernel_scale) + self.bias

    def step(self, projected, states, noise=None):
        h, c = states
        if noise is not None:
            h = h * noise
        u = ops.matmul(h, self.recurrent_kernel)
        z = projected + layer_norm(u, self.recurrent_scale)
        i, f, g, o = ops.split(z, 4, axis=-1)
        i = ops.sigmoid(i)
        f = ops.sigmoid(f)
        g = ops.tanh(g)
        o = ops.sigmoid(o)
        self.show(i=i, f=f, o=o)
        c = f * c + i * g
        read = layer_norm(c, self.memory_scale, self.memory_offset)
        h = o * ops.tanh(read)
        return h, [h, c]

    def get_config(self):
        return {
            **super().get_config(),
            "unit_forget_bias": self.unit_forget_bias,
        }
