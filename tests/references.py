"""The equations of every cell once more, in plain NumPy: the oracle.

Written from the papers, not from the cells, and slow on purpose: one step,
gate by gate, head by head. Every function reads

    step(weights, x, states, keep=1.0, **options) -> (output, states)

with the weights by name, x `(batch, features)`, and states a list of
`(batch, n)` in the layout the cell documents. `keep` is the mask of recurrent
dropout, zeros and 1 / (1 - rate), on what the cell documents as dropped.
"""

import numpy as np


def sigmoid(v):
    return 1.0 / (1.0 + np.exp(-v))


def log_sigmoid(v):
    return -np.logaddexp(0.0, -v)


ACTIVATIONS = {
    "tanh": np.tanh,
    "relu": lambda v: np.maximum(v, 0.0),
    "sigmoid": sigmoid,
    "linear": lambda v: v,
}


# === One step of each cell ===


def elman(weights, x, states, keep=1.0, activation="tanh"):
    """Elman 1990."""
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
):
    """Jordan 1986, without the context units' share of themselves."""
    (y,) = states
    W, U, b = (weights[n] for n in ("kernel", "recurrent_kernel", "bias"))
    V, c = weights["output_kernel"], weights["output_bias"]
    h = ACTIVATIONS[activation](x @ W + (y * keep) @ U + b)
    y = ACTIVATIONS[output_activation](h @ V + c)
    return y, [y]


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


def mlstm(weights, x, states, keep=1.0, num_heads=4, forget_gate="sigmoid"):
    """Beck et al. 2024, equations 19 to 27, stabilised, head by head."""
    q, k, v, o, i, log_f = mlstm_gates(weights, x, num_heads, forget_gate)
    batch, units = o.shape
    d = units // num_heads
    C, n, m = states
    # Stored as k v^T; the paper's is v k^T.
    C = C.reshape(batch, num_heads, d, d).swapaxes(-1, -2)
    n = n.reshape(batch, num_heads, d)
    v_kept = v * keep
    h, C_new, n_new, m_new = (
        np.zeros_like(t) for t in (v, C, n, np.asarray(m, "float64"))
    )
    for a in range(num_heads):
        m_new[:, a] = np.maximum(log_f[:, a] + m[:, a], i[:, a])
        new = np.exp(i[:, a] - m_new[:, a])[:, None]
        old = np.exp(log_f[:, a] + m[:, a] - m_new[:, a])[:, None]
        n_new[:, a] = old * n[:, a] + new * k[:, a]
        for e in range(batch):
            outer = np.outer(v_kept[e, a], k[e, a])
            C_new[e, a] = old[e] * C[e, a] + new[e] * outer
            scale = max(abs(n_new[e, a] @ q[e, a]), np.exp(-m_new[e, a]))
            h[e, a] = C_new[e, a] @ q[e, a] / scale
    C = C_new.swapaxes(-1, -2).reshape(batch, -1)
    h = o * h.reshape(batch, -1)
    return h, [C, n_new.reshape(batch, -1), m_new]


def rwkv4(weights, x, states, keep=1.0):
    """Peng et al. 2023: token shift, and WKV as the appendix steps it."""
    a, b, m, before = states
    r, k, v = rwkv4_gates(weights, x, before)
    w, u = np.exp(weights["time_decay"]), weights["time_first"]
    q = np.maximum(m, u + k)
    old, new = np.exp(m - q), np.exp(u + k - q)
    wkv = (old * a + new * v) / (old * b + new)
    m_new = np.maximum(m - w, k)
    old, new = np.exp(m - w - m_new), np.exp(k - m_new)
    a = old * a + new * v * keep
    b = old * b + new * keep
    output = (sigmoid(r) * wkv) @ weights["output_kernel"]
    return output, [a, b, m_new, x]


# The key is the name of the cell.
REFERENCES = {
    "elman": elman,
    "gru": gru,
    "jordan": jordan,
    "lstm": lstm,
    "min_gru": min_gru,
    "mlstm": mlstm,
    "rwkv4": rwkv4,
}


# === What steps share with the second oracles ===


