"""Recurrences of first order that run in parallel over time.

Time is cut into some sqrt(timesteps) chunks. All chunks run side by side from
an empty state; a second loop carries the state from chunk to chunk, and one
pass adds what came from before. The work is that of the plain recurrence, in
2 sqrt(timesteps) operations that are large enough to be worth their start.

Numbers are lists of tensors: one of a real number, two of a complex one.
"""

import typing

from keras import ops

from rnnzoo.kernels.loop import loop


class Semiring(typing.NamedTuple):
    """`times` distributes over `plus`; `one` and `zero` change nothing.

    The last two are given by their parts.
    """

    times: typing.Callable
    plus: typing.Callable
    one: tuple
    zero: tuple


def times(a, b):
    return [a[0] * b[0]]


def complex_times(a, b):
    (a_re, a_im), (b_re, b_im) = a, b
    return [a_re * b_re - a_im * b_im, a_re * b_im + a_im * b_re]


# `x + y`, since `keras.ops.add` refuses a vector beside an empty batch.
def plus(a, b):
    return [x + y for x, y in zip(a, b, strict=True)]


def maximum(a, b):
    return [ops.maximum(a[0], b[0])]


REAL = Semiring(times, plus, (1.0,), (0.0,))
COMPLEX = Semiring(complex_times, plus, (1.0, 0.0), (0.0, 0.0))
MAX_PLUS = Semiring(plus, maximum, (0.0,), (-1e30,))


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
    semiring = COMPLEX if is_complex else REAL

    def number(x):
        return ops.unstack(x, axis=-2) if is_complex else [x]

    def tensor(parts):
        return ops.stack(parts, axis=-2) if is_complex else parts[0]

    def conjugate(parts):
        return [parts[0], *(-part for part in parts[1:])]

    @ops.custom_gradient
    def scan(decay, update, initial):
        h = chunked(semiring, number(decay), number(update), number(initial))

        def gradient(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            turned = conjugate(number(decay))
            # g_t = upstream_t + conj(decay_{t+1}) * g_{t+1}
            after = turned if constant else [move_up(x) for x in turned]
            nothing = [ops.zeros_like(x) for x in number(initial)]
            g = chunked(semiring, after, number(upstream), nothing, True)
            previous = [
                ops.concatenate([x[:, None], y[:, :-1]], axis=1)
                for x, y in zip(number(initial), h, strict=True)
            ]
            of_decay = semiring.times(g, conjugate(previous))
            if constant:
                of_decay = [
                    ops.sum(x, axis=(0, 1), keepdims=True) for x in of_decay
                ]
            first = semiring.times(
                [x[:, 0] for x in turned], [x[:, 0] for x in g]
            )
            return tensor(of_decay), tensor(g), tensor(first)

        return tensor(h), gradient

    return scan(decay, update, initial)


def move_up(x):
    """Each step's successor; zero after the last."""
    return ops.concatenate([x[:, 1:], ops.zeros_like(x[:, :1])], axis=1)


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
        [ops.stop_gradient(t)] for t in (decay, candidate, initial)
    )
    (m,) = chunked(MAX_PLUS, decay, candidate, initial)
    return ops.stop_gradient(m)


def chunked(semiring, decay, update, initial, reverse=False):
    """h_t = plus(times(decay_t, h_{t-1}), update_t), chunk by chunk.

    All are numbers; `reverse` runs from the last step to the first.
    """
    batch, timesteps = ops.shape(update[0])[:2]
    inner = update[0].shape[2:]
    constant = is_constant(decay[0])
    if reverse:
        update = [ops.flip(x, axis=1) for x in update]
        if not constant:
            decay = [ops.flip(x, axis=1) for x in decay]
    # No length below is left to be inferred: none could be for an empty batch,
    # which a replica gets where a last batch has fewer rows than replicas.
    chunk = chunk_length(timesteps)
    chunks = (timesteps + chunk - 1) // chunk
    update = [
        to_chunks(x, chunks, chunk, zero)
        for x, zero in zip(update, semiring.zero, strict=True)
    ]
    if constant:
        totals, local = inside_constant(semiring, decay, update)
        ends = [
            ops.broadcast_to(x[:, -1:], (1, chunks, *inner)) for x in totals
        ]
    else:
        # What follows the last step makes no difference.
        decay = [to_chunks(x, chunks, chunk, 0.0) for x in decay]
        totals, local = inside(semiring, decay, update)
        ends = [ops.reshape(x[:, -1], (batch, chunks, *inner)) for x in totals]
    last = [ops.reshape(x[:, -1], (batch, chunks, *inner)) for x in local]

    def between(coefficients, before):
        total, h = coefficients
        return before, semiring.plus(semiring.times(total, before), h)

    before, _, _ = loop(between, (ends, last), initial, initial)
    before = [ops.reshape(x, (batch * chunks, 1, *inner)) for x in before]
    h = semiring.plus(semiring.times(totals, before), local)
    h = [ops.reshape(x, (batch, chunks * chunk, *inner)) for x in h]
    h = [x[:, :timesteps] for x in h]
    return [ops.flip(x, axis=1) for x in h] if reverse else h


def is_constant(decay):
    """Whether one decay, `(1, 1, ...)`, is that of all rows and steps."""
    return tuple(decay.shape[:2]) == (1, 1)


def inside(semiring, decay, update):
    """Each chunk from an empty state: products of decays, and states.

    `decay` and `update` are `(batch * chunks, chunk, ...)`, as are both
    results.
    """
    count = len(update)

    def step(coefficients, states):
        (a, b), (total, h) = coefficients, (states[:count], states[count:])
        new = semiring.times(a, total)
        new = new + semiring.plus(semiring.times(a, h), b)
        return new, new

    empty = [
        ops.full_like(x[:, 0], value)
        for values in (semiring.one, semiring.zero)
        for x, value in zip(update, values, strict=True)
    ]
    outputs, _, _ = loop(step, (decay, update), empty, empty)
    return outputs[:count], outputs[count:]


def inside_constant(semiring, decay, update):
    """As `inside`; the products, `(1, chunk, ...)`, are those of all chunks."""
    a = [x[:, 0] for x in decay]

    def multiply(decay, total):
        total = semiring.times(decay, total)
        return total, total

    def step(b, h):
        h = semiring.plus(semiring.times(a, h), b)
        return h, h

    shape = (1, *ops.shape(update[0])[1:])
    repeated = [ops.broadcast_to(x, shape) for x in decay]
    one, empty = (
        [ops.full_like(x, v) for x, v in zip(numbers, values, strict=True)]
        for numbers, values in (
            (a, semiring.one),
            ([x[:, 0] for x in update], semiring.zero),
        )
    )
    totals, _, _ = loop(multiply, repeated, one, one)
    local, _, _ = loop(step, update, empty, empty)
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
