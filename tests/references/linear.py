"""minGRU and its kin: vector states, linear."""

import numpy as np

from tests.references.functions import log_sigmoid, sigmoid


def min_gru(weights, x, states, keep=1.0, candidate="positive"):
    """Feng et al. 2024; the positive candidate is exp(log_g) of appendix B."""
    (h,) = states
    W_z, W_h = np.split(weights["kernel"], 2, axis=1)
    b_z, b_h = np.split(weights["bias"], 2)
    z = sigmoid(x @ W_z + b_z)
    n = x @ W_h + b_h
    if candidate == "positive":
        log_g = np.where(
            n >= 0, np.log(np.maximum(n, 0.0) + 0.5), log_sigmoid(n)
        )
        n = np.exp(log_g)
    h = (1.0 - z) * h + z * n * keep
    return h, [h]


def min_lstm(
    weights, x, states, keep=1.0, candidate="positive", forget_bias=0.0
):
    """Feng et al. 2024, gates divided by their sum as in its algorithm."""
    (h,) = states
    W_f, W_i, W_h = np.split(weights["kernel"], 3, axis=1)
    b_f, b_i, b_h = np.split(weights["bias"], 3)
    f, i = sigmoid(x @ W_f + b_f), sigmoid(x @ W_i + b_i)
    n = x @ W_h + b_h
    if candidate == "positive":
        n = np.where(n >= 0, n + 0.5, sigmoid(n))
    h = f / (f + i) * h + i / (f + i) * n * keep
    return h, [h]


def trnn(weights, x, states, keep=1.0):
    """Balduzzi and Ghifary 2016: dynamic average-pooling."""
    (h,) = states
    W, V = np.split(weights["kernel"], 2, axis=1)
    f = sigmoid(x @ V + weights["bias"])
    h = f * h + (1.0 - f) * (x @ W) * keep
    return h, [h]


def qrnn(weights, x, states, keep=1.0, kernel_size=2, pooling="fo"):
    """Bradbury et al. 2016, one position of the convolution at a time."""
    c, *carried = states
    features = x.shape[1]
    inputs = [x]
    for n in range(kernel_size - 1):
        at = n * features
        inputs.insert(n, carried[0][:, at : at + features])
    convolved = weights["bias"]
    for n, slice_of_kernel in enumerate(
        np.split(weights["kernel"], kernel_size)
    ):
        convolved = convolved + inputs[n] @ slice_of_kernel
    names = {"f": "zf", "fo": "zfo", "ifo": "zfio"}[pooling]
    gates = dict(zip(names, np.split(convolved, len(names), 1), strict=True))
    z, f = np.tanh(gates["z"]), sigmoid(gates["f"])
    if pooling == "ifo":
        c = f * c + sigmoid(gates["i"]) * z * keep
    else:
        c = f * c + (1.0 - f) * z * keep
    h = c if pooling == "f" else sigmoid(gates["o"]) * c
    tail = [np.concatenate(inputs[1:], axis=1)] if carried else []
    return h, [c, *tail]


def sru(
    weights,
    x,
    states,
    keep=1.0,
    units=None,
    recurrent_gates=True,
    highway_bias=0.0,
):
    """Lei et al. 2018, equations 1 to 4 and the scaled highway."""
    (c,) = states
    W, W_f, W_r = np.split(weights["kernel"], 3, axis=1)
    b_f, b_r = np.split(weights["bias"], 2)
    v_f = v_r = 0.0
    if recurrent_gates:
        v_f, v_r = np.split(weights["recurrent_kernel"], 2)
    f = sigmoid(x @ W_f + v_f * c + b_f)
    r = sigmoid(x @ W_r + v_r * c + b_r)
    c = f * c + (1.0 - f) * (x @ W) * keep
    if "input_kernel" in weights:
        x = x @ weights["input_kernel"]
    alpha = np.sqrt(1.0 + 2.0 * np.exp(highway_bias))
    h = r * c + (1.0 - r) * x * alpha
    return h, [c]


def rg_lru(weights, x, states, keep=1.0, units=None, num_heads=1):
    """De et al. 2024, equations 1 to 4, a_t by its power."""
    (h,) = states
    a, gated = rg_lru_terms(weights, x)
    h = a * h + np.sqrt(1.0 - a**2) * gated * keep
    return h, [h]


def rg_lru_terms(weights, x):
    """a_t, and i_t * x_t."""
    if "input_kernel" in weights:
        x = x @ weights["input_kernel"]
    units = x.shape[-1]
    W_a, W_x = np.zeros((units, units)), np.zeros((units, units))
    n = weights["kernel"].shape[1]
    for head, block in enumerate(weights["kernel"]):
        place = slice(head * n, head * n + n)
        W_a[place, place], W_x[place, place] = np.split(block, 2, axis=1)
    b_a, b_x = np.split(weights["bias"], 2)
    r, i = sigmoid(x @ W_a + b_a), sigmoid(x @ W_x + b_x)
    return sigmoid(weights["Lambda"]) ** (8.0 * r), i * x


def hgrn(weights, x, states, keep=1.0, complex_state=True, **options):
    """Qin et al. 2023, in complex numbers."""
    h = states[0] + 1j * states[1] if complex_state else states[0]
    decay, c, g = hgrn_terms(weights, x, complex_state, **options)
    h = decay * h + (1.0 - np.abs(decay)) * c * keep
    parts = [h.real, h.imag] if complex_state else [h]
    return hgrn_output(weights, g, parts), parts


