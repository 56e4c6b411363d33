"""Rows for minGRU-pytorch."""

import numpy as np

from tests.parity.rows.row import Disagreement, Row, blocks


def without_bias(weight, *order):
    """Ours have biases, the package's not."""
    return {
        "kernel": blocks(weight, *order).T,
        "bias": np.zeros(len(weight)),
    }


def min_lstm(w):
    return without_bias(w["to_hidden_and_f_i_gate.weight"], 1, 2, 0)


ROWS = [
    Row(
        "min_gru",
        lambda w: without_bias(w["to_hidden_and_gate.weight"], 1, 0),
    ),
    Row("min_lstm", min_lstm),
]

DISAGREEMENTS = [
    Disagreement(
        "min_lstm_resumed",
        min_lstm,
        "min_lstm",
        reason="minGRU-pytorch passes an initial state through g",
    ),
]
