"""Rows for `torch.nn`."""

import numpy as np

from tests.parity.rows.row import Row, blocks, plain


def torch_gru(w):
    kernel = blocks(w["weight_ih_l0"], 1, 0, 2).T
    recurrent = blocks(w["weight_hh_l0"], 1, 0, 2).T
    biases = [blocks(w[f"bias_{n}_l0"], 1, 0, 2) for n in ("ih", "hh")]
    return {
        "kernel": kernel,
        "recurrent_kernel": recurrent,
        "bias": np.stack(biases),
    }


ROWS = [
    Row(
        "cifg_lstm",
        lambda w: plain(w, 0, 2, 3, count=4, suffix="_l0"),
        options={"peepholes": False},
    ),
    Row(
        "elman_relu",
        lambda w: plain(w, suffix="_l0"),
        "elman",
        {"activation": "relu"},
    ),
    Row("elman_tanh", lambda w: plain(w, suffix="_l0"), "elman"),
    Row("gru", torch_gru),
    Row("lstm", lambda w: plain(w, suffix="_l0")),
    Row(
        "projected_lstm",
        lambda w: {
            **plain(w, suffix="_l0"),
            "projection_kernel": w["weight_hr_l0"].T,
        },
        options={"peepholes": False, "projection_units": 2},
        units=4,
    ),
]
