"""The gated recurrent unit with layer normalisation."""

from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.norms import layer_norm


class LayerNormGRU(Cell):
    """A GRU that normalises what its gates and its candidate read.

    Choose it where a GRU trains slowly or depends on the scale of its inputs;
    the normalisation inside the loop costs time at every step.

    Paper: Ba, Kiros and Hinton 2016, "Layer Normalization", supplement,
    https://arxiv.org/abs/1607.06450

        [z_t r_t] = sigmoid(LN(W_zr x_t) + LN(U_zr h_{t-1}))
        n_t = tanh(LN(W_h x_t) + r_t * LN(U_h h_{t-1}))
        h_t = (1 - z_t) * h_{t-1} + z_t * n_t

    with LN(v) = s * (v - mean(v)) / sqrt(variance(v) + 1e-5) + b, every LN
    with an s and a b of its own. z and r are normalised together, as one
    vector of 2 * units. Here z admits the new, as in the paper; in the
    authors' code, and in `GRU`, it keeps the old.

    Weights, blocks in the order z r h: W `kernel` `(input_dim, 3 * units)`,
    U `recurrent_kernel` `(units, 3 * units)`; s and b of W x_t
    `input_scale` and `input_offset`, those of U h_{t-1} `recurrent_scale`
    and `recurrent_offset`, each `(3 * units,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units` or `recurrent_dropout` out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("layernorm_gru", units=8)
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def build(self, input_shape):
        super().build(input_shape)
        width = 3 * self.units
        self.kernel = self.add_matrix("kernel", self.input_dim, width)
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, width, "orthogonal"
        )
        self.input_scale = self.add_vector("input_scale", width, "ones")
        self.input_offset = self.add_vector("input_offset", width)
        self.recurrent_scale = self.add_vector("recurrent_scale", width, "ones")
        self.recurrent_offset = self.add_vector("recurrent_offset", width)

    def project(self, inputs, training=False):
        return self.normalise(
            ops.matmul(inputs, self.kernel),
            self.input_scale,
            self.input_offset,
        )

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        x_zr, x_h = projected
        u_zr, u_h = self.normalise(
            ops.matmul(dropped, self.recurrent_kernel),
            self.recurrent_scale,
            self.recurrent_offset,
        )
        z, r = ops.split(ops.sigmoid(x_zr + u_zr), 2, axis=-1)
        self.show(z=z, r=r)
        n = ops.tanh(x_h + r * u_h)
        h = (1 - z) * h + z * n
        return h, [h]

    def normalise(self, blocks, scale, offset):
        """LN of the blocks z and r together, and of h: a pair."""
        at = [2 * self.units]
        parts = (ops.split(v, at, axis=-1) for v in (blocks, scale, offset))
        return tuple(layer_norm(*part) for part in zip(*parts, strict=True))
