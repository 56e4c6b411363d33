"""Rows for Haiku."""

import numpy as np

from tests.parity.rows.row import Row


def haiku_gru(w):
    """1 - z = sigmoid(-v): its z admits the new."""
    sign = np.repeat([-1.0, 1.0, 1.0], len(w["b"]) // 3)
    return {
        "kernel": sign * w["w_i"],
        "recurrent_kernel": sign * w["w_h"],
        "bias": sign * w["b"],
    }


ROWS = [
    Row("gru_reset_before", haiku_gru, "gru", {"reset_after": False}),
]
