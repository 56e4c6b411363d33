"""Rows for repositories of papers' authors."""

import numpy as np

from tests.parity.fixture import UNITS
from tests.parity.rows.row import Disagreement, Row, blocks

CORNN = {"dt": 0.3, "gamma": 0.8, "epsilon": 0.6}


def cornn_authors(w):
    """Its one matrix reads [x, z, y]."""
    units, width = w["i2h.weight"].shape
    x, z, y = np.split(w["i2h.weight"], [width - 2 * units, width - units], 1)
    return {
        "kernel": x.T,
        "recurrent_kernel": np.concatenate([y, z], axis=1).T,
        "bias": w["i2h.bias"],
    }


def hgrn_authors(w):
    """Real and imaginary parts alternate; some maps are products of two."""
    weights, biases = zip(
        (w["input_proj.weight"][0::2], w["input_proj.bias"][0::2]),
        (w["input_proj.weight"][1::2], w["input_proj.bias"][1::2]),
        linear_map(w, "lambda_proj"),
        linear_map(w, "gate"),
        strict=True,
    )
    return {
        "kernel": np.concatenate(weights).T,
        "bias": np.concatenate(biases),
        "theta": w["theta"].ravel(),
        "norm_scale": w["norm.weight"],
        "norm_offset": w["norm.bias"],
        "output_kernel": w["out_proj.weight"].T,
        "output_bias": w["out_proj.bias"],
    }


def linear_map(w, name):
    """Weight and bias of one linear map, or of two in a row."""
    if f"{name}.weight" in w:
        return w[f"{name}.weight"], w[f"{name}.bias"]
    down, up = w[f"{name}.0.weight"], w[f"{name}.1.weight"]
    return up @ down, up @ w[f"{name}.0.bias"] + w[f"{name}.1.bias"]


def lem_authors(w):
    recurrent = [*np.split(w["hid2hid.bias"], 3), w["transform_z.bias"]]
    d, e, z, y = (recurrent[n] for n in (1, 0, 2, 3))
    bias = blocks(w["inp2hid.bias"], 1, 0, 3, 2)
    return {
        "kernel": blocks(w["inp2hid.weight"], 1, 0, 3, 2).T,
        "recurrent_kernel": blocks(w["hid2hid.weight"], 1, 0, 2).T,
        "memory_kernel": w["transform_z.weight"].T,
        "bias": bias + np.concatenate([d, e, z, y]),
    }


def qrnn(w):
    """Its f admits the new, and its window has the last input first."""
    weight, bias = w["linear.weight"], w["linear.bias"]
    sign = np.ones(len(bias))
    sign[UNITS : 2 * UNITS] = -1
    x, previous = np.split(weight, 2, axis=1)
    return {
        "kernel": sign * np.concatenate([previous, x], axis=1).T,
        "bias": sign * bias,
    }


ROWS = [
    Row("cornn_authors", cornn_authors, "cornn", CORNN),
    Row("hgrn_complex", hgrn_authors, "hgrn", {"lower_bound": 0.3}),
    Row("lem_authors", lem_authors, "lem", {"dt": 0.8}),
    Row("qrnn_f", qrnn, "qrnn", {"pooling": "f"}),
    Row("qrnn_fo", qrnn, "qrnn"),
]

DISAGREEMENTS = [
    Disagreement(
        "hgrn_norm_before_gate",
        hgrn_authors,
        "hgrn",
        {"lower_bound": 0.3},
        reason="hgru-pytorch normalises before the gate, the paper after it",
    ),
]
