"""minGRU: a GRU whose gate reads the input alone."""

from keras import ops

from rnnzoo.cells.checks import one_of
from rnnzoo.cells.linear_cell import LinearCell


class MinGRU(LinearCell):
    """The minimal GRU: linear in its state, trained in parallel over time.

    Choose it for long sequences; it trains several times faster than a GRU
    and needs depth (two layers and more) to make up for its simple gate.

    Paper: Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, "Were RNNs All
    We Needed?", https://arxiv.org/abs/2410.01201

        z_t = sigmoid(W_z x_t + b_z)
        n_t = g(W_h x_t + b_h)
        h_t = (1 - z_t) * h_{t-1} + z_t * n_t

    with g(v) = v + 1/2 for v >= 0 and sigmoid(v) below (`"positive"`, the
    form of the paper's log-space appendix) or g(v) = v (`"linear"`). Here z
    admits the new, unlike in `GRU`. The initial state is zero in both forms;
    one listing of the paper starts the positive form from g(0) = 1/2.

    Weights, blocks in the order z h: W `kernel` `(input_dim, 2 * units)`,
    b `bias` `(2 * units,)`.
    States: h `(batch, units)`, carried in float32 at least.

    Args:
        units: int. Size of h, which is also the output.
        candidate: `"positive"` or `"linear"`.
        recurrent_dropout: float. Share of z_t * n_t dropped, by one mask per
            sequence, so that what is remembered stays remembered (Semeniuta
            et al. 2016, https://arxiv.org/abs/1603.05118).
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: unknown `candidate`; a number out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.MinGRU(8, candidate="linear"))
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, candidate="positive", **kwargs):
        super().__init__(units, **kwargs)
        self.candidate = one_of("candidate", candidate, ("positive", "linear"))

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_matrix("kernel", self.input_dim, 2 * self.units)
        self.bias = self.add_vector("bias", 2 * self.units)

    def project(self, inputs, training=False):
        return ops.matmul(inputs, self.kernel) + self.bias

    def coefficients(self, projected):
        z, n = ops.split(projected, 2, axis=-1)
        z = ops.sigmoid(z)
        self.show(z=z)
        if self.candidate == "positive":
            n = ops.where(n >= 0, n + 0.5, ops.sigmoid(n))
        return 1 - z, z * n

    def get_config(self):
        return {**super().get_config(), "candidate": self.candidate}
