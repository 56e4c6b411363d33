"""The rest of the LSTM family."""

import numpy as np

from tests.references import classic
from tests.references.functions import ACTIVATIONS, sigmoid


def blocks(weights, name, count):
    """The matrices or vectors that stand side by side in one weight."""
    return np.split(weights[name], count, axis=-1)


def peephole_lstm(weights, x, states, keep=1.0, unit_forget_bias=True):
    """Gers, Schraudolph and Schmidhuber 2002."""
    h, c = states
    W_i, W_f, W_g, W_o = blocks(weights, "kernel", 4)
    U_i, U_f, U_g, U_o = blocks(weights, "recurrent_kernel", 4)
    b_i, b_f, b_g, b_o = blocks(weights, "bias", 4)
    p_i, p_f, p_o = blocks(weights, "peephole_kernel", 3)
    h = h * keep
    i = sigmoid(x @ W_i + h @ U_i + c @ np.diag(p_i) + b_i)
    f = sigmoid(x @ W_f + h @ U_f + c @ np.diag(p_f) + b_f)
    g = np.tanh(x @ W_g + h @ U_g + b_g)
    c = f * c + i * g
    o = sigmoid(x @ W_o + h @ U_o + c @ np.diag(p_o) + b_o)
    h = o * np.tanh(c)
    return h, [h, c]


def lstm_1997(weights, x, states, keep=1.0):
    """Hochreiter and Schmidhuber 1997, with today's squashing functions."""
    h, c = states
    W_i, W_g, W_o = blocks(weights, "kernel", 3)
    U_i, U_g, U_o = blocks(weights, "recurrent_kernel", 3)
    b_i, b_g, b_o = blocks(weights, "bias", 3)
    h = h * keep
    i = sigmoid(x @ W_i + h @ U_i + b_i)
    g = np.tanh(x @ W_g + h @ U_g + b_g)
    o = sigmoid(x @ W_o + h @ U_o + b_o)
    c = c + i * g
    h = o * np.tanh(c)
    return h, [h, c]


def lstm_1997_as_squashed_by_the_paper(weights, x):
    """g in [-2, 2] and h in [-1, 1], for weights and a memory twice as large.

    The paper's appendix: f, g and h are logistic functions of three ranges.
    """
    W_i, W_g, W_o = blocks(weights, "kernel", 3)
    U_i, U_g, U_o = blocks(weights, "recurrent_kernel", 3)
    b_i, b_g, b_o = blocks(weights, "bias", 3)
    y = np.zeros((len(x), len(U_i)))
    s = np.zeros_like(y)
    outputs = []
    for t in range(x.shape[1]):
        net_in = x[:, t] @ W_i + y @ U_i + b_i
        net_c = x[:, t] @ (2 * W_g) + y @ (2 * U_g) + 2 * b_g
        net_out = x[:, t] @ W_o + y @ U_o + b_o
        s = s + sigmoid(net_in) * (4 * sigmoid(net_c) - 2)
        y = sigmoid(net_out) * (2 * sigmoid(s) - 1)
        outputs.append(y)
    return np.stack(outputs, axis=1)


def cifg_lstm(
    weights, x, states, keep=1.0, peepholes=True, unit_forget_bias=True
):
    """Greff et al. 2015, variant CIFG of their LSTM."""
    h, c = states
    W_i, W_g, W_o = blocks(weights, "kernel", 3)
    U_i, U_g, U_o = blocks(weights, "recurrent_kernel", 3)
    b_i, b_g, b_o = blocks(weights, "bias", 3)
    p_i = p_o = np.zeros(c.shape[-1])
    if peepholes:
        p_i, p_o = blocks(weights, "peephole_kernel", 2)
    h = h * keep
    i = sigmoid(x @ W_i + h @ U_i + c @ np.diag(p_i) + b_i)
    f = 1.0 - i
    g = np.tanh(x @ W_g + h @ U_g + b_g)
    c = f * c + i * g
    o = sigmoid(x @ W_o + h @ U_o + c @ np.diag(p_o) + b_o)
    h = o * np.tanh(c)
    return h, [h, c]


