"""Rows: the rest of the GRU family."""

from tests.cells.rows.row import FEATURES, Row
from tests.cells.statistics import (
    blocks,
    constant,
    glorot,
    ones,
    orthogonal,
    zeros,
)

# Of cells that add the input to the state: as wide as the inputs.
SAME_WIDTH = {"units": FEATURES}
CLOSE = {"float32": 5e-7}

ROWS = [
    Row("brc", **CLOSE),
    Row("fast_grnn", **CLOSE, bfloat16=0.02),
    Row(
        "fast_grnn",
        {"kernel_rank": 2, "recurrent_rank": 3},
        **CLOSE,
        bfloat16=0.08,
    ),
    Row("fast_rnn", **CLOSE),
    Row("fast_rnn", {"activation": "relu"}, **CLOSE, bfloat16=0.02),
    Row("intersection_rnn", float32=7e-7, bfloat16=0.02, stock_jax=False),
    Row(
        "intersection_rnn",
        {**SAME_WIDTH, "unit_forget_bias": False},
        **CLOSE,
        bfloat16=0.02,
        stock_jax=False,
    ),
    Row("layernorm_gru", float32=9e-7),
    Row("ligru", **CLOSE),
    Row("ligru", {"normalization": "layer"}, **CLOSE),
    Row("mgu", **CLOSE),
    Row("mut1", **CLOSE, bfloat16=0.02),
    Row("mut1", SAME_WIDTH, **CLOSE),
    Row("mut2", **CLOSE),
    Row("mut2", SAME_WIDTH, **CLOSE),
    Row("mut3", **CLOSE, bfloat16=0.02),
    Row("nbrc", **CLOSE),
    Row("ran", **CLOSE),
    Row("ran", {"output_activation": "linear"}, **CLOSE, bfloat16=0.015),
    Row("ugrnn", **CLOSE, bfloat16=0.04),
    Row("ugrnn", {"unit_forget_bias": False}, **CLOSE, bfloat16=0.04),
]

GATED = {"kernel": glorot, "recurrent_kernel": orthogonal, "bias": zeros}
PROJECTED = {"input_kernel": glorot, **GATED}

INITIAL_VALUES = {
    "brc": {"kernel": glorot, "recurrent_kernel": ones, "bias": zeros},
    "fast_grnn": {
        "kernel": glorot,
        "recurrent_kernel": orthogonal,
        "gate_bias": ones,
        "candidate_bias": ones,
        "zeta": constant(1.0),
        "nu": constant(-4.0),
    },
    "fast_rnn": {
        **GATED,
        "bias": ones,
        "alpha": constant(-3.0),
        "beta": constant(3.0),
    },
    "intersection_rnn": {**PROJECTED, "bias": blocks(0.0, 0.0, 1.0, 1.0)},
    "layernorm_gru": {
        "kernel": glorot,
        "recurrent_kernel": orthogonal,
        "input_scale": ones,
        "input_offset": zeros,
        "recurrent_scale": ones,
        "recurrent_offset": zeros,
    },
    "ligru": GATED,
    "mgu": GATED,
    "mut1": PROJECTED,
    "mut2": PROJECTED,
    "mut3": GATED,
    "nbrc": {"kernel": glorot, "recurrent_kernel": glorot, "bias": zeros},
    "ran": GATED,
    "ugrnn": {**GATED, "bias": blocks(0.0, 1.0)},
}
