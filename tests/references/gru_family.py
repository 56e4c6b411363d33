"""The rest of the GRU family."""

import numpy as np

from tests.references.functions import ACTIVATIONS, sigmoid


def layer_norm(v, scale, offset=0.0):
    """Ba et al. 2016, with the small number of the authors' code."""
    deviation = v - v.mean(axis=-1, keepdims=True)
    variance = (deviation**2).mean(axis=-1, keepdims=True)
    return scale * deviation / np.sqrt(variance + 1e-5) + offset


def layernorm_gru(weights, x, states, keep=1.0):
    """Ba et al. 2016, supplement: the variant of order embeddings."""
    (h,) = states
    units = h.shape[-1]
    parts = {
        name: np.split(weights[name], [2 * units], axis=-1) for name in weights
    }
    (W, W_h), (U, U_h) = parts["kernel"], parts["recurrent_kernel"]
    (s_2, s_3), (b_2, b_3) = parts["input_scale"], parts["input_offset"]
    s_1, s_4 = parts["recurrent_scale"]
    b_1, b_4 = parts["recurrent_offset"]
    dropped = h * keep
    gates = layer_norm(dropped @ U, s_1, b_1) + layer_norm(x @ W, s_2, b_2)
    z, r = sigmoid(gates[:, :units]), sigmoid(gates[:, units:])
    candidate = np.tanh(
        layer_norm(x @ W_h, s_3, b_3) + r * layer_norm(dropped @ U_h, s_4, b_4)
    )
    h = (1.0 - z) * h + z * candidate
    return h, [h]


def mgu(weights, x, states, keep=1.0):
    """Zhou et al. 2016: one matrix for [h, x], here in two parts."""
    (h,) = states
    W_f, W_h = np.split(weights["kernel"], 2, axis=1)
    U_f, U_h = np.split(weights["recurrent_kernel"], 2, axis=1)
    b_f, b_h = np.split(weights["bias"], 2)
    both = np.concatenate([h * keep, x], axis=1)
    f = sigmoid(both @ np.concatenate([U_f, W_f]) + b_f)
    both = np.concatenate([f * h * keep, x], axis=1)
    candidate = np.tanh(both @ np.concatenate([U_h, W_h]) + b_h)
    h = (1.0 - f) * h + f * candidate
    return h, [h]


def ugrnn(weights, x, states, keep=1.0, unit_forget_bias=True):
    """Collins et al. 2017."""
    (h,) = states
    W_c, W_g = np.split(weights["kernel"], 2, axis=1)
    U_c, U_g = np.split(weights["recurrent_kernel"], 2, axis=1)
    b_c, b_g = np.split(weights["bias"], 2)
    c = np.tanh((h * keep) @ U_c + x @ W_c + b_c)
    g = sigmoid((h * keep) @ U_g + x @ W_g + b_g)
    h = g * h + (1.0 - g) * c
    return h, [h]


def as_wide(weights, x):
    """x, or its projection where it is not as wide as the state."""
    return x @ weights["input_kernel"] if "input_kernel" in weights else x


def intersection_rnn(
    weights, x, states, keep=1.0, units=None, unit_forget_bias=True
):
    """Collins et al. 2017: the +RNN."""
    (h,) = states
    x = as_wide(weights, x)
    W_y, W_h, W_gy, W_gh = np.split(weights["kernel"], 4, axis=1)
    U_y, U_h, U_gy, U_gh = np.split(weights["recurrent_kernel"], 4, axis=1)
    b_y, b_h, b_gy, b_gh = np.split(weights["bias"], 4)
    dropped = h * keep
    y_in = np.maximum(dropped @ U_y + x @ W_y + b_y, 0.0)
    h_in = np.tanh(dropped @ U_h + x @ W_h + b_h)
    g_y = sigmoid(dropped @ U_gy + x @ W_gy + b_gy)
    g_h = sigmoid(dropped @ U_gh + x @ W_gh + b_gh)
    y = g_y * x + (1.0 - g_y) * y_in
    h = g_h * h + (1.0 - g_h) * h_in
    return y, [h]


