"""Cells of other designs."""

import numpy as np

from tests.references.functions import ACTIVATIONS, sigmoid


def antisymmetric_rnn(
    weights, x, states, keep=1.0, step_size=0.01, diffusion=0.01, gated=False
):
    """Chang et al. 2019, equations 11 and 13, vectors as columns."""
    (h,) = states
    n = h.shape[1]
    W = weights["recurrent_kernel"].T
    M = W - W.T - diffusion * np.eye(n)
    V, V_z = np.split(weights["kernel"].T, [n])
    b, b_z = np.split(weights["bias"], [n])
    outputs = []
    for column, own_x, kept in zip(h, x, h * keep, strict=True):
        z = sigmoid(M @ kept + V_z @ own_x + b_z) if gated else 1.0
        change = np.tanh(M @ kept + V @ own_x + b)
        outputs.append(column + step_size * z * change)
    h = np.array(outputs)
    return h, [h]


def cornn(weights, x, states, keep=1.0, dt=0.042, gamma=2.7, epsilon=4.7):
    """Rusch and Mishra 2021, equation 3, damping of the step before."""
    y, z = states
    U, V = np.split(weights["recurrent_kernel"], 2)
    force = np.tanh(
        x @ weights["kernel"]
        + (y * keep) @ U
        + (z * keep) @ V
        + weights["bias"]
    )
    z = z + dt * force - dt * gamma * y - dt * epsilon * z
    y = y + dt * z
    return y, [y, z]


def esn(
    weights,
    x,
    states,
    keep=1.0,
    spectral_radius=0.9,
    leak_rate=1.0,
    connectivity=0.1,
    input_scaling=1.0,
):
    """Jaeger 2001 with the leaky units of 2007; the weights are given."""
    (h,) = states
    W, U, b = (weights[n] for n in ("kernel", "recurrent_kernel", "bias"))
    target = np.tanh(x @ W + (h * keep) @ U + b)
    h = h + leak_rate * (target - h)
    return h, [h]


def indrnn(
    weights,
    x,
    states,
    keep=1.0,
    activation="relu",
    longest_span=None,
    shortest_span=None,
):
    """Li et al. 2018: a diagonal matrix of recurrent weights."""
    (h,) = states
    W, u, b = (weights[n] for n in ("kernel", "recurrent_kernel", "bias"))
    h = ACTIVATIONS[activation](x @ W + (h * keep) @ np.diag(u) + b)
    return h, [h]


def lem(weights, x, states, keep=1.0, dt=1.0):
    """Rusch et al. 2022, equation 3: y reads the new z."""
    y, z = states
    V_1, V_2, V_z, V_y = np.split(weights["kernel"], 4, axis=1)
    W_1, W_2, W_z = np.split(weights["recurrent_kernel"], 3, axis=1)
    b_1, b_2, b_z, b_y = np.split(weights["bias"], 4)
    W_y = weights["memory_kernel"]
    read = y * keep
    step = dt * sigmoid(x @ V_1 + read @ W_1 + b_1)
    slow = dt * sigmoid(x @ V_2 + read @ W_2 + b_2)
    z = (1.0 - step) * z + step * np.tanh(x @ V_z + read @ W_z + b_z)
    y = (1.0 - slow) * y + slow * np.tanh(x @ V_y + z @ W_y + b_y)
    return y, [y, z]


def rhn(
    weights, x, states, keep=1.0, depth=3, coupled=True, transform_bias=-2.0
):
    """Zilly et al. 2017, equations 6 to 9."""
    (s,) = states
    blocks = 2 if coupled else 3
    W = np.split(weights["kernel"], blocks, axis=1)
    for layer in range(depth):
        kernel = weights[f"recurrent_kernel_{layer + 1}"]
        R = np.split(kernel, blocks, axis=1)
        b = np.split(weights["bias"][layer], blocks)
        read = s * keep
        sums = [read @ R[n] + b[n] for n in range(blocks)]
        if layer == 0:
            sums = [sums[n] + x @ W[n] for n in range(blocks)]
        t = sigmoid(sums[1])
        c = 1.0 - t if coupled else sigmoid(sums[2])
        s = np.tanh(sums[0]) * t + s * c
    return s, [s]


REFERENCES = {
    "antisymmetric_rnn": antisymmetric_rnn,
    "cornn": cornn,
    "esn": esn,
    "indrnn": indrnn,
    "lem": lem,
    "rhn": rhn,
}
