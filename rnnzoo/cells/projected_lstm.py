"""Long short-term memory with a recurrent projection."""

import numpy as np
from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import positive_integer


class ProjectedLSTM(Cell):
    """LSTMP: a large memory whose output is projected to a smaller size.

    Choose it for a large memory at a bounded cost: the weights grow with
    `units * projection_units` rather than with the square of `units`.

    Paper: Sak, Senior and Beaufays 2014, "Long Short-Term Memory Based
    Recurrent Neural Network Architectures for Large Vocabulary Speech
    Recognition", https://arxiv.org/abs/1402.1128

        i_t = sigmoid(W_i x_t + U_i h_{t-1} + p_i * c_{t-1} + b_i)
        f_t = sigmoid(W_f x_t + U_f h_{t-1} + p_f * c_{t-1} + b_f)
        g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
        c_t = f_t * c_{t-1} + i_t * g_t
        o_t = sigmoid(W_o x_t + U_o h_{t-1} + p_o * c_t + b_o)
        m_t = o_t * tanh(c_t)
        h_t = R m_t

    The paper writes r for h. PyTorch's LSTM with `proj_size` is this cell
    without peepholes p. The paper's second projection of m_t, which goes to
    the layer above only, is left out.

    Weights, blocks in the order i f g o: W `kernel` `(input_dim, 4 * units)`,
    U `recurrent_kernel` `(projection_units, 4 * units)`, b `bias`
    `(4 * units,)`; in the order i f o: p `peephole_kernel` `(3 * units,)`,
    which starts at zero; R `projection_kernel` `(units, projection_units)`.
    States: h `(batch, projection_units)`, c `(batch, units)`.

    Args:
        units: int. Size of c.
        projection_units: int or None. Size of h, which is also the output; a
            quarter of `units` if None.
        peepholes: bool. Whether the gates read c, by p.
        unit_forget_bias: bool. Whether b_f starts at one, so that a new cell
            remembers.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: a size or `recurrent_dropout` out of range.

    Example:

    ```python
    cell = rnnzoo.cells.ProjectedLSTM(64, projection_units=8)
    layer = rnnzoo.layers.Recurrent(cell)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(
        self,
        units,
        projection_units=None,
        peepholes=True,
        unit_forget_bias=True,
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        if projection_units is None:
            projection_units = max(1, self.units // 4)
        self.projection_units = positive_integer(
            "projection_units", projection_units
        )
        self.peepholes = peepholes
        self.unit_forget_bias = unit_forget_bias

    @property
    def carry_size(self):
        return [self.projection_units, self.units]

    @property
    def output_size(self):
        return self.projection_units

    def draw_noise(self, batch_size, training=False):
        if not (training and self.recurrent_dropout):
            return None
        return self.dropout_mask((batch_size, self.projection_units))

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 4 * self.units)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel",
            self.projection_units,
            4 * self.units,
            "orthogonal",
        )
        if self.peepholes:
            self.peephole_kernel = self.add_vector(
                "peephole_kernel", 3 * self.units
            )
        b_f = 1.0 if self.unit_forget_bias else 0.0
        bias = np.repeat([0.0, b_f, 0.0, 0.0], self.units)
        self.bias = self.add_vector("bias", 4 * self.units, bias)
        self.projection_kernel = self.add_matrix(
            "projection_kernel", self.units, self.projection_units
        )

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, projected, states, noise=None):
        h, c = states
        if noise is not None:
            h = h * noise
        p_i, p_f, p_o = (
            ops.split(self.peephole_kernel, 3) if self.peepholes else (0, 0, 0)
        )
        gates = projected + ops.matmul(h, self.recurrent_kernel)
        i, f, g, o = ops.split(gates, 4, axis=-1)
        i = ops.sigmoid(i + p_i * c)
        f = ops.sigmoid(f + p_f * c)
        g = ops.tanh(g)
        c = f * c + i * g
        o = ops.sigmoid(o + p_o * c)
        self.show(i=i, f=f, o=o)
        m = o * ops.tanh(c)
        h = ops.matmul(m, self.projection_kernel)
        return h, [h, c]

    def get_config(self):
        return {
            **super().get_config(),
            "projection_units": self.projection_units,
            "peepholes": self.peepholes,
            "unit_forget_bias": self.unit_forget_bias,
        }
