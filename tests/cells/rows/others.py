"""Rows: cells of other designs."""

import numpy as np

from tests.cells.rows.row import Row
from tests.cells.statistics import (
    blocks,
    glorot,
    normal,
    orthogonal,
    uniform,
    zeros,
)

ROWS = [
    # Steps of 0.01 change too little for the tests to tell what they change.
    Row(
        "antisymmetric_rnn",
        {"step_size": 0.2, "diffusion": 0.5},
        bfloat16=0.02,
        float32_carry=True,
    ),
    Row(
        "antisymmetric_rnn",
        {"step_size": 0.2, "gated": True},
        bfloat16=0.02,
        float32_carry=True,
    ),
    Row(
        "cornn",
        {"dt": 0.5, "gamma": 1.5, "epsilon": 0.7},
        bfloat16=0.04,
        float32_carry=True,
    ),
    Row("cornn", float32=1e-7, bfloat16=0.005, float32_carry=True),
    Row("esn", bfloat16=0.06),
    Row(
        "esn",
        {
            "spectral_radius": 0.5,
            "leak_rate": 0.3,
            "connectivity": 0.5,
            "input_scaling": 0.1,
        },
        bfloat16=0.015,
    ),
    Row("indrnn", bfloat16=0.01),
    Row("indrnn", {"activation": "tanh", "longest_span": 9}, bfloat16=0.05),
    Row("indrnn", {"longest_span": 9, "shortest_span": 9}, bfloat16=0.01),
    Row("lem", float32_carry=True),
    Row("lem", {"dt": 0.4}, bfloat16=0.015, float32_carry=True),
    Row("rhn", bfloat16=0.02),
    Row(
        "rhn",
        {"depth": 2, "coupled": False, "transform_bias": 1.0},
        bfloat16=0.02,
    ),
]


def normal_by_rows(values):
    normal(len(values) ** -0.5)(values)


def reservoir(values):
    """Ten numbers in each of 96 columns, and a spectral radius of 0.9."""
    assert ((values != 0).sum(axis=0) == 10).all()
    radius = np.abs(np.linalg.eigvals(values)).max()
    assert abs(radius - 0.9) < 1e-5
    # What is drawn is uniform; its bound is the largest value of some 960.
    drawn = values[values != 0]
    uniform(1.002 * np.abs(drawn).max())(drawn)


# The weights are 48 features and 96 units wide.
OSCILLATORS, MEMORIES = uniform((48 + 2 * 96) ** -0.5), uniform(96**-0.5)

INITIAL_VALUES = {
    "antisymmetric_rnn": {
        "kernel": normal_by_rows,
        "recurrent_kernel": normal_by_rows,
        "bias": zeros,
    },
    "cornn": {
        "kernel": OSCILLATORS,
        "recurrent_kernel": OSCILLATORS,
        "bias": OSCILLATORS,
    },
    "esn": {
        "kernel": uniform(1.0),
        "recurrent_kernel": reservoir,
        "bias": uniform(1.0),
    },
    "indrnn": {
        "kernel": glorot,
        "recurrent_kernel": uniform(1.0, 0.0),
        "bias": zeros,
    },
    "lem": {
        "kernel": MEMORIES,
        "recurrent_kernel": MEMORIES,
        "memory_kernel": MEMORIES,
        "bias": MEMORIES,
    },
    "rhn": {
        "kernel": glorot,
        "recurrent_kernel_1": orthogonal,
        "recurrent_kernel_2": orthogonal,
        "recurrent_kernel_3": orthogonal,
        "bias": blocks(0.0, -2.0),
    },
}