def mlstm_gates(weights, x, num_heads, forget_gate):
    """q, k, v `(..., heads, d)`, o `(..., units)`, i, log f `(..., heads)`."""
    W_q, W_k, W_v, W_o = np.split(weights["kernel"], 4, axis=1)
    b_q, b_k, b_v, b_o = np.split(weights["bias"], 4)
    w_i, w_f = np.split(weights["gate_kernel"], 2, axis=1)
    b_i, b_f = np.split(weights["gate_bias"], 2)
    d = len(b_q) // num_heads
    heads = (*x.shape[:-1], num_heads, d)
    q = (x @ W_q + b_q).reshape(heads)
    k = (x @ W_k / np.sqrt(d) + b_k).reshape(heads)
    v = (x @ W_v + b_v).reshape(heads)
    o = sigmoid(x @ W_o + b_o)
    f = x @ w_f + b_f
    log_f = {"sigmoid": log_sigmoid(f), "exp": f}[forget_gate]
    return q, k, v, o, x @ w_i + b_i, log_f


def rwkv4_gates(weights, x, before):
    """r, k, v, each from a mix of this input and the one before."""
    shifted = []
    for name in ("receptance", "key", "value"):
        mu = weights[f"{name}_mix"]
        mixed = mu * x + (1.0 - mu) * before
        shifted.append(mixed @ weights[f"{name}_kernel"])
    return shifted


# === Second oracles: whole sequences (batch, timesteps, features) from zero ===


def mlstm_unstabilised(weights, x, num_heads=4, forget_gate="sigmoid"):
    """Equations 19 to 27 as they stand: no m, and max(|n . q|, 1)."""
    q, k, v, o, i, log_f = mlstm_gates(weights, x, num_heads, forget_gate)
    C = np.zeros((*v[:, 0].shape, k.shape[-1]))
    n = np.zeros_like(k[:, 0])
    outputs = []
    for t in range(x.shape[1]):
        forget, admit = np.exp(log_f[:, t]), np.exp(i[:, t])
        outer = v[:, t, :, :, None] * k[:, t, :, None, :]
        C = forget[..., None, None] * C + admit[..., None, None] * outer
        n = forget[..., None] * n + admit[..., None] * k[:, t]
        scale = np.maximum(np.abs(np.sum(n * q[:, t], -1)), 1.0)
        h = np.einsum("bhvk,bhk->bhv", C, q[:, t]) / scale[..., None]
        outputs.append(o[:, t] * h.reshape(len(x), -1))
    return np.stack(outputs, axis=1)


def mlstm_quadratic(weights, x, num_heads=4, forget_gate="sigmoid"):
    """The parallel form of the paper's appendix: every pair of steps meets."""
    q, k, v, o, i, log_f = mlstm_gates(weights, x, num_heads, forget_gate)
    timesteps = x.shape[1]
    h = np.zeros_like(v)
    for e in range(x.shape[0]):
        for a in range(num_heads):
            D = np.full((timesteps, timesteps), -np.inf)
            for t in range(timesteps):
                for s in range(t + 1):
                    D[t, s] = log_f[e, s + 1 : t + 1, a].sum() + i[e, s, a]
            m = D.max(axis=1, keepdims=True)
            S = q[e, :, a] @ k[e, :, a].T * np.exp(D - m)
            total = np.abs(S.sum(axis=1, keepdims=True))
            h[e, :, a] = S @ v[e, :, a] / np.maximum(total, np.exp(-m))
    return o * h.reshape(*x.shape[:2], -1)


def rwkv4_sum(weights, x):
    """WKV as the sum over all pairs of steps that the paper defines it by."""
    before = np.concatenate([np.zeros_like(x[:, :1]), x[:, :-1]], axis=1)
    r, k, v = rwkv4_gates(weights, x, before)
    w, u = np.exp(weights["time_decay"]), weights["time_first"]
    wkv = np.zeros_like(v)
    for t in range(x.shape[1]):
        now = np.exp(u + k[:, t])
        above, below = now * v[:, t], now
        for i in range(t):
            past = np.exp(-(t - 1 - i) * w + k[:, i])
            above, below = above + past * v[:, i], below + past
        wkv[:, t] = above / below
    return (sigmoid(r) * wkv) @ weights["output_kernel"]
