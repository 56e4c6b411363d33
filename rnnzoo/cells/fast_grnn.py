"""FastGRNN: one gate and one candidate that share their matrices."""

from keras import initializers, ops

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import positive_integer


class FastGRNN(Cell):
    """A gated cell of the size of an ungated one, and smaller at low rank.

    Choose it for microcontrollers: gate and candidate share W and U, and
    either matrix may be a product of two narrow ones.

    Paper: Kusupati et al. 2018, "FastGRNN: A Fast, Accurate, Stable and Tiny
    Kilobyte Sized Gated Recurrent Neural Network",
    https://arxiv.org/abs/1901.02358

        z_t = sigmoid(W x_t + U h_{t-1} + b_z)
        n_t = tanh(W x_t + U h_{t-1} + b_n)
        h_t = (sigmoid(zeta) * (1 - z_t) + sigmoid(nu)) * n_t + z_t * h_{t-1}

    with W = W_1 W_2 or U = U_1 U_2 at low rank. zeta starts at 1, nu at -4
    and both biases at one, as in the authors' code. torchrecurrent has tanh
    for z unless told otherwise, and starts zeta at 3 and nu at -3. The
    paper's sparse and quantised weights are left to tools for that.

    Weights: W `kernel` `(input_dim, units)`, or `kernel_down`
    `(input_dim, kernel_rank)` and `kernel_up` `(kernel_rank, units)`;
    U `recurrent_kernel` `(units, units)`, or `recurrent_kernel_down`
    `(units, recurrent_rank)` and `recurrent_kernel_up`
    `(recurrent_rank, units)`; b_z `gate_bias` and b_n `candidate_bias`
    `(units,)`; `zeta` `(1,)`, `nu` `(1,)`.
    States: h `(batch, units)`.

    Args:
        units: int. Size of h, which is also the output.
        kernel_rank: int or None. Rank of W, full if None.
        recurrent_rank: int or None. Rank of U, full if None.
        recurrent_dropout: float. Share of h_{t-1} dropped before U, by one
            mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: `units`, a rank or `recurrent_dropout` out of range.

    Example:

    ```python
    cell = rnnzoo.cells.FastGRNN(32, kernel_rank=2, recurrent_rank=8)
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 5, 3)))   # (2, 32)
    ```
    """

    def __init__(self, units, kernel_rank=None, recurrent_rank=None, **kwargs):
        super().__init__(units, **kwargs)
        if kernel_rank is not None:
            kernel_rank = positive_integer("kernel_rank", kernel_rank)
        if recurrent_rank is not None:
            recurrent_rank = positive_integer("recurrent_rank", recurrent_rank)
        self.kernel_rank = kernel_rank
        self.recurrent_rank = recurrent_rank

    def build(self, input_shape):
        super().build(input_shape)
        self.kernel = self.add_factors(
            "kernel", self.input_dim, self.kernel_rank, "glorot_uniform"
        )
        self.recurrent_kernel = self.add_factors(
            "recurrent_kernel", self.units, self.recurrent_rank, "orthogonal"
        )
        self.gate_bias = self.add_vector("gate_bias", self.units, "ones")
        self.candidate_bias = self.add_vector(
            "candidate_bias", self.units, "ones"
        )
        self.zeta = self.add_vector("zeta", 1, initializers.Constant(1.0))
        self.nu = self.add_vector("nu", 1, initializers.Constant(-4.0))

    def add_factors(self, name, rows, rank, initializer):
        """The matrix `(rows, units)`, or its two factors: a list."""
        if rank is None:
            return [self.add_matrix(name, rows, self.units, initializer)]
        return [
            self.add_matrix(f"{name}_down", rows, rank, initializer),
            self.add_matrix(f"{name}_up", rank, self.units, initializer),
        ]

    def project(self, inputs, training=False):
        return product(inputs, self.kernel)

    def step(self, projected, states, noise=None):
        (h,) = states
        dropped = h if noise is None else h * noise
        inner = projected + product(dropped, self.recurrent_kernel)
        z = ops.sigmoid(inner + self.gate_bias)
        self.show(z=z)
        n = ops.tanh(inner + self.candidate_bias)
        zeta, nu = ops.sigmoid(self.zeta), ops.sigmoid(self.nu)
        h = (zeta * (1 - z) + nu) * n + z * h
        return h, [h]

    def get_config(self):
        config = {
            "kernel_rank": self.kernel_rank,
            "recurrent_rank": self.recurrent_rank,
        }
        return {**super().get_config(), **config}


def product(x, factors):
    for factor in factors:
        x = ops.matmul(x, factor)
    return x
