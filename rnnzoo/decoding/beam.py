"""Beam search."""

from keras import ops, tree

from rnnzoo.decoding import rules
from rnnzoo.decoding.scores import rank
from rnnzoo.text import END, PAD

# Below any sum of log-probabilities; beams that no sequence was left for.
IMPOSSIBLE = -1e8


def beam_search(step, states, first, options, bonus=None):
    """Keeps the `options.beam_width` best beginnings at each step.

    A beginning that has ended is frozen and competes as it is. All compete by
    their `rank`. Stops when all have ended.

    Only the likeliest tokens of each beam are looked at, so that a step costs
    little beside its own products.

    Args:
        step: function `(tokens, states) -> (logits, states)` on
            `(batch * width,)` ids, the beams of a row one after the other.
        states: tree of tensors `(batch, ...)`, before the first token.
        first: int32 `(batch,)`, the tokens to begin after.
        options: `Options`.
        bonus: function of states to `(batch * width,)`, which is added to the
            ranks; None: nothing is.

    Returns:
        `(tokens, scores, gains)`, best first: ids `(batch, width,
        max_length)` in int32, the end token included, pad after it; the
        sums of their log-probabilities `(batch, width)` in float32, below
        `IMPOSSIBLE` where there are fewer sequences than beams; and the
        log-probabilities `(batch, width, max_length)`.
    """
    width, max_length = options.beam_width, options.max_length
    alpha = options.length_penalty
    batch_size = ops.shape(first)[0]
    position = ops.arange(max_length, dtype="int32")
    row = ops.arange(batch_size, dtype="int32")[:, None] * width

    def ranks(totals, lengths, states, shape):
        found = rank(totals, lengths, alpha)
        if bonus is None:
            return found
        return found + ops.reshape(bonus(states), shape)

    def unfinished(t, last, written, states):
        return ops.logical_and(t < max_length, ops.any(~written["ended"]))

    def body(t, last, written, states):
        logits, states = step(ops.reshape(last, (-1,)), states)
        logits = ops.cast(logits, "float32")
        before = ops.reshape(written["tokens"], (-1, max_length))
        ids, gains, appeals = likeliest(logits, before, t, width, options)
        count = ids.shape[-1]

        # A frozen beam goes on in one way only: pad, at no cost.
        ended = written["ended"][..., None]
        only = ops.arange(count, dtype="int32") == 0
        frozen = ops.where(only, 0.0, rules.NEVER)
        beams = (-1, width, count)
        ids = ops.where(ended, PAD, ops.reshape(ids, beams))
        gains = ops.where(ended, frozen, ops.reshape(gains, beams))
        appeals = ops.where(ended, frozen, ops.reshape(appeals, beams))
        lengths = written["lengths"] + ops.cast(~written["ended"], "int32")
        totals = written["appeals"][..., None] + appeals
        found = ranks(totals, lengths[..., None], states, (-1, width, 1))

        flat = (-1, width * count)
        _, best = ops.top_k(ops.reshape(found, flat), width)
        best = ops.cast(best, "int32")

        def chosen(x):
            return ops.take_along_axis(ops.reshape(x, flat), best, axis=1)

        last, gain = chosen(ids), chosen(gains)
        index = ops.reshape(row + best // count, (-1,))

        def follow(x):
            """Rows `(batch * width, ...)` of the beams that were chosen."""
            return ops.take(x, index, axis=0)

        def parents(x):
            flat = follow(ops.reshape(x, (-1, *x.shape[2:])))
            return ops.reshape(flat, (-1, width, *x.shape[2:]))

        here = position == t
        written = {
            "tokens": ops.where(
                here, last[..., None], parents(written["tokens"])
            ),
            "gains": ops.where(
                here, gain[..., None], parents(written["gains"])
            ),
            "scores": parents(written["scores"]) + gain,
            "appeals": chosen(totals),
            "lengths": parents(lengths),
            "ended": ops.logical_or(parents(written["ended"]), last == END),
        }
        return t + 1, last, written, tree.map_structure(follow, states)

    shape = (batch_size, width)
    # Beams start alike; only the first may be continued.
    alone = ops.arange(width, dtype="int32") == 0
    start = ops.zeros(shape) + ops.where(alone, 0.0, rules.NEVER)
    written = {
        "tokens": ops.zeros((*shape, max_length), "int32"),
        "gains": ops.zeros((*shape, max_length)),
        "scores": start,
        "appeals": start,
        "lengths": ops.zeros(shape, "int32"),
        "ended": ops.zeros(shape, "bool"),
    }
    last = ops.repeat(first[:, None], width, axis=1)
    _, _, written, states = ops.while_loop(
        unfinished,
        body,
        (
            ops.convert_to_tensor(0, "int32"),
            last,
            written,
            repeat_beams(states, width),
        ),
    )
    found = ranks(written["appeals"], written["lengths"], states, (-1, width))
    order = ops.argsort(-found, axis=1)
    scores = ops.take_along_axis(written["scores"], order, axis=1)
    order = order[..., None]
    return (
        ops.take_along_axis(written["tokens"], order, axis=1),
        scores,
        ops.take_along_axis(written["gains"], order, axis=1),
    )


def likeliest(logits, tokens, t, width, options):
    """The `width` best tokens that may follow, and a few that may not.

    What may not follow keeps its share of the probability: were it spread
    over the others, a beginning would gain by what is forbidden to it.

    Args:
        logits: float32 `(rows, vocabulary)`, the model's.
        tokens: int32 `(rows, max_length)`, what was written, then pad.
        t: int or scalar tensor. How much was written.
        width: int.
        options: `Options`.

    Returns:
        `(ids, gains, appeals)`, each `(rows, n)`: log-probabilities of the
        model, and of what the search sees; `NEVER` for what may not follow.
    """
    looks = rules.adjusted(logits, tokens, options)
    left = rules.without_repeats(looks, tokens, t, options)
    count = min(width + rules.MOST_FORBIDDEN, logits.shape[-1])
    values, ids = ops.top_k(left, count)
    ids = ops.cast(ids, "int32")
    never = rules.may_not_follow(ids, values, t, options)
    appeals = log_shares(values, looks, ids[:, :1] if left is looks else None)
    gains = appeals
    if looks is not logits:
        own = ops.take_along_axis(logits, ids, axis=-1)
        gains = log_shares(own, logits)
    return (
        ids,
        ops.where(never, rules.NEVER, gains),
        ops.where(never, rules.NEVER, appeals),
    )


def log_shares(chosen, logits, best=None):
    """Log-probabilities of some of the logits: log softmax of few, not all.

    Args:
        chosen: float32 `(rows, n)`, some of `logits`.
        logits: float32 `(rows, vocabulary)`.
        best: int `(rows, 1)`, where the highest logit is; None: it is found.
    """
    if best is None:
        best = ops.argmax(logits, axis=-1, keepdims=True)
    highest = ops.take_along_axis(logits, best, axis=-1)
    # 1 / sum(exp(logits - highest)). Written out, this sum takes three passes
    # over the logits; softmax is one.
    share = ops.take_along_axis(ops.softmax(logits, axis=-1), best, axis=-1)
    # In this order: what is likely is near 0, and exact there.
    return (chosen - highest) + ops.log(share)


def repeat_beams(states, width):
    """Each row of each tensor `(batch, ...)`, `width` times in a row."""
    return tree.map_structure(lambda x: ops.repeat(x, width, axis=0), states)
