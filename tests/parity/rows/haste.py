"""Rows for haste."""

import numpy as np

from tests.parity.rows.row import Disagreement, Row, blocks


def haste_order(weight, *order):
    """Blocks of the columns, or of the numbers, in another order."""
    return blocks(weight.T, *order).T


def layernorm_lstm(w):
    order = (0, 2, 1, 3)
    return {
        "kernel": haste_order(w["kernel"], *order),
        "recurrent_kernel": haste_order(w["recurrent_kernel"], *order),
        "kernel_scale": haste_order(w["gamma"][0], *order),
        "recurrent_scale": haste_order(w["gamma"][1], *order),
        "bias": haste_order(w["bias"], *order),
        "memory_scale": w["gamma_h"],
        "memory_offset": w["beta_h"],
    }


def layernorm_gru(w):
    """1 - z = sigmoid(-v): its z keeps the old."""
    sign = np.repeat([-1.0, 1.0, 1.0], len(w["bias"]) // 3)
    return {
        "kernel": w["kernel"],
        "recurrent_kernel": w["recurrent_kernel"],
        "input_scale": sign * w["gamma"][0],
        "input_offset": sign * w["bias"],
        "recurrent_scale": sign * w["gamma"][1],
        "recurrent_offset": sign * w["recurrent_bias"],
    }


ROWS = [
    Row("layernorm_lstm", layernorm_lstm),
]

DISAGREEMENTS = [
    Disagreement(
        "layernorm_gru",
        layernorm_gru,
        reason="haste normalises z, r and the candidate as one vector",
    ),
]
