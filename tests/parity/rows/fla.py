"""Rows for fla-core."""

import numpy as np

from tests.parity.rows.row import Row


def hgrn(w):
    order = ("i", "f", "g")
    return {
        "kernel": np.concatenate([w[f"{n}.weight"] for n in order]).T,
        "bias": np.concatenate([w[f"{n}.bias"] for n in order]),
        "norm_scale": w["norm.weight"],
        "norm_offset": w["norm.bias"],
        "output_kernel": w["o.weight"].T,
        "output_bias": w["o.bias"],
    }


ROWS = [
    Row(
        "hgrn",
        hgrn,
        options={"lower_bound": 0.3, "complex_state": False},
        bound=2e-6,
    ),
]