def hgrn_terms(
    weights, x, complex_state, lower_bound=0.0, gate_activation="silu"
):
    """lambda_t exp(i theta), c_t, and g_t."""
    units = weights["output_bias"].shape[0]
    blocks = x @ weights["kernel"] + weights["bias"]
    blocks = np.split(blocks, blocks.shape[-1] // units, axis=-1)
    if complex_state:
        c_re, c_im, mu, *g = blocks
        c = silu(c_re) + 1j * silu(c_im)
        phase = np.exp(1j * weights["theta"])
    else:
        c, mu, *g = blocks
        c, phase = silu(c), 1.0
    decay = lower_bound + (1.0 - lower_bound) * sigmoid(mu)
    tau = {"silu": silu, "sigmoid": sigmoid}[gate_activation]
    return decay * phase, c, tau(np.concatenate(g, axis=-1))


def hgrn_output(weights, g, parts):
    """LayerNorm(g * [Re(h), Im(h)]), and the output projection."""
    o = g * np.concatenate(parts, axis=-1)
    o = o - o.mean(axis=-1, keepdims=True)
    o = o / np.sqrt((o**2).mean(axis=-1, keepdims=True) + 1e-5)
    o = o * weights["norm_scale"] + weights["norm_offset"]
    return o @ weights["output_kernel"] + weights["output_bias"]


def silu(v):
    return v * sigmoid(v)


# === Second oracles: whole sequences (batch, timesteps, features) from zero ===


def unrolled(decay, update):
    """h_t as the sum of all updates, each by the product of later decays."""
    h = np.zeros_like(update)
    for t in range(update.shape[1]):
        for s in range(t + 1):
            h[:, t] += decay[:, s + 1 : t + 1].prod(axis=1) * update[:, s]
    return h


def min_lstm_log_space(weights, x, candidate="positive", forget_bias=0.0):
    """The parallel form of appendix B, by sums of logarithms.

    For a candidate of either sign, the sign is put aside.
    """
    W_f, W_i, W_h = np.split(weights["kernel"], 3, axis=1)
    b_f, b_i, b_h = np.split(weights["bias"], 3)
    d = np.logaddexp(0.0, -(x @ W_f + b_f)) - np.logaddexp(
        0.0, -(x @ W_i + b_i)
    )
    log_f, log_i = -np.logaddexp(0.0, d), -np.logaddexp(0.0, -d)
    n = x @ W_h + b_h
    if candidate == "positive":
        n = np.where(n >= 0, n + 0.5, sigmoid(n))
    total = np.cumsum(log_f, axis=1)
    terms = log_i + np.log(np.abs(n)) - total
    h = np.zeros_like(n)
    for t in range(x.shape[1]):
        exponents = total[:, t : t + 1] + terms[:, : t + 1]
        h[:, t] = (np.sign(n[:, : t + 1]) * np.exp(exponents)).sum(axis=1)
    return h


def trnn_sum(weights, x):
    W, V = np.split(weights["kernel"], 2, axis=1)
    f = sigmoid(x @ V + weights["bias"])
    return unrolled(f, (1.0 - f) * (x @ W))


def qrnn_sum(weights, x, kernel_size=2, pooling="fo"):
    """A convolution that is padded on the left, then the sum."""
    past = ((0, 0), (kernel_size - 1, 0), (0, 0))
    padded = np.pad(x, past)
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, 1)
    kernel = np.reshape(weights["kernel"], (kernel_size, x.shape[2], -1))
    convolved = np.einsum("btik,kio->bto", windows, kernel) + weights["bias"]
    units = convolved.shape[-1] // (1 + len(pooling))
    z, *gates = np.split(convolved, convolved.shape[-1] // units, axis=-1)
    names = {"f": "f", "fo": "fo", "ifo": "fio"}[pooling]
    gates = dict(zip(names, map(sigmoid, gates), strict=True))
    i, f = gates.get("i", 1.0 - gates["f"]), gates["f"]
    return gates.get("o", 1.0) * unrolled(f, i * np.tanh(z))


def rg_lru_sum(weights, x, units=None, num_heads=1):
    a, gated = rg_lru_terms(weights, x)
    return unrolled(a, np.sqrt(1.0 - a**2) * gated)


def hgrn_sum(weights, x, complex_state=True, **options):
    decay, c, g = hgrn_terms(weights, x, complex_state, **options)
    h = unrolled(decay, (1.0 - np.abs(decay)) * c)
    parts = [h.real, h.imag] if complex_state else [h]
    return hgrn_output(weights, g, parts)


def lru(weights, x, states, keep=1.0, state_units=None, **initial):
    """Orvieto et al. 2023, in complex numbers; `initial` tells the ring."""
    h = states[0] + 1j * states[1]
    nu, theta, gamma = (weights[n] for n in ("nu", "theta", "gamma"))
    B_re, B_im = np.split(weights["kernel"], 2, axis=1)
    C_re, C_im = np.split(weights["output_kernel"], 2)
    decay = np.exp(-np.exp(nu) + 1j * np.exp(theta))
    h = decay * h + keep * np.exp(gamma) * (x @ (B_re + 1j * B_im))
    y = np.real(h @ (C_re + 1j * C_im)) + x @ weights["skip_kernel"]
    return y, [h.real, h.imag]


REFERENCES = {
    "lru": lru,
    "hgrn": hgrn,
    "min_gru": min_gru,
    "min_lstm": min_lstm,
    "qrnn": qrnn,
    "rg_lru": rg_lru,
    "sru": sru,
    "trnn": trnn,
}

SECOND_ORACLES = {
    "hgrn": [hgrn_sum],
    "min_lstm": [min_lstm_log_space],
    "qrnn": [qrnn_sum],
    "rg_lru": [rg_lru_sum],
    "trnn": [trnn_sum],
}
