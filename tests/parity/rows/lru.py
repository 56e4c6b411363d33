"""Rows for LRU-pytorch."""

import numpy as np

from tests.parity.rows.row import Row


def lru(w):
    B, C = w["B"], w["C"]
    return {
        "nu": w["nu_log"],
        "theta": w["theta_log"],
        "gamma": w["gamma_log"],
        "kernel": np.concatenate([B.real, B.imag]).T,
        "output_kernel": np.concatenate([C.real, C.imag], axis=1).T,
        "skip_kernel": w["D"].T,
    }


ROWS = [
    Row("lru", lru, options={"state_units": 5}),
]
