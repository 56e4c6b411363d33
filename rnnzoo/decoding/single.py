"""Sequences that grow by themselves: greedy search, and random ones."""

from keras import ops

from rnnzoo.decoding import rules
from rnnzoo.decoding.beam import log_shares
from rnnzoo.text import END, PAD

# Any lower temperature takes the likeliest token as well; float32 has none
# below 1e-38.
COLDEST = 1e-30


def greedy_search(step, states, first, options):
    """Takes the likeliest token at each step; see `write`."""

    def choose(looks, t):
        return ops.cast(ops.argmax(looks, axis=-1), "int32")

    return write(step, states, first, options, choose)


def sample(step, states, first, options, uniform):
    """Draws a token at each step; see `write`.

    Args:
        uniform: float32 `(rows, max_length)` from [0, 1): what each step
            draws with, so that the same numbers give the same sequences.
    """

    def choose(looks, t):
        u = ops.take(uniform, t, axis=1)[:, None]
        return drawn(looks, u, options)

    return write(step, states, first, options, choose)


def write(step, states, first, options, choose):
    """Grows each sequence until it ends; stops when all have ended.

    Pad and begin are never written.

    Args:
        step: function `(tokens, states) -> (logits, states)` of ids
            `(rows,)` to `(rows, vocabulary)`; states keep shapes and types.
        states: tree of tensors `(rows, ...)`, before the first token.
        first: int32 `(rows,)`, the tokens to begin after.
        options: `Options`.
        choose: function `(logits, t) -> ids` of the logits that the options
            leave, `NEVER` where a token may not follow.

    Returns:
        `(tokens, scores, gains)`: ids `(rows, max_length)` in int32, the end
        token included, pad after it; the sum of their log-probabilities
        `(rows,)` in float32; and these, `(rows, max_length)`.
    """
    max_length = options.max_length
    position = ops.arange(max_length, dtype="int32")[None]

    def unfinished(t, last, tokens, gains, ended, states):
        return ops.logical_and(t < max_length, ops.any(~ended))

    def body(t, last, tokens, gains, ended, states):
        logits, states = step(last, states)
        logits = ops.cast(logits, "float32")
        looks = rules.adjusted(logits, tokens, options)
        looks = rules.without_repeats(looks, tokens, t, options)
        ids = ops.arange(logits.shape[-1], dtype="int32")[None]
        never = rules.may_not_follow(ids, looks, t, options)
        looks = ops.where(never, rules.NEVER, looks)
        last = choose(looks, t)
        own = ops.take_along_axis(logits, last[:, None], axis=-1)
        gain = ops.where(ended, 0.0, log_shares(own, logits)[:, 0])
        last = ops.where(ended, PAD, last)
        here = position == t
        return (
            t + 1,
            last,
            ops.where(here, last[:, None], tokens),
            ops.where(here, gain[:, None], gains),
            ops.logical_or(ended, last == END),
            states,
        )

    shape = (ops.shape(first)[0], max_length)
    start = (
        ops.convert_to_tensor(0, "int32"),
        first,
        ops.zeros(shape, "int32"),
        ops.zeros(shape, "float32"),
        ops.zeros(shape[:1], "bool"),
        states,
    )
    _, _, tokens, gains, *_ = ops.while_loop(unfinished, body, start)
    return tokens, ops.sum(gains, axis=-1), gains


def drawn(looks, uniform, options):
    """Ids `(rows,)` drawn from softmax(looks / temperature).

    The tokens lie on [0, 1) by their shares, the likeliest first where
    `top_k` or `top_p` cut; each row gets the one that its number falls on.

    Args:
        looks: float32 `(rows, vocabulary)`.
        uniform: `(rows, 1)` from [0, 1).
        options: `Options`.
    """
    ids = None
    if not (options.top_k is options.top_p is None):
        vocabulary = looks.shape[-1]
        count = min(options.top_k or vocabulary, vocabulary)
        looks, ids = ops.top_k(looks, count)
    # Below 0 before it is divided: no temperature makes it overflow, and none
    # lets what may not follow in.
    below = looks - ops.max(looks, axis=-1, keepdims=True)
    if options.temperature is not None:
        below = below / max(options.temperature, COLDEST)
    shares = ops.where(looks <= rules.NEVER, 0.0, ops.exp(below))
    if options.top_p is not None:
        # A token counts if those before it have not yet reached the limit.
        ends = ops.cumsum(shares, axis=-1)
        limit = options.top_p * ends[:, -1:]
        shares = ops.where(ends - shares < limit, shares, 0.0)
    place = fallen_on(shares, uniform)
    if ids is None:
        return place
    chosen = ops.take_along_axis(ids, place[:, None], axis=-1)
    return ops.cast(chosen[:, 0], "int32")


def fallen_on(shares, uniform):
    """The place `(rows,)` that a number falls on, in int32.

    Args:
        shares: float32 `(rows, n)`, 0 and above: lengths that lie side by
            side, in all the length that the number is a part of.
        uniform: `(rows, 1)` from [0, 1).
    """
    ends = ops.cumsum(shares, axis=-1)
    # The first whose end lies above; rounding must not step behind the last.
    place = ops.sum(ops.cast(ends <= uniform * ends[:, -1:], "int32"), axis=-1)
    last = shares.shape[-1] - 1 - ops.argmax(shares[:, ::-1] > 0, axis=-1)
    return ops.minimum(place, ops.cast(last, "int32"))
