"""Rows of minGRU and its kin: vector states, linear."""

import numpy as np

from tests.cells.rows.row import FEATURES, Row
from tests.cells.statistics import (
    equal_to,
    glorot,
    normal,
    ones,
    uniform,
    zeros,
)

# States as wide as the inputs, where equations add x_t to the state.
SAME_WIDTH = {"units": FEATURES}

ROWS = [
    Row("lru", stock_jax=False),
    Row(
        "lru",
        {
            "state_units": 5,
            "min_radius": 0.5,
            "max_radius": 0.9,
            "max_phase": 1.0,
        },
        stock_jax=False,
    ),
    Row("min_gru"),
    Row("min_gru", {"candidate": "linear"}),
    Row("min_lstm"),
    Row("min_lstm", {"candidate": "linear", "forget_bias": 1.5}),
    Row("trnn"),
    Row("qrnn", stock_jax=False),
    Row("qrnn", {"kernel_size": 1, "pooling": "f"}),
    Row("qrnn", {"kernel_size": 3, "pooling": "ifo"}, stock_jax=False),
    Row("sru", stock_jax=False),
    Row("sru", {"recurrent_gates": False}, stock_jax=False),
    Row("sru", {**SAME_WIDTH, "highway_bias": -1.0}, stock_jax=False),
    Row("rg_lru"),
    Row("rg_lru", {"num_heads": 2}),
    Row("rg_lru", SAME_WIDTH),
    Row("hgrn", stock_jax=False),
    Row(
        "hgrn",
        {"lower_bound": 0.6, "gate_activation": "sigmoid"},
        stock_jax=False,
    ),
    Row(
        "hgrn",
        {"complex_state": False, "lower_bound": 0.3},
        stock_jax=False,
    ),
]


def kernel_of_sru(values):
    """Variance 1 / input_dim; half of it where v has the other half."""
    z, f, r = np.split(values, 3, axis=1)
    bound = np.sqrt(3 / len(values))
    uniform(bound)(z)
    uniform(bound * np.sqrt(0.5))(f)
    uniform(bound * np.sqrt(0.5))(r)


def lambda_of_rg_lru(values):
    """sigmoid(Lambda)^8 is uniform in [0.9, 0.999]."""
    decay = (1 / (1 + np.exp(-values.astype("float64")))) ** 8
    uniform(0.999 + 1e-6, 0.9 - 1e-6)(decay)


def theta_of_hgrn(count):
    return 10000.0 ** (-2 * np.arange(count) / count)


def ring(values):
    """|lambda|^2 is spread evenly, over [0, 1] unless told otherwise."""
    uniform(1.0, 0.0)(np.exp(-2 * np.exp(values)))


def phase(values):
    uniform(2 * np.pi, 0.0)(np.exp(values))


def scale(values):
    """exp(gamma)^2 = 1 - |lambda|^2."""
    uniform(1.0, 0.0)(np.exp(2 * values))


def fan_in(share):
    return lambda values: normal(np.sqrt(share / len(values)))(values)


INITIAL_VALUES = {
    "lru": {
        "nu": ring,
        "theta": phase,
        "gamma": scale,
        "kernel": fan_in(0.5),
        "output_kernel": fan_in(2),
        "skip_kernel": fan_in(1),
    },
    "min_gru": {"kernel": glorot, "bias": zeros},
    "min_lstm": {"kernel": glorot, "bias": zeros},
    "trnn": {"kernel": glorot, "bias": zeros},
    "qrnn": {"kernel": glorot, "bias": zeros},
    "sru": {
        "kernel": kernel_of_sru,
        "recurrent_kernel": uniform(np.sqrt(1.5)),
        "bias": zeros,
        "input_kernel": uniform(np.sqrt(3 / 48)),
    },
    "rg_lru": {
        "input_kernel": glorot,
        "kernel": normal(1 / np.sqrt(96)),
        "bias": zeros,
        "Lambda": lambda_of_rg_lru,
    },
    "hgrn": {
        "kernel": glorot,
        "bias": zeros,
        "theta": equal_to(theta_of_hgrn),
        "norm_scale": ones,
        "norm_offset": zeros,
        "output_kernel": glorot,
        "output_bias": zeros,
    },
}
