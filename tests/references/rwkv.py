"""The time mixings of RWKV."""

import numpy as np

from tests.references.functions import sigmoid


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


def rwkv6(
    weights, x, states, keep=1.0, head_dim=None, mix_rank=32, decay_rank=64
):
    """Peng et al. 2024, section 4, head by head."""
    S, before = states
    r, k, v, w, g = rwkv6_gates(weights, x, before)
    d = rwkv_head(r.shape[-1], head_dim)
    u = weights["bonus"]
    S = S.reshape(len(x), -1, d, d).copy()
    keep = np.ones_like(v) * np.reshape(keep, (len(np.atleast_1d(keep)), -1))
    y = np.zeros_like(v)
    for e in range(len(x)):
        for a in range(S.shape[1]):
            own = slice(a * d, (a + 1) * d)
            now = np.outer(u[own] * k[e, own], v[e, own])
            y[e, own] = r[e, own] @ (S[e, a] + now)
            write = np.outer(k[e, own], v[e, own] * keep[e, own])
            S[e, a] = np.diag(w[e, own]) @ S[e, a] + write
    output = (g * rwkv_norm(weights, y, d)) @ weights["output_kernel"]
    return output, [S.reshape(len(x), -1), x]


def rwkv7(
    weights,
    x,
    states,
    keep=1.0,
    head_dim=None,
    decay_rank=32,
    rate_rank=32,
    gate_rank=32,
    value_rank=32,
    first_value="none",
):
    """Peng et al. 2025, section 4; S is the transpose of the paper's wkv."""
    S, before = states
    inputs = x
    if first_value == "mixed":
        features = weights["mixes"].shape[1]
        x, v_first = x[:, :features], x[:, features:]
        before = before[:, :features]
    r, k, v, w, a, g = rwkv7_gates(weights, x, before)
    if first_value == "mixed":
        mu = weights["mixes"][3]
        x_v = (1 - mu) * x + mu * before
        low = x_v @ weights["value_down"] @ weights["value_up"]
        share = sigmoid(weights["value"] + low)
        v = (1 - share) * v + share * v_first
    d = rwkv_head(r.shape[-1], head_dim)
    S = S.reshape(len(x), -1, d, d).copy()
    keep = np.ones_like(v) * np.reshape(keep, (len(np.atleast_1d(keep)), -1))
    y, bonus = np.zeros_like(v), np.zeros_like(v)
    removal = k * weights["removal"]
    new = k * (1 + (a - 1) * weights["replacement"])
    for e in range(len(x)):
        for head in range(S.shape[1]):
            own = slice(head * d, (head + 1) * d)
            q = removal[e, own] / np.linalg.norm(removal[e, own])
            wkv = S[e, head].T
            wkv = wkv @ (np.diag(w[e, own]) - np.outer(q, a[e, own] * q))
            wkv = wkv + np.outer(v[e, own] * keep[e, own], new[e, own])
            y[e, own] = wkv @ r[e, own]
            weight = np.sum(r[e, own] * weights["bonus"][own] * new[e, own])
            bonus[e, own] = weight * v[e, own]
            S[e, head] = wkv.T
    output = (g * (rwkv_norm(weights, y, d) + bonus)) @ weights["output_kernel"]
    if first_value == "returned":
        output = np.concatenate([output, v], axis=1)
    return output, [S.reshape(len(x), -1), inputs]


def rwkv6_gates(weights, x, before):
    """r, k, v, w, g of an input and the one before."""
    s = before - x
    low = np.tanh((x + s * weights["mix"]) @ weights["mix_down"])
    mixed = [
        x + s * (mu + part @ up)
        for mu, part, up in zip(
            weights["mixes"],
            np.split(low, 5, axis=-1),
            weights["mix_up"],
            strict=True,
        )
    ]
    x_w, x_k, x_v, x_r, x_g = mixed
    r = x_r @ weights["receptance_kernel"]
    k = x_k @ weights["key_kernel"]
    v = x_v @ weights["value_kernel"]
    low = np.tanh(x_w @ weights["decay_down"])
    w = np.exp(-np.exp(weights["decay"] + low @ weights["decay_up"]))
    g = x_g @ weights["gate_kernel"]
    return r, k, v, w, g * sigmoid(g)


def rwkv7_gates(weights, x, before):
    """r, k, v, w, a, g of an input and the one before."""
    x_r, x_w, x_k, x_v, x_a, x_g = (
        (1 - mu) * x + mu * before for mu in weights["mixes"]
    )
    r = x_r @ weights["receptance_kernel"]
    k = x_k @ weights["key_kernel"]
    v = x_v @ weights["value_kernel"]
    low = np.tanh(x_w @ weights["decay_down"])
    d = weights["decay"] + low @ weights["decay_up"]
    w = np.exp(-np.exp(-0.5) * sigmoid(d))
    low = x_a @ weights["rate_down"]
    a = sigmoid(weights["rate"] + low @ weights["rate_up"])
    g = sigmoid(x_g @ weights["gate_down"]) @ weights["gate_up"]
    return r, k, v, w, a, g


def rwkv_head(units, head_dim):
    return head_dim or (64 if units % 64 == 0 else units)


def rwkv_norm(weights, y, head_dim):
    """Group normalisation by heads, with the authors' epsilon."""
    parts = y.reshape(len(y), -1, head_dim)
    mean = parts.mean(axis=-1, keepdims=True)
    variance = parts.var(axis=-1, keepdims=True)
    parts = ((parts - mean) / np.sqrt(variance + 64e-5)).reshape(y.shape)
    return parts * weights["norm_scale"] + weights["norm_offset"]


def rwkv4_gates(weights, x, before):
    """r, k, v, each from a mix of this input and the one before."""
    shifted = []
    for name in ("receptance", "key", "value"):
        mu = weights[f"{name}_mix"]
        mixed = mu * x + (1.0 - mu) * before
        shifted.append(mixed @ weights[f"{name}_kernel"])
    return shifted


# === Second oracles: whole sequences (batch, timesteps, features) from zero ===


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


def rwkv6_sum(weights, x, head_dim=None, mix_rank=32, decay_rank=64):
    """WKV as the sum over all earlier steps that the paper defines it by."""
    before = np.concatenate([np.zeros_like(x[:, :1]), x[:, :-1]], axis=1)
    r, k, v, w, g = rwkv6_gates(weights, x, before)
    d, u = rwkv_head(r.shape[-1], head_dim), weights["bonus"]
    y = np.zeros_like(v)
    for e, t in np.ndindex(x.shape[:2]):
        for own in np.split(np.arange(v.shape[-1]), v.shape[-1] // d):
            wkv = np.outer(u[own] * k[e, t, own], v[e, t, own])
            for i in range(t):
                decay = np.prod(w[e][i + 1 : t][:, own], axis=0)
                wkv += np.outer(decay * k[e, i, own], v[e, i, own])
            y[e, t, own] = r[e, t, own] @ wkv
    flat = rwkv_norm(weights, y.reshape(-1, y.shape[-1]), d)
    return (g * flat.reshape(y.shape)) @ weights["output_kernel"]


REFERENCES = {
    "rwkv4": rwkv4,
    "rwkv6": rwkv6,
    "rwkv7": rwkv7,
}

SECOND_ORACLES = {
    "rwkv4": [rwkv4_sum],
    "rwkv6": [rwkv6_sum],
}
