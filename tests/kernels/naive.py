"""The kernels once more, in slow and obvious NumPy."""

import numpy as np


def linear_scan(decay, update, initial):
    h, steps = initial, []
    for t in range(update.shape[1]):
        h = decay[:, t] * h + update[:, t]
        steps.append(h)
    return np.stack(steps, axis=1)


def running_maximum(decay, candidate, initial):
    m, steps = initial, []
    for t in range(candidate.shape[1]):
        m = np.maximum(decay[:, t] + m, candidate[:, t])
        steps.append(m)
    return np.stack(steps, axis=1)


def matrix_scan(query, log_decay, key, value, initial):
    S, steps = initial, []
    for t in range(query.shape[1]):
        outer = key[:, t, :, :, None] * value[:, t, :, None, :]
        S = np.exp(log_decay[:, t])[..., None, None] * S + outer
        steps.append(np.einsum("bhk,bhkv->bhv", query[:, t], S))
    return np.stack(steps, axis=1), S


def loop(step, x, h, lengths):
    """One input and one state; sequences end at their lengths."""
    outputs = np.zeros((*x.shape[:2], h.shape[-1]))
    h = h.copy()
    last = np.zeros_like(h)
    for e in range(len(x)):
        for t in range(x.shape[1]):
            if t < lengths[e]:
                last[e], h[e] = step(x[e, t], h[e])
            outputs[e, t] = last[e]
    return outputs, last, h
