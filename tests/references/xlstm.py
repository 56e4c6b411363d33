"""The cells of xLSTM."""

import numpy as np

from tests.references.functions import log_sigmoid, sigmoid


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


def slstm(weights, x, states, keep=1.0, num_heads=4, forget_gate="sigmoid"):
    """Beck et al. 2024, equations 8 to 17, stabilised, head by head."""
    h, c, n, m = states
    d = h.shape[1] // num_heads
    W_i, W_f, W_z, W_o = np.split(weights["kernel"], 4, axis=1)
    b_i, b_f, b_z, b_o = np.split(weights["bias"], 4)
    R_i, R_f, R_z, R_o = np.split(weights["recurrent_kernel"], 4, axis=2)
    kept = (h * keep).reshape(-1, num_heads, d)

    def recur(R):
        parts = [kept[:, a] @ R[a] for a in range(num_heads)]
        return np.concatenate(parts, axis=1)

    i = x @ W_i + recur(R_i) + b_i
    f = x @ W_f + recur(R_f) + b_f
    f = {"sigmoid": log_sigmoid(f), "exp": f}[forget_gate]
    z = np.tanh(x @ W_z + recur(R_z) + b_z)
    o = sigmoid(x @ W_o + recur(R_o) + b_o)
    m_new = np.maximum(f + m, i)
    c = np.exp(f + m - m_new) * c + np.exp(i - m_new) * z
    n = np.exp(f + m - m_new) * n + np.exp(i - m_new)
    h = o * c / n
    return h, [h, c, n, m_new]


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


def slstm_unstabilised(weights, x, num_heads=4, forget_gate="sigmoid"):
    """Equations 8 to 11 as they stand: gates exponentiated, no m."""
    units = len(weights["bias"]) // 4
    d = units // num_heads
    W_i, W_f, W_z, W_o = np.split(weights["kernel"], 4, axis=1)
    b_i, b_f, b_z, b_o = np.split(weights["bias"], 4)
    # R as one matrix, zero outside of its blocks.
    R = np.zeros((4, units, units))
    for a in range(num_heads):
        own = slice(a * d, (a + 1) * d)
        blocks = np.split(weights["recurrent_kernel"][a], 4, axis=1)
        for gate, block in enumerate(blocks):
            R[gate, own, own] = block
    h = c = n = np.zeros((len(x), units))
    outputs = []
    for t in range(x.shape[1]):
        i = np.exp(x[:, t] @ W_i + h @ R[0] + b_i)
        f = x[:, t] @ W_f + h @ R[1] + b_f
        f = {"sigmoid": sigmoid, "exp": np.exp}[forget_gate](f)
        z = np.tanh(x[:, t] @ W_z + h @ R[2] + b_z)
        o = sigmoid(x[:, t] @ W_o + h @ R[3] + b_o)
        c = f * c + i * z
        n = f * n + i
        h = o * c / n
        outputs.append(h)
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


REFERENCES = {
    "mlstm": mlstm,
    "slstm": slstm,
}

SECOND_ORACLES = {
    "mlstm": [mlstm_quadratic, mlstm_unstabilised],
    "slstm": [slstm_unstabilised],
}
