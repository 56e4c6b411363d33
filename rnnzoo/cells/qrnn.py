"""The quasi-recurrent network: convolution, then pooling."""

from keras import ops

from rnnzoo.cells.checks import one_of, positive_integer
from rnnzoo.cells.linear_cell import LinearCell

# What each pooling needs, in the order of the weights' blocks.
BLOCKS = {"f": "zf", "fo": "zfo", "ifo": "zfio"}


class QRNN(LinearCell):
    """Gates from a convolution over the last inputs, pooled over time.

    Choose it for text and other sequences whose neighbouring inputs belong
    together (characters, word pieces): a window of k inputs says more than
    one, and the rest trains in parallel over time.

    Paper: Bradbury, Merity, Xiong and Socher 2016, "Quasi-Recurrent Neural
    Networks", https://arxiv.org/abs/1611.01576. With k = `kernel_size` and
    zeros before the first input:

        X_t = [x_{t-k+1}, ..., x_t]
        z_t = tanh(W_z X_t + b_z)
        f_t = sigmoid(W_f X_t + b_f)
        i_t = sigmoid(W_i X_t + b_i)
        o_t = sigmoid(W_o X_t + b_o)
        c_t = f_t * c_{t-1} + i_t * z_t
        h_t = o_t * c_t

    Pooling `"ifo"` is this; `"fo"` has 1 - f_t in place of i_t; `"f"` lacks
    o_t as well, so that h_t = c_t. The paper writes no biases; here they
    start at zero. One published code has f and 1 - f the other way round.

    The paper's dropout lets random units of c keep their value, at random
    steps: with pooling `"f"` that is `rnnzoo.cells.Zoneout` around this cell.
    Its dense connections are a matter of the layers around the cell.

    Weights, blocks in the order z f i o, less those the pooling lacks: W
    `kernel` `(kernel_size * input_dim, blocks * units)`, its rows those of
    the oldest input first; b `bias` `(blocks * units,)`.
    States: c `(batch, units)`, carried in float32 at least; with
    `kernel_size > 1` the last inputs `(batch, (kernel_size - 1) * input_dim)`.

    Args:
        units: int. Size of c and of the output.
        kernel_size: int. k, how many inputs the gates see.
        pooling: `"f"`, `"fo"` or `"ifo"`.
        recurrent_dropout: float. Share of what is added to c_t dropped, by
            one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: unknown `pooling`; a number out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.QRNN(8, kernel_size=3))
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    def __init__(self, units, kernel_size=2, pooling="fo", **kwargs):
        super().__init__(units, **kwargs)
        self.kernel_size = positive_integer("kernel_size", kernel_size)
        self.pooling = one_of("pooling", pooling, tuple(BLOCKS))
        self.lookback = self.kernel_size - 1

    def build(self, input_shape):
        super().build(input_shape)
        width = len(BLOCKS[self.pooling]) * self.units
        self.kernel = self.add_matrix(
            "kernel", self.kernel_size * self.input_dim, width
        )
        self.bias = self.add_vector("bias", width)

    def project(self, inputs, training=False):
        X = inputs
        if self.lookback:
            # The input k - 1 steps before each, and so on to the input itself.
            ends = [n - self.lookback or None for n in range(self.kernel_size)]
            shifted = [inputs[:, n:end] for n, end in enumerate(ends)]
            X = ops.concatenate(shifted, axis=-1)
        projected = ops.matmul(X, self.kernel) + self.bias
        names = BLOCKS[self.pooling]
        blocks = ops.split(projected, len(names), axis=-1)
        return dict(zip(names, blocks, strict=True))

    def coefficients(self, projected):
        z = ops.tanh(projected["z"])
        f = ops.sigmoid(projected["f"])
        i = ops.sigmoid(projected["i"]) if "i" in projected else 1 - f
        self.show(f=f, i=i)
        return f, i * z

    def read(self, projected, previous, c):
        if "o" not in projected:
            return c
        o = ops.sigmoid(projected["o"])
        self.show(o=o)
        return o * c

    def get_config(self):
        config = {"kernel_size": self.kernel_size, "pooling": self.pooling}
        return {**super().get_config(), **config}
