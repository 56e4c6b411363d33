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


def complex_scan(decay, update, initial):
    """Both parts of the complex numbers on the last axis but one."""

    def number(x):
        return x[..., 0, :] + 1j * x[..., 1, :]

    decay, update = np.broadcast_arrays(number(decay), number(update))
    h = linear_scan(decay, update, number(initial))
    return np.stack([h.real, h.imag], axis=-2)


def matrix_scan(query, log_decay, key, value, initial, before=False):
    S, steps = initial, []
    for t in range(query.shape[1]):
        outer = key[:, t, :, :, None] * value[:, t, :, None, :]
        last, S = S, np.exp(log_decay[:, t])[..., None] * S + outer
        seen = last if before else S
        steps.append(np.einsum("bhk,bhkv->bhv", query[:, t], seen))
    return np.stack(steps, axis=1), S


def delta_scan(query, log_decay, erase, replace, key, value, initial):
    S, steps = initial, []
    for t in range(query.shape[1]):
        erased = np.einsum("bhk,bhkv->bhv", erase[:, t], S)
        S = np.exp(log_decay[:, t])[..., None] * S
        S = S - replace[:, t, :, :, None] * erased[:, :, None, :]
        S = S + key[:, t, :, :, None] * value[:, t, :, None, :]
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
