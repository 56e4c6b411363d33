"""Recurrences of first order that run in parallel over time.

Time is cut into some sqrt(timesteps) chunks. All chunks run side by side from
an empty state; a second loop carries the state from chunk to chunk, and one
pass adds what came from before. The work is that of the plain recurrence, in
2 sqrt(timesteps) operations that are large enough to be worth their start.
"""

import typing

from keras import ops

from rnnzoo.kernels.loop import loop


def complex_product(a, b):
    """a b of complex numbers, their two parts on the last axis but one."""
    a_re, a_im = a[..., 0, :], a[..., 1, :]
    b_re, b_im = b[..., 0, :], b[..., 1, :]
    parts = [a_re * b_re - a_im * b_im, a_re * b_im + a_im * b_re]
    return ops.stack(parts, axis=-2)


def conjugate(a):
    return ops.stack([a[..., 0, :], -a[..., 1, :]], axis=-2)


class Semiring(typing.NamedTuple):
    """`times` distributes over `plus`; `one` and `zero` change nothing.

    `one` maps a tensor to one of its shape; `zero` is a number.
    """

    times: typing.Callable
    plus: typing.Callable
    one: typing.Callable
    zero: float


def ones_of_parts(x):
    """Complex ones, of the shape of x."""
    re = ops.ones_like(x[..., 0, :])
    return ops.stack([re, ops.zeros_like(re)], axis=-2)


PLUS_TIMES = Semiring(ops.multiply, ops.add, ops.ones_like, 0.0)
COMPLEX = Semiring(complex_product, ops.add, ones_of_parts, 0.0)
MAX_PLUS = Semiring(ops.add, ops.maximum, ops.zeros_like, -1e30)


def linear_scan(decay, update, initial, is_complex=False):
    """h_t = decay_t * h_{t-1} + update_t, elementwise.

    Its gradient is the same scan, backwards.

    Args:
        decay: tensor that broadcasts to `update`; of the shape `(1, 1, ...)`
            where it is one for all steps, which is faster.
        update: tensor `(batch, timesteps, ...)`.
        initial: h_0, `(batch, ...)`.
        is_complex: bool. Whether these are complex numbers, real and
            imaginary parts on the last axis but one.

    Returns:
        h, `(batch, timesteps, ...)`, in the type of `update`.
    """
    constant = is_constant(decay)
    rows = (1, 1) if constant else ops.shape(update)[:2]
    decay = ops.broadcast_to(decay, (*rows, *update.shape[2:]))
    semiring = COMPLEX if is_complex else PLUS_TIMES

    @ops.custom_gradient
    def scan(decay, update, initial):
        h = chunked(semiring, decay, update, initial)

        def gradient(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            turned = conjugate(decay) if is_complex else decay
            # g_t = upstream_t + conj(decay_{t+1}) * g_{t+1}
            after = turned
            if not constant:
                last = ops.zeros_like(turned[:, :1])
                after = ops.concatenate([turned[:, 1:], last], axis=1)
            nothing = ops.zeros_like(initial)
            g = chunked(semiring, after, upstream, nothing, reverse=True)
            previous = ops.concatenate([initial[:, None], h[:, :-1]], axis=1)
            if is_complex:
                previous = conjugate(previous)
            of_decay = semiring.times(g, previous)
            if constant:
                of_decay = ops.sum(of_decay, axis=(0, 1), keepdims=True)
            return of_decay, g, semiring.times(turned[:, 0], g[:, 0])

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
    times, plus, _, zero = semiring
    batch, timesteps = ops.shape(update)[0], ops.shape(update)[1]
    inner = update.shape[2:]
    constant = is_constant(decay)
    if reverse:
        update = ops.flip(update, axis=1)
        decay = decay if constant else ops.flip(decay, axis=1)
    # No length below is left to be inferred: none could be for an empty batch,
    # which a replica gets where a last batch has fewer rows than replicas.
    chunk = chunk_length(timesteps)
    chunks = (timesteps + chunk - 1) // chunk
    update = to_chunks(update, chunks, chunk, zero)
    if constant:
        totals, local = inside_constant(semiring, decay, update)
        ends = ops.broadcast_to(totals[:, -1:], (1, chunks, *inner))
    else:
        decay = to_chunks(decay, chunks, chunk, zero)
        totals, local = inside(semiring, decay, update)
        ends = ops.reshape(totals[:, -1], (batch, chunks, *inner))
    last = ops.reshape(local[:, -1], (batch, chunks, *inner))

    def between(coefficients, states):
        (total, h), (before,) = coefficients, states
        return before, [plus(times(total, before), h)]

    before, _, _ = loop(between, (ends, last), [initial], initial)
    before = ops.reshape(before, (batch * chunks, 1, *inner))
    h = plus(times(totals, before), local)
    h = ops.reshape(h, (batch, chunks * chunk, *inner))[:, :timesteps]
    return ops.flip(h, axis=1) if reverse else h


def is_constant(decay):
    """Whether one decay, `(1, 1, ...)`, is that of all rows and steps."""
    return tuple(decay.shape[:2]) == (1, 1)


def inside(semiring, decay, update):
    """Each chunk from an empty state: products of decays, and states.

    `decay` and `update` are `(batch * chunks, chunk, ...)`, as are both
    results.
    """
    times, plus, one, zero = semiring

    def step(coefficients, states):
        (a, b), (total, h) = coefficients, states
        new = [times(a, total), plus(times(a, h), b)]
        return new, new

    first = update[:, 0]
    empty = [one(first), ops.full_like(first, zero)]
    (totals, local), _, _ = loop(step, (decay, update), empty, empty)
    return totals, local


def inside_constant(semiring, decay, update):
    """As `inside`; the products, `(1, chunk, ...)`, are those of all chunks."""
    times, plus, one, zero = semiring
    a = decay[:, 0]

    def multiply(decay, states):
        total = times(decay, states[0])
        return total, [total]

    def step(b, states):
        h = plus(times(a, states[0]), b)
        return h, [h]

    repeated = ops.broadcast_to(decay, (1, *ops.shape(update)[1:]))
    totals, _, _ = loop(multiply, repeated, [one(a)], a)
    empty = ops.full_like(update[:, 0], zero)
    local, _, _ = loop(step, update, [empty], empty)
    return totals, local


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