def cifg_lstm_as_an_lstm(weights, x, peepholes=True, unit_forget_bias=True):
    """1 - sigmoid(v) = sigmoid(-v): f is a gate with the weights of -i."""
    full = {}
    for name in ("kernel", "recurrent_kernel", "bias"):
        i, g, o = blocks(weights, name, 3)
        full[name] = np.concatenate([i, -i, g, o], axis=-1)
    if peepholes:
        p_i, p_o = blocks(weights, "peephole_kernel", 2)
        full["peephole_kernel"] = np.concatenate([p_i, -p_i, p_o])
    step = peephole_lstm if peepholes else classic.lstm
    zeros = np.zeros((len(x), len(full["recurrent_kernel"])))
    states, outputs = [zeros, zeros], []
    for t in range(x.shape[1]):
        y, states = step(full, x[:, t], states)
        outputs.append(y)
    return np.stack(outputs, axis=1)


def projected_lstm(
    weights,
    x,
    states,
    keep=1.0,
    units=None,
    projection_units=None,
    peepholes=True,
    unit_forget_bias=True,
):
    """Sak, Senior and Beaufays 2014, without the non-recurrent projection."""
    r, c = states
    W_i, W_f, W_c, W_o = blocks(weights, "kernel", 4)
    U_i, U_f, U_c, U_o = blocks(weights, "recurrent_kernel", 4)
    b_i, b_f, b_c, b_o = blocks(weights, "bias", 4)
    p_i = p_f = p_o = np.zeros(c.shape[-1])
    if peepholes:
        p_i, p_f, p_o = blocks(weights, "peephole_kernel", 3)
    r = r * keep
    i = sigmoid(x @ W_i + r @ U_i + c @ np.diag(p_i) + b_i)
    f = sigmoid(x @ W_f + r @ U_f + c @ np.diag(p_f) + b_f)
    c = f * c + i * np.tanh(x @ W_c + r @ U_c + b_c)
    o = sigmoid(x @ W_o + r @ U_o + c @ np.diag(p_o) + b_o)
    m = o * np.tanh(c)
    r = m @ weights["projection_kernel"]
    return r, [r, c]


def normalised(v):
    return (v - v.mean(-1, keepdims=True)) / np.sqrt(
        v.var(-1, keepdims=True) + 1e-5
    )


