"""The chunkwise form of the delta rule, with decays."""

from keras import ops

from rnnzoo.kernels.chunks import (
    from_chunks,
    lower_triangle,
    running_sum,
    to_chunks,
    within,
)
from rnnzoo.kernels.loop import loop

# The fastest of 16, 32 and 64 at 1,024 steps.
CHUNK = 64


def delta_scan(query, log_decay, erase, replace, key, value, initial):
    """r_t = q_t S_t, where a step erases before it writes.

        S_t = diag(exp(log_decay_t)) S_{t-1} - r_t (e_t^T S_{t-1}) + k_t v_t^T

    with e `erase` and r `replace`. What the steps of a chunk erase, u_t =
    e_t^T S_{t-1}, solves a triangular system, by which a chunk becomes one
    linear map of the state before it: S is known between chunks only.

    Args:
        query, erase, replace, key: `(batch, timesteps, heads, keys)`.
        log_decay: the same shape, in [-1, 0]: within a chunk, decays are
            divided by each other, and exp(64) is still a number.
        value: `(batch, timesteps, heads, values)`.
        initial: S_0, `(batch, heads, keys, values)`.

    Returns:
        `(r, S)`: `(batch, timesteps, heads, values)` and the last
        `(batch, heads, keys, values)`.
    """
    timesteps = ops.shape(query)[1]
    chunk = within(timesteps, CHUNK)
    query, log_decay, erase, replace, key, value = (
        to_chunks(t, chunk)
        for t in (query, log_decay, erase, replace, key, value)
    )
    # Axes from here on: batch, heads, chunks, chunk, keys or values.
    total = running_sum(log_decay)
    end = total[..., -1:, :]
    # As seen from the state before the chunk.
    query = query * ops.exp(total)
    erase = erase * ops.exp(total - log_decay)
    scale = ops.exp(-total)
    replace, key = replace * scale, key * scale

    def pairs(left, right, diagonal):
        products = ops.matmul(left, ops.swapaxes(right, -1, -2))
        return ops.where(lower_triangle(chunk, diagonal), products, 0.0)

    # u_t = e_t S_0 + sum over s < t of e_t . (k_s v_s^T - r_s u_s^T)
    system = pairs(erase, replace, False) + ops.eye(chunk, dtype=query.dtype)
    written = ops.matmul(pairs(erase, key, False), value)
    solved = ops.solve_triangular(
        system, ops.concatenate([erase, written], axis=-1), lower=True
    )
    # u = of_state S_0 + of_chunk
    of_state, of_chunk = ops.split(solved, [query.shape[-1]], axis=-1)

    # The whole chunk: S = transition S_0 + update
    shrink = ops.swapaxes(ops.exp(end), -1, -2)
    kept, left = (ops.swapaxes(t, -1, -2) for t in (key, replace))
    identity = ops.eye(query.shape[-1], dtype=query.dtype)
    transition = shrink * (identity - ops.matmul(left, of_state))
    update = shrink * (ops.matmul(kept, value) - ops.matmul(left, of_chunk))

    def advance(chunk, states):
        (transition, update), (S,) = chunk, states
        return S, [ops.matmul(transition, S) + update]

    chunks = [ops.swapaxes(t, 1, 2) for t in (transition, update)]
    first, _, (last,) = loop(advance, chunks, [initial], initial)
    first = ops.swapaxes(first, 1, 2)

    erased = ops.matmul(of_state, first) + of_chunk
    inside = ops.matmul(pairs(query, key, True), value)
    inside = inside - ops.matmul(pairs(query, replace, True), erased)
    return from_chunks(ops.matmul(query, first) + inside, timesteps), last
