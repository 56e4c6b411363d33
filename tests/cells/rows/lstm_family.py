"""Rows: the rest of the LSTM family."""

import numpy as np

from tests.cells.rows.row import Row
from tests.cells.statistics import (
    blocks,
    glorot,
    ones,
    orthogonal,
    uniform,
    zeros,
)

NO_FORGET_BIAS = {"unit_forget_bias": False}

CLOSE = {"float32": 5e-7, "bfloat16": 0.025}

ROWS = [
    Row("cifg_lstm", **CLOSE),
    Row("cifg_lstm", {"peepholes": False, **NO_FORGET_BIAS}, **CLOSE),
    Row(
        "janet",
        {"beta": 0.5, "longest_dependency": 50},
        float32=1e-6,
        bfloat16=0.06,
    ),
    Row("janet", float32=1.5e-6, bfloat16=0.06),
    Row("layernorm_lstm", **CLOSE),
    Row("layernorm_lstm", NO_FORGET_BIAS, **CLOSE),
    Row("lstm_1997", **CLOSE),
    Row("multiplicative_lstm", **CLOSE),
    Row("multiplicative_lstm", NO_FORGET_BIAS, **CLOSE),
    Row("nas", **CLOSE),
    Row("nas", {"use_bias": True}, **CLOSE),
    Row("peephole_lstm", float32=7e-7, bfloat16=0.06),
    Row("peephole_lstm", NO_FORGET_BIAS, float32=7e-7, bfloat16=0.06),
    # Wide enough for the default, a quarter of it, to be of three units.
    Row("projected_lstm", {"units": 12}, **CLOSE),
    Row(
        "projected_lstm",
        {"projection_units": 3, "peepholes": False, **NO_FORGET_BIAS},
        **CLOSE,
    ),
    Row("scrn", stock_jax=False, **CLOSE),
    Row(
        "scrn",
        {
            "context_units": 2,
            "output_units": 3,
            "alpha": 0.8,
            "output_activation": "tanh",
        },
        float32=5e-7,
        bfloat16=0.04,
        stock_jax=False,
    ),
]


def chrono(values):
    """That of the first row: b_f = log(u), u uniform in [1, 50 - 1]."""
    b_f, b_g = np.split(values, 2)
    uniform(49.0, 1.0)(np.exp(b_f))
    zeros(b_g)


GATED = {
    "kernel": glorot,
    "recurrent_kernel": orthogonal,
    "bias": blocks(0.0, 1.0, 0.0, 0.0),
}
PEEPHOLES = {
    "kernel": glorot,
    "recurrent_kernel": orthogonal,
    "peephole_kernel": zeros,
}

INITIAL_VALUES = {
    "cifg_lstm": {**PEEPHOLES, "bias": blocks(-1.0, 0.0, 0.0)},
    "janet": {**GATED, "bias": chrono},
    "layernorm_lstm": {
        "kernel": glorot,
        "recurrent_kernel": orthogonal,
        "kernel_scale": ones,
        "recurrent_scale": ones,
        "bias": blocks(0.0, 1.0, 0.0, 0.0),
        "memory_scale": ones,
        "memory_offset": zeros,
    },
    "lstm_1997": {**GATED, "bias": zeros},
    "multiplicative_lstm": {
        "factor_kernel": glorot,
        "factor_recurrent_kernel": orthogonal,
        **GATED,
    },
    "nas": {"kernel": glorot, "recurrent_kernel": orthogonal},
    "peephole_lstm": {**PEEPHOLES, "bias": blocks(0.0, 1.0, 0.0, 0.0)},
    "projected_lstm": {
        **PEEPHOLES,
        "bias": blocks(0.0, 1.0, 0.0, 0.0),
        "projection_kernel": glorot,
    },
    "scrn": {
        "kernel": glorot,
        "context_kernel": glorot,
        "recurrent_kernel": orthogonal,
        "output_kernel": glorot,
    },
}
