"""Recurrences of first order that run in parallel over time.

Time is cut into some sqrt(timesteps) chunks. All chunks run side by side from
an empty state; a second loop carries the state from chunk to chunk, and one
pass adds what came from before. The work is that of the plain recurrence, in
2 sqrt(timesteps) operations that are large enough to be worth their start.
"""

from keras import ops

from rnnzoo.kernels.loop import loop

# times, plus, one, zero: `times` distributes over `plus`, `one` is the
# identity of `times` and `zero` that of `plus`.
PLUS_TIMES = (ops.multiply, ops.add, 1.0, 0.0)
MAX_PLUS = (ops.add, ops.maximum, 0.0, -1e30)


def linear_scan(decay, update, initial):
    """h_t = decay_t * h_{t-1} + update_t, elementwise.

    Its gradient is the same scan, backwards.

    Args:
        decay: tensor that broadcasts to `update`.
        update: tensor `(batch, timesteps, ...)`.
        initial: h_0, `(batch, ...)`.

    Returns:
        h, `(batch, timesteps, ...)`, in the type of `update`.
    """
    decay = ops.broadcast_to(decay, ops.shape(update))

    @ops.custom_gradient
    def scan(decay, update, initial):
        h = chunked(PLUS_TIMES, decay, update, initial)

        def gradient(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            # g_t = upstream_t + decay_{t+1} * g_{t+1}
            after = ops.concatenate(
                [decay[:, 1:], ops.zeros_like(decay[:, :1])], axis=1
            )
            nothing = ops.zeros_like(initial)
            g = chunked(PLUS_TIMES, after, upstream, nothing, reverse=True)
            previous = ops.concatenate([initial[:, None], h[:, :-1]], axis=1)
            return g * previous, g, decay[:, 0] * g[:, 0]

        return h, gradient

    return scan(decay, update, initial)


def running_maximum(decay, candidate, initial):
    """m_t = max(decay_t + m_{t-1}, candidate_t), elementwise.

    A stabiliser: no gradient flows through it.

    Args:
        decay, candidate: tensors `(batch, timesteps, ...)` of one shape.
        initial: m_0, `(batch, ...)`.

    Returns:
        m, `(batch, timesteps, ...)`.
    """
    decay, candidate, initial = (
        ops.stop_gradient(t) for t in (decay, candidate, initial)
    )
    m = chunked(MAX_PLUS, decay, candidate, initial)
    return ops.stop_gradient(m)


def chunked(semiring, decay, update, initial, reverse=False):
    """h_t = plus(times(decay_t, h_{t-1}), update_t), chunk by chunk.

    `reverse` runs from the last step to the first.
    """
    times, plus, one, zero = semiring
    batch, timesteps = ops.shape(update)[0], ops.shape(update)[1]
    inner = update.shape[2:]
    if reverse:
        decay, update = ops.flip(decay, axis=1), ops.flip(update, axis=1)
    # No length below is left to be inferred: none could be for an empty batch,
    # which a replica gets where a last batch has fewer rows than replicas.
    chunk = chunk_length(timesteps)
    chunks = (timesteps + chunk - 1) // chunk
    decay = to_chunks(decay, chunks, chunk, one)
    update = to_chunks(update, chunks, chunk, zero)

    def inside(coefficients, states):
        (a, b), (total, h) = coefficients, states
        new = [times(a, total), plus(times(a, h), b)]
        return new, new

    def between(coefficients, states):
        (total, h), (before,) = coefficients, states
        return before, [plus(times(total, before), h)]

    empty = [
        ops.full_like(update[:, 0], one),
        ops.full_like(update[:, 0], zero),
    ]
    (totals, local), last, _ = loop(inside, (decay, update), empty, empty)
    last = [ops.reshape(x, (batch, chunks, *inner)) for x in last]
    before, _, _ = loop(between, last, [initial], initial)
    before = ops.reshape(before, (batch * chunks, 1, *inner))
    h = plus(times(totals, before), local)
    h = ops.reshape(h, (batch, chunks * chunk, *inner))[:, :timesteps]
    return ops.flip(h, axis=1) if reverse else h


def chunk_length(timesteps):
    """About the square root: as many steps in a chunk as there are chunks."""
    if isinstance(timesteps, int):
        return max(1, round(timesteps**0.5))
    root = ops.round(ops.sqrt(ops.cast(timesteps, "float32")))
    return ops.maximum(ops.cast(root, "int32"), 1)


def to_chunks(x, chunks, chunk, value):
    """`(batch, timesteps, ...)` to `(batch * chunks, chunk, ...)`."""
    batch, timesteps = ops.shape(x)[:2]
    rest = [[0, 0]] * (len(x.shape) - 2)
    padding = [[0, 0], [0, chunks * chunk - timesteps], *rest]
    x = ops.pad(x, padding, constant_values=value)
    return ops.reshape(x, (batch * chunks, chunk, *x.shape[2:]))
