"""Rows for xlstm."""

import numpy as np

from tests.parity.rows.row import Row, flat


def mlstm(w):
    """The package divides k by sqrt(d) after its bias, we before ours."""
    size = len(w["q.bias"]) // len(w["i.bias"])
    scale = {"k": size**-0.5}
    return {
        "kernel": np.concatenate([w[f"{n}.weight"] for n in "qkvo"]).T,
        "bias": np.concatenate(
            [w[f"{n}.bias"] * scale.get(n, 1.0) for n in "qkvo"]
        ),
        "gate_kernel": np.concatenate([w[f"{n}.weight"] for n in "if"]).T,
        "gate_bias": np.concatenate([w[f"{n}.bias"] for n in "if"]),
    }


def slstm(w):
    heads, size, gates, _ = w["R"].shape
    return {
        "kernel": w["W"].T,
        "recurrent_kernel": w["R"].reshape(heads, size, gates * size),
        "bias": w["b"].swapaxes(0, 1).ravel(),
    }


ROWS = [
    Row("mlstm", mlstm, options={"num_heads": 2}, states=flat),
    Row("mlstm_parallel", mlstm, "mlstm", {"num_heads": 2}, flat),
    Row("slstm", slstm, options={"num_heads": 2}),
    Row("slstm_resumed", slstm, "slstm", {"num_heads": 2}),
]
