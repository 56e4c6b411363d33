"""Rows of the time mixings of RWKV."""

import numpy as np

from tests.cells.rows.row import Row
from tests.cells.statistics import (
    constant,
    equal_to,
    glorot,
    ones,
    orthogonal,
    uniform,
    zeros,
)

# A norm of two or four numbers, which may be close to each other.
NORMED = {
    "float32": 2e-5,
    "bfloat16": 0.3,
    "difference": 1e-6,
    "stock_jax": False,
}

ROWS = [
    Row("rwkv4", stock_jax=False),
    Row("rwkv6", {"units": 8, "head_dim": 4}, **NORMED),
    Row("rwkv6", {"mix_rank": 2, "decay_rank": 3}, **NORMED),
    Row("rwkv7", {"units": 8, "head_dim": 4}, **NORMED),
    Row(
        "rwkv7",
        {"decay_rank": 2, "rate_rank": 3, "gate_rank": 1},
        **NORMED,
    ),
    Row("rwkv7", {"first_value": "returned"}, **NORMED),
    # One feature, and two of the first layer's value.
    Row(
        "rwkv7",
        {"units": 2, "value_rank": 2, "first_value": "mixed"},
        **{**NORMED, "difference": 1e-5},
    ),
]


def place(channels):
    return np.linspace(0, 1, channels, endpoint=False)


def decay_of_rwkv4(values):
    """decay_n = -5 + 8 (n / (N - 1))^0.7, the paper's appendix."""
    steps = len(values) - 1
    assert values[0] == -5.0 and np.isclose(values[-1], 3.0)
    fifth = -5 + 8 * (round(0.2 * steps) / steps) ** 0.7
    assert np.isclose(values[round(0.2 * steps)], fifth)


def first_of_rwkv4(values):
    """first_n = log 0.3 + ((n + 1) mod 3 - 1) / 2."""
    pattern = np.log(0.3) + np.array([0.0, 0.5, -0.5])
    assert np.allclose(values, np.resize(pattern, len(values)), atol=1e-6)


def mixes_of_rwkv7(values):
    powers = (0.2, 0.9, 0.7, 0.7, 0.9, 0.2)
    for row, power in zip(values, powers, strict=True):
        assert np.allclose(row, 1 - place(len(row)) ** power, atol=1e-6)


def mixes_of_rwkv6(values):
    for row, power in zip(values, (1, 1, 1, 0.5, 0.5), strict=True):
        assert np.allclose(row, 1 - place(len(row)) ** power, atol=1e-6)


def speed(low, power):
    """From `low` to five above it, by a power of the place."""
    return equal_to(lambda n: low + 5 * np.linspace(0, 1, n) ** power)


def up(values):
    """Rows orthogonal and of the length 0.1."""
    orthogonal(10 * values)


def by_fan_in(limit):
    return lambda values: uniform(limit / np.sqrt(len(values)))(values)


INITIAL_VALUES = {
    "rwkv4": {
        "receptance_kernel": glorot,
        "receptance_mix": equal_to(lambda n: place(n) ** 0.5),
        "key_kernel": glorot,
        "key_mix": equal_to(place),
        "value_kernel": glorot,
        "value_mix": equal_to(place),
        "time_decay": decay_of_rwkv4,
        "time_first": first_of_rwkv4,
        "output_kernel": glorot,
    },
    "rwkv6": {
        "mix": equal_to(lambda n: 1 - place(n)),
        "mixes": mixes_of_rwkv6,
        "mix_down": zeros,
        "mix_up": uniform(0.01),
        "receptance_kernel": glorot,
        "key_kernel": glorot,
        "value_kernel": glorot,
        "gate_kernel": glorot,
        "decay": speed(-6, 0.7),
        "decay_down": zeros,
        "decay_up": uniform(0.01),
        "bonus": equal_to(lambda n: np.resize([0.0, 0.1, -0.1], n)),
        "norm_scale": ones,
        "norm_offset": zeros,
        "output_kernel": glorot,
    },
    "rwkv7": {
        "mixes": mixes_of_rwkv7,
        "receptance_kernel": by_fan_in(0.5),
        "key_kernel": by_fan_in(0.05),
        "value_kernel": by_fan_in(0.5),
        "decay": speed(-6.5, 0.85),
        "decay_down": zeros,
        "decay_up": up,
        "rate": zeros,
        "rate_down": zeros,
        "rate_up": up,
        "gate_down": zeros,
        "gate_up": up,
        "removal": constant(0.85),
        "replacement": ones,
        "bonus": zeros,
        "norm_scale": ones,
        "norm_offset": zeros,
        "output_kernel": glorot,
    },
}
