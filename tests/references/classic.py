"""The classics: Elman, Jordan, LSTM, GRU."""

import numpy as np

from tests.references.functions import ACTIVATIONS, sigmoid


def elman(
    weights,
    x,
    states,
    keep=1.0,
    activation="tanh",
    recurrent_initializer="orthogonal",
):
    """Elman 1990; an IRNN differs in what it starts from."""
    (h,) = states
    W, U, b = (weights[n] for n in ("kernel", "recurrent_kernel", "bias"))
    h = ACTIVATIONS[activation](x @ W + (h * keep) @ U + b)
    return h, [h]


def jordan(
    weights,
    x,
    states,
    keep=1.0,
    output_units=None,
    activation="tanh",
    output_activation="tanh",
    self_connection=0.0,
):
    """Jordan 1986: context units keep a share of themselves."""
    (s,) = states
    W, U, b = (weights[n] for n in ("kernel", "recurrent_kernel", "bias"))
    V, c = weights["output_kernel"], weights["output_bias"]
    h = ACTIVATIONS[activation](x @ W + (s * keep) @ U + b)
    y = ACTIVATIONS[output_activation](h @ V + c)
    return y, [self_connection * s + y]


def lstm(weights, x, states, keep=1.0, unit_forget_bias=True):
    """Hochreiter and Schmidhuber 1997 with the forget gate of 2000."""
    h, c = states
    W_i, W_f, W_g, W_o = np.split(weights["kernel"], 4, axis=1)
    U_i, U_f, U_g, U_o = np.split(weights["recurrent_kernel"], 4, axis=1)
    b_i, b_f, b_g, b_o = np.split(weights["bias"], 4)
    h = h * keep
    i = sigmoid(x @ W_i + h @ U_i + b_i)
    f = sigmoid(x @ W_f + h @ U_f + b_f)
    g = np.tanh(x @ W_g + h @ U_g + b_g)
    o = sigmoid(x @ W_o + h @ U_o + b_o)
    c = f * c + i * g
    h = o * np.tanh(c)
    return h, [h, c]


def gru(weights, x, states, keep=1.0, reset_after=True):
    """Cho et al. 2014: version 1 resets after the product, version 3 before."""
    (h,) = states
    W_z, W_r, W_n = np.split(weights["kernel"], 3, axis=1)
    U_z, U_r, U_n = np.split(weights["recurrent_kernel"], 3, axis=1)
    bias = weights["bias"] if reset_after else [weights["bias"], 0.0]
    b_z, b_r, b_n = np.split(bias[0], 3)
    d_z, d_r, d_n = np.split(bias[1] + np.zeros_like(bias[0]), 3)
    dropped = h * keep
    z = sigmoid(x @ W_z + b_z + dropped @ U_z + d_z)
    r = sigmoid(x @ W_r + b_r + dropped @ U_r + d_r)
    if reset_after:
        n = np.tanh(x @ W_n + b_n + r * (dropped @ U_n + d_n))
    else:
        n = np.tanh(x @ W_n + b_n + (r * dropped) @ U_n)
    h = z * h + (1.0 - z) * n
    return h, [h]


REFERENCES = {
    "elman": elman,
    "gru": gru,
    "jordan": jordan,
    "lstm": lstm,
}