def layernorm_lstm(weights, x, states, keep=1.0, unit_forget_bias=True):
    """Ba, Kiros and Hinton 2016, equations 20 to 22."""
    h, c = states
    from_x = normalised(x @ weights["kernel"]) * weights["kernel_scale"]
    from_h = normalised((h * keep) @ weights["recurrent_kernel"])
    from_h = from_h * weights["recurrent_scale"]
    i, f, g, o = np.split(from_x + from_h + weights["bias"], 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    read = normalised(c) * weights["memory_scale"] + weights["memory_offset"]
    h = sigmoid(o) * np.tanh(read)
    return h, [h, c]


def multiplicative_lstm(weights, x, states, keep=1.0, unit_forget_bias=True):
    """Krause et al. 2016: an LSTM that reads m in place of h."""
    h, c = states
    m = x @ weights["factor_kernel"]
    m = m * ((h * keep) @ weights["factor_recurrent_kernel"])
    W_i, W_f, W_g, W_o = blocks(weights, "kernel", 4)
    U_i, U_f, U_g, U_o = blocks(weights, "recurrent_kernel", 4)
    b_i, b_f, b_g, b_o = blocks(weights, "bias", 4)
    i = sigmoid(x @ W_i + m @ U_i + b_i)
    f = sigmoid(x @ W_f + m @ U_f + b_f)
    g = np.tanh(x @ W_g + m @ U_g + b_g)
    o = sigmoid(x @ W_o + m @ U_o + b_o)
    c = f * c + i * g
    h = o * np.tanh(c)
    return h, [h, c]


def janet(weights, x, states, keep=1.0, beta=1.0, longest_dependency=None):
    """Van der Westhuizen and Lasenby 2018."""
    (c,) = states
    W_f, W_c = blocks(weights, "kernel", 2)
    U_f, U_c = blocks(weights, "recurrent_kernel", 2)
    b_f, b_c = blocks(weights, "bias", 2)
    h = c * keep
    s = x @ W_f + h @ U_f + b_f
    candidate = np.tanh(x @ W_c + h @ U_c + b_c)
    # 1 - sigmoid(s - beta), as the authors' program has it.
    c = sigmoid(s) * c + sigmoid(beta - s) * candidate
    return c, [c]


def nas(weights, x, states, keep=1.0, use_bias=False):
    """Zoph and Le 2017: the tree of base 8, level by level."""
    h, c = states
    W = blocks(weights, "kernel", 8)
    U = blocks(weights, "recurrent_kernel", 8)
    b = blocks(weights, "bias", 8) if use_bias else np.zeros(8)
    h = h * keep
    functions = "sigmoid relu sigmoid relu tanh sigmoid tanh sigmoid".split()
    leaves = []
    for n, function in enumerate(functions):
        left, right = x @ W[n], h @ U[n] + b[n]
        combined = left * right if n == 3 else left + right
        leaves.append(ACTIVATIONS[function](combined))
    first = np.tanh(leaves[0] * leaves[1])
    second = np.tanh(leaves[2] + leaves[3])
    third = np.tanh(leaves[4] * leaves[5])
    fourth = sigmoid(leaves[6] + leaves[7])
    c = np.tanh(first + c) * second
    h = np.tanh(c * np.tanh(third + fourth))
    return h, [h, c]


def scrn(
    weights,
    x,
    states,
    keep=1.0,
    context_units=None,
    output_units=None,
    alpha=0.95,
    output_activation="linear",
):
    """Mikolov et al. 2014."""
    h, s = states
    A, B = np.split(weights["kernel"], [h.shape[-1]], axis=1)
    U, V = np.split(weights["output_kernel"], [h.shape[-1]])
    P, R = weights["context_kernel"], weights["recurrent_kernel"]
    s = (1.0 - alpha) * (x @ B) + alpha * s
    h = sigmoid(s @ P + x @ A + (h * keep) @ R)
    y = ACTIVATIONS[output_activation](h @ U + s @ V)
    return y, [h, s]


def scrn_by_averages(
    weights,
    x,
    context_units=None,
    output_units=None,
    alpha=0.95,
    output_activation="linear",
):
    """The context as what it is: an exponential average of all the past."""
    P, R = weights["context_kernel"], weights["recurrent_kernel"]
    A, B = np.split(weights["kernel"], [len(R)], axis=1)
    h, outputs = np.zeros((len(x), len(R))), []
    for t in range(x.shape[1]):
        shares = (1.0 - alpha) * alpha ** np.arange(t, -1.0, -1.0)
        s = np.einsum("k,bkd->bd", shares, x[:, : t + 1]) @ B
        h = sigmoid(s @ P + x[:, t] @ A + h @ R)
        both = np.concatenate([h, s], axis=1)
        outputs.append(both @ weights["output_kernel"])
    return ACTIVATIONS[output_activation](np.stack(outputs, axis=1))


REFERENCES = {
    "cifg_lstm": cifg_lstm,
    "janet": janet,
    "layernorm_lstm": layernorm_lstm,
    "lstm_1997": lstm_1997,
    "multiplicative_lstm": multiplicative_lstm,
    "nas": nas,
    "peephole_lstm": peephole_lstm,
    "projected_lstm": projected_lstm,
    "scrn": scrn,
}

SECOND_ORACLES = {
    "cifg_lstm": [cifg_lstm_as_an_lstm],
    "lstm_1997": [lstm_1997_as_squashed_by_the_paper],
    "scrn": [scrn_by_averages],
}
