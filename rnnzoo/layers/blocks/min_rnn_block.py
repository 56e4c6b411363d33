"""The block of minGRU and minLSTM."""

import keras

from rnnzoo.cells import MinGRU, MinLSTM
from rnnzoo.layers.blocks.causal_conv import CausalConv
from rnnzoo.layers.blocks.paper_block import PaperBlock


@keras.saving.register_keras_serializable("rnnzoo")
class MinRNNBlock(PaperBlock):
    """A minimal RNN after a short convolution, and an MLP.

    Paper: Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, "Were RNNs All
    We Needed?", https://arxiv.org/abs/2410.01201: Conv4, minRNN, MLP. With
    the norms, sums and down-projection that its first author described where
    https://github.com/lucidrains/minGRU-pytorch/issues/1 asked for them:

        y = x + W_d minRNN(conv(norm(x))) + b_d
        z = y + W_2 gelu(W_1 norm(y) + b_1) + b_2

    The convolution is depthwise and sees four steps. The minimal RNN is
    twice as wide as x. The MLP is four times as wide as x. That package
    normalises by the root mean square and adds x around the convolution too.

    Weights: the convolution's, see `CausalConv`; the cell's; `down` W_d
    `(2 * units, units)`, `mlp_up` W_1 `(units, 4 * units)`, `mlp_down` W_2
    `(4 * units, units)`, with biases; `norm`, `mlp_norm`.
    States: the convolution's `(batch, 3 * units)`, then the cell's.

    Args: see `PaperBlock`; cells are `min_gru` and `min_lstm`, twice as wide
        as `units` unless an instance says otherwise.

    Raises:
        ValueError: another cell.

    Example:

    ```python
    block = rnnzoo.layers.MinRNNBlock("min_gru", units=8)
    y = block(np.ones((2, 5, 8)))   # (2, 5, 8)
    ```
    """

    fits = (MinGRU, MinLSTM)
    expansion = 2

    def __init__(self, cell="min_gru", units=None, **kwargs):
        super().__init__(cell, units, **kwargs)
        n, policy = self.units, self.dtype_policy
        self.conv = self.recurrent(CausalConv(n, dtype=policy), "conv")
        self.rnn_norm = self.norm("norm")
        self.down = self.dense(n, "down")
        self.mlp_norm = self.norm("mlp_norm")
        self.mlp_up = self.dense(4 * n, "mlp_up", activation="gelu")
        self.mlp_down = self.dense(n, "mlp_down")

    def directions(self):
        return [self.conv, self.forward]

    def parts(self):
        n = self.units
        return [
            (self.rnn_norm, n),
            (self.conv, n),
            (self.forward, n),
            (self.down, self.forward.output_size),
            (self.mlp_norm, n),
            (self.mlp_up, n),
            (self.mlp_down, 4 * n),
        ]

    def flow(self, x, run, drop):
        h = run(self.conv, self.rnn_norm(x))
        h = self.down(run(self.forward, h))
        x = x + drop(h)
        h = self.mlp_down(self.mlp_up(self.mlp_norm(x)))
        return x + drop(h)