def mut1(weights, x, states, keep=1.0, units=None):
    """Jozefowicz et al. 2015."""
    (h,) = states
    x = as_wide(weights, x)
    W_z, W_r = np.split(weights["kernel"], 2, axis=1)
    U_r, U_h = np.split(weights["recurrent_kernel"], 2, axis=1)
    b_z, b_r, b_h = np.split(weights["bias"], 3)
    z = sigmoid(x @ W_z + b_z)
    r = sigmoid(x @ W_r + (h * keep) @ U_r + b_r)
    h = np.tanh((r * h * keep) @ U_h + np.tanh(x) + b_h) * z + h * (1.0 - z)
    return h, [h]


def mut2(weights, x, states, keep=1.0, units=None):
    """Jozefowicz et al. 2015."""
    (h,) = states
    x = as_wide(weights, x)
    W_z, W_h = np.split(weights["kernel"], 2, axis=1)
    U_z, U_r, U_h = np.split(weights["recurrent_kernel"], 3, axis=1)
    b_z, b_r, b_h = np.split(weights["bias"], 3)
    z = sigmoid(x @ W_z + (h * keep) @ U_z + b_z)
    r = sigmoid(x + (h * keep) @ U_r + b_r)
    h = np.tanh((r * h * keep) @ U_h + x @ W_h + b_h) * z + h * (1.0 - z)
    return h, [h]


def mut3(weights, x, states, keep=1.0):
    """Jozefowicz et al. 2015."""
    (h,) = states
    W_z, W_r, W_h = np.split(weights["kernel"], 3, axis=1)
    U_z, U_r, U_h = np.split(weights["recurrent_kernel"], 3, axis=1)
    b_z, b_r, b_h = np.split(weights["bias"], 3)
    z = sigmoid(x @ W_z + (np.tanh(h) * keep) @ U_z + b_z)
    r = sigmoid(x @ W_r + (h * keep) @ U_r + b_r)
    h = np.tanh((r * h * keep) @ U_h + x @ W_h + b_h) * z + h * (1.0 - z)
    return h, [h]


def ligru(weights, x, states, keep=1.0, normalization=None):
    """Ravanelli et al. 2018, layer in place of batch normalisation."""
    (h,) = states
    W_z, W_h = np.split(weights["kernel"], 2, axis=1)
    U_z, U_h = np.split(weights["recurrent_kernel"], 2, axis=1)
    b_z, b_h = np.split(weights["bias"], 2)
    in_z, in_h = x @ W_z, x @ W_h
    if normalization == "layer":
        s_z, s_h = np.split(weights["scale"], 2)
        in_z, in_h = layer_norm(in_z, s_z), layer_norm(in_h, s_h)
    z = sigmoid(in_z + (h * keep) @ U_z + b_z)
    candidate = np.maximum(in_h + (h * keep) @ U_h + b_h, 0.0)
    h = z * h + (1.0 - z) * candidate
    return h, [h]


def ran(weights, x, states, keep=1.0, output_activation="tanh"):
    """Lee et al. 2017."""
    h, c = states
    i, f, content = ran_parts(weights, x, h * keep)
    c = i * content + f * c
    h = ACTIVATIONS[output_activation](c)
    return h, [h, c]


def ran_parts(weights, x, h):
    """Both gates, and the content that they weigh."""
    W_c, W_i, W_f = np.split(weights["kernel"], 3, axis=1)
    U_i, U_f = np.split(weights["recurrent_kernel"], 2, axis=1)
    b_i, b_f = np.split(weights["bias"], 2)
    i = sigmoid(h @ U_i + x @ W_i + b_i)
    f = sigmoid(h @ U_f + x @ W_f + b_f)
    return i, f, x @ W_c


