"""Rows for sru."""

import numpy as np

from tests.parity.rows.row import Row


def sru(w):
    """Its columns are by unit, then by block: z f r, and x where needed."""
    units = len(w["bias"]) // 2
    weight = w["weight"].reshape(len(w["weight"]), units, -1)
    z, f, r, *x = np.moveaxis(weight, -1, 0)
    weights = {
        "kernel": np.concatenate([z, f, r], axis=1),
        "bias": w["bias"],
    }
    if w["weight_c"].any():
        weights["recurrent_kernel"] = w["weight_c"]
    if x:
        # Ours is scaled by alpha, which is sqrt(3) at a bias of zero.
        weights["input_kernel"] = x[0] / 3**0.5
    return weights


ROWS = [
    Row("sru", sru),
    Row("sru_parallel", sru, "sru", {"recurrent_gates": False}),
    # The package keeps alpha in float32.
    Row("sru_rescaled", sru, "sru", {"highway_bias": -1.0}, bound=1e-6),
]
