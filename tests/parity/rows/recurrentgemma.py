"""Rows for recurrentgemma."""

import numpy as np

from tests.parity.rows.row import Disagreement, Row


def rg_lru(w):
    gates = [w["a_gate.w"], w["input_gate.w"]]
    biases = [w["a_gate.b"].ravel(), w["input_gate.b"].ravel()]
    return {
        "kernel": np.concatenate(gates, axis=-1),
        "bias": np.concatenate(biases),
        "Lambda": -w["a_param"],
    }


ROWS = [
    Row("rg_lru", rg_lru, options={"num_heads": 2}, bound=2e-6),
]

DISAGREEMENTS = [
    Disagreement(
        "rg_lru_start",
        rg_lru,
        "rg_lru",
        {"num_heads": 2},
        reason="recurrentgemma does not scale the first input of a document",
    ),
]