def brc(weights, x, states, keep=1.0):
    """Vecoven et al. 2021: the memory of each unit is its own."""
    (h,) = states
    W_a, W_c, W_h = np.split(weights["kernel"], 3, axis=1)
    w_a, w_c = np.split(weights["recurrent_kernel"], 2)
    b_a, b_c = np.split(weights["bias"], 2)
    a = 1.0 + np.tanh(x @ W_a + w_a * h * keep + b_a)
    c = sigmoid(x @ W_c + w_c * h * keep + b_c)
    h = c * h + (1.0 - c) * np.tanh(x @ W_h + a * h * keep)
    return h, [h]


def nbrc(weights, x, states, keep=1.0):
    """Vecoven et al. 2021: gates that read all units."""
    (h,) = states
    W_a, W_c, W_h = np.split(weights["kernel"], 3, axis=1)
    U_a, U_c = np.split(weights["recurrent_kernel"], 2, axis=1)
    b_a, b_c = np.split(weights["bias"], 2)
    a = 1.0 + np.tanh(x @ W_a + (h * keep) @ U_a + b_a)
    c = sigmoid(x @ W_c + (h * keep) @ U_c + b_c)
    h = c * h + (1.0 - c) * np.tanh(x @ W_h + a * h * keep)
    return h, [h]


def fast_rnn(weights, x, states, keep=1.0, activation="tanh"):
    """Kusupati et al. 2018, section 3.1."""
    (h,) = states
    W, U, b = (weights[n] for n in ("kernel", "recurrent_kernel", "bias"))
    candidate = ACTIVATIONS[activation](x @ W + (h * keep) @ U + b)
    h = sigmoid(weights["alpha"]) * candidate + sigmoid(weights["beta"]) * h
    return h, [h]


def fast_grnn(
    weights, x, states, keep=1.0, kernel_rank=None, recurrent_rank=None
):
    """Kusupati et al. 2018, section 3.2."""
    (h,) = states
    if kernel_rank is None:
        W = weights["kernel"]
    else:
        W = weights["kernel_down"] @ weights["kernel_up"]
    if recurrent_rank is None:
        U = weights["recurrent_kernel"]
    else:
        U = weights["recurrent_kernel_down"] @ weights["recurrent_kernel_up"]
    zeta, nu = sigmoid(weights["zeta"]), sigmoid(weights["nu"])
    z = sigmoid(x @ W + (h * keep) @ U + weights["gate_bias"])
    candidate = np.tanh(x @ W + (h * keep) @ U + weights["candidate_bias"])
    h = (zeta * (1.0 - z) + nu) * candidate + z * h
    return h, [h]


# === Second oracles: whole sequences (batch, timesteps, features) from zero ===


def ran_sum(weights, x, output_activation="tanh"):
    """The paper's other form: c as a weighted sum of all contents so far."""
    phi = ACTIVATIONS[output_activation]
    units = weights["kernel"].shape[1] // 3
    h = np.zeros((len(x), units))
    contents, shares, outputs = [], [], []
    for t in range(x.shape[1]):
        i, f, content = ran_parts(weights, x[:, t], h)
        shares = [share * f for share in shares] + [i]
        contents.append(content)
        h = phi(np.sum(np.multiply(shares, contents), axis=0))
        outputs.append(h)
    return np.stack(outputs, axis=1)


REFERENCES = {
    "brc": brc,
    "fast_grnn": fast_grnn,
    "fast_rnn": fast_rnn,
    "intersection_rnn": intersection_rnn,
    "layernorm_gru": layernorm_gru,
    "ligru": ligru,
    "mgu": mgu,
    "mut1": mut1,
    "mut2": mut2,
    "mut3": mut3,
    "nbrc": nbrc,
    "ran": ran,
    "ugrnn": ugrnn,
}

SECOND_ORACLES = {"ran": [ran_sum]}
