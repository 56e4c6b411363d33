"""The recurrence of the hierarchically gated recurrent network."""

import keras
import numpy as np
from keras import ops

from rnnzoo.cells.checks import in_range
from rnnzoo.cells.linear_cell import LinearCell
from rnnzoo.cells.norms import layer_norm


class HGRN(LinearCell):
    """Forget gates with a lower bound, over a state that rotates.

    Choose it for stacks in which upper layers shall remember longer than
    lower ones: give them rising values of `lower_bound`.

    Paper: Qin, Yang and Zhong 2023, "Hierarchically Gated Recurrent Neural
    Network for Sequence Modeling", https://arxiv.org/abs/2311.04823. With
    gamma = `lower_bound`, and c_t and h_t complex:

        Re(c_t) = SiLU(W_cr x_t + b_cr)
        Im(c_t) = SiLU(W_ci x_t + b_ci)
        mu_t = sigmoid(W_mu x_t + b_mu)
        lambda_t = gamma + (1 - gamma) * mu_t
        h_t = lambda_t * exp(i theta) * h_{t-1} + (1 - lambda_t) * c_t
        g_t = tau(W_g x_t + b_g)
        o_t = W_o LayerNorm(g_t * [Re(h_t), Im(h_t)]) + b_o

    The angles theta are weights that no input changes. In the paper gamma is
    learned, for all layers and channels of a network at once, and is zero in
    its first layer; a cell knows no other layers and takes one number. The
    authors' code comes in versions: the norm before the gate, or after it as
    in the paper and here; SiLU or sigmoid for the paper's tau.

    Later libraries drop the imaginary part, and so does
    `complex_state=False`: h_t = lambda_t * h_{t-1} + (1 - lambda_t) * c_t.

    Weights, blocks in the order cr ci mu g (g twice as wide), or c mu g: W
    `kernel` `(input_dim, 5 * units)` or `(input_dim, 3 * units)`, b `bias`;
    `theta` `(units,)`; `norm_scale` and `norm_offset`, `(2 * units,)` or
    `(units,)`; W_o `output_kernel` `(2 * units, units)` or `(units, units)`,
    b_o `output_bias` `(units,)`.
    States: Re(h), Im(h), or h, each `(batch, units)`, carried in float32 at
    least.

    Args:
        units: int. Size of h and of the output.
        lower_bound: float in [0, 1). Share of h that always stays.
        complex_state: bool. Whether h is complex and rotates.
        gate_activation: str or function. tau.
        recurrent_dropout: float. Share of (1 - lambda_t) * c_t dropped, by
            one mask per sequence.
        seed: int or None. Seed of that mask.

    Raises:
        ValueError: a number out of range.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(rnnzoo.cells.HGRN(8, lower_bound=0.9))
    y = layer(np.ones((2, 500, 3)))   # (2, 8)
    ```
    """

    def __init__(
        self,
        units,
        lower_bound=0.0,
        complex_state=True,
        gate_activation="silu",
        **kwargs,
    ):
        super().__init__(units, **kwargs)
        self.lower_bound = in_range("lower_bound", lower_bound, "[0, 1)")
        self.complex_state = bool(complex_state)
        self.is_complex = self.complex_state
        self.gate_activation = keras.activations.get(gate_activation)

    @property
    def carry_size(self):
        return [self.units] * (2 if self.complex_state else 1)

    def build(self, input_shape):
        super().build(input_shape)
        width = sum(self.carry_size)
        blocks = 2 * width + self.units
        self.kernel = self.add_matrix("kernel", self.input_dim, blocks)
        self.bias = self.add_vector("bias", blocks)
        if self.complex_state:
            # Rounded, every step would add to the error.
            self.theta = self.add_vector(
                "theta", self.units, self.initial_theta, autocast=False
            )
        self.norm_scale = self.add_vector("norm_scale", width, "ones")
        self.norm_offset = self.add_vector("norm_offset", width)
        self.output_kernel = self.add_matrix("output_kernel", width, self.units)
        self.output_bias = self.add_vector("output_bias", self.units)

    def initial_theta(self, shape, dtype=None):
        """10000^(-2k / units), as the authors' code starts it."""
        k = np.arange(self.units)
        return ops.cast(10000.0 ** (-2 * k / self.units), dtype)

    def project(self, inputs, training=False):
        width = sum(self.carry_size)
        projected = ops.matmul(inputs, self.kernel) + self.bias
        cuts = [width, width + self.units]
        c, mu, g = ops.split(projected, cuts, axis=-1)
        return ops.silu(c), mu, self.gate_activation(g)

    def coefficients(self, projected):
        c, mu, _ = projected
        mu = ops.sigmoid(mu)
        self.show(mu=mu)
        decay = self.lower_bound + (1 - self.lower_bound) * mu
        admitted = (1 - self.lower_bound) * (1 - mu)
        if not self.complex_state:
            return decay, admitted * c
        theta = ops.cast(self.theta, self.carry_dtype)
        rotation = ops.stack([ops.cos(theta), ops.sin(theta)])
        c = ops.reshape(c, (*ops.shape(c)[:-1], 2, self.units))
        return decay[..., None, :] * rotation, admitted[..., None, :] * c

    def read(self, projected, previous, h):
        _, _, g = projected
        h = ops.reshape(h, (*ops.shape(g)[:-1], g.shape[-1]))
        o = layer_norm(g * h, self.norm_scale, self.norm_offset)
        o = ops.matmul(ops.cast(o, self.compute_dtype), self.output_kernel)
        return o + self.output_bias

    def get_config(self):
        config = {
            "lower_bound": self.lower_bound,
            "complex_state": self.complex_state,
            "gate_activation": keras.activations.serialize(
                self.gate_activation
            ),
        }
        return {**super().get_config(), **config}
