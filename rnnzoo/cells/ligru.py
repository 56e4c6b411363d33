"""The light gated recurrent unit."""

from keras import ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import one_of
from rnnzoo.cells.norms import head_norm


class LiGRU(Cell):
    """The light GRU: no reset gate, and a relu for the candidate.

    Choose it for speech, the purpose of its authors, and for other dense
    features. A relu has no bound, so clip gradients.

    Paper: Ravanelli, Brakel, Omologo and Bengio 2018, "Light Gated Recurrent
    Units for Speech Recognition", https://arxiv.org/abs/1803.10225

        z_t = sigmoid(N(W_z x_t) + b_z + U_z h_{t-1})
        n_t = relu(N(W_h x_t) + b_h + U_h h_{t-1})
        h_t = z_t * h_{t-1} + (1 - z_t) * n_t

    The paper's N is batch normalisation: in training, statistics over the
    batch and over time. Those depend on padding and on the other sequences,
    which no cell here may, so N is the identity, or layer normalisation of
    each W x_t by itself:

        N(v) = s * (v - mean(v)) / sqrt(variance(v) + 1e-5)

    With the identity, this is the paper's cell after training, its batch
    normalisation, by then a fixed scale and shift, multiplied into W and b.

    Weights, blocks in the order z h: W `kernel` `(input_dim, 2 * units)`,
    s `scale` `(2 * units,)` with layer normalisation, U `recurrent_kernel`
    `(units, 2 * units)`, b `bias` `(2 * units,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        normalization: None or `"layer"`. N.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: unknown `normalization`; a number out of range.

    Example:

    ```python
    cell = rnnzoo.cells.LiGRU(8, normalization="layer")
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, normalization=None, **kwargs):
        super().__init__(units, **kwargs)
        self.normalization = one_of(
            "normalization", normalization, (None, "layer")
        )

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 2 * self.units)
        if self.normalization == "layer":
            self.scale = self.add_vector("scale", 2 * self.units, "ones")
        self.recurrent_kernel = self.add_matrix(
            "recurrent_kernel", self.units, 2 * self.units, "orthogonal"
        )
        self.bias = self.add_vector("bias", 2 * self.units)

    def project(self, inputs, training=False):
        x = ops.matmul(inputs, self.kernel)
        if self.normalization == "layer":
            x = head_norm(x, 2, self.scale)
        return x + self.bias

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        inner = projected + ops.matmul(dropped, self.recurrent_kernel)
        z, n = ops.split(inner, 2, axis=-1)
        z = ops.sigmoid(z)
        self.show(z=z)
        n = ops.relu(n)
        h = z * h + (1 - z) * n
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "normalization": self.normalization}
