"""Which tokens may follow, and how likely they look to the search."""

from keras import ops

from rnnzoo.text import BEGIN, END, PAD

# Below any log-probability that a sequence could be chosen by.
NEVER = -1e9


def adjusted(logits, tokens, options):
    """Logits `(rows, vocabulary)` as the options of a search want them.

    Args:
        logits: float32 `(rows, vocabulary)`, the model's.
        tokens: int32 `(rows, max_length)`, what was written, then pad.
        options: `Options`.

    Returns:
        `logits` themselves where no option changes them, for the search to
        tell by.
    """
    if options.repetition_penalty == 1.0:
        return logits
    return penalised(logits, tokens, options.repetition_penalty)


def without_repeats(logits, tokens, t, options):
    """Logits with `NEVER` at what would write an n-gram again.

    Args:
        logits, tokens, options: as of `adjusted`.
        t: int or scalar tensor. How much was written.

    Returns:
        `logits` themselves where the options forbid no n-gram.
    """
    n = options.no_repeat_ngram
    if not n:
        return logits
    again = repeating(tokens, t, n, logits.shape[-1])
    return ops.where(again, NEVER, logits)


def penalised(logits, tokens, penalty):
    """Logits over `penalty`, or times it below 0, of tokens written already.

    Of Keskar et al. 2019, https://arxiv.org/abs/1909.05858, section 4.1, in
    the form that also holds for negative logits.
    """
    rows, vocabulary = ops.shape(tokens)[0], logits.shape[-1]
    written = marks(tokens, tokens != PAD, rows, vocabulary)
    less = ops.where(logits > 0, logits / penalty, logits * penalty)
    return ops.where(written, less, logits)


def repeating(tokens, t, n, vocabulary):
    """Bool `(rows, vocabulary)`: tokens that would write an n-gram again."""
    rows, length = ops.shape(tokens)[0], tokens.shape[1]
    if n > length:
        return ops.zeros((rows, vocabulary), "bool")
    # The last n - 1 tokens, against those before each earlier place.
    starts = ops.arange(length - n + 1, dtype="int32")
    match = ops.broadcast_to(starts + n <= t, (rows, length - n + 1))
    for place in range(n - 1):
        at = ops.clip(t - (n - 1) + place, 0, length - 1)
        recent = ops.take(tokens, at, axis=1)[:, None]
        earlier = tokens[:, place : place + length - n + 1]
        match = ops.logical_and(match, ops.equal(earlier, recent))
    return marks(tokens[:, n - 1 :], match, rows, vocabulary)


def marks(ids, chosen, rows, vocabulary):
    """Bool `(rows, vocabulary)`: set at the `ids` of each row, where chosen."""
    row = ops.arange(rows, dtype="int32")[:, None]
    places = ops.reshape(row * vocabulary + ids, (-1, 1))
    values = ops.reshape(ops.cast(chosen, "float32"), (-1,))
    counts = ops.scatter(places, values, (rows * vocabulary,))
    return ops.reshape(counts, (-1, vocabulary)) > 0


def may_not_follow(ids, looks, t, options):
    """Bool, of the shape of `ids`: what is not written, or not yet.

    Args:
        ids: int32 `(rows, n)`, tokens.
        looks: float32 `(rows, n)`, their logits as `without_repeats`.
        t: int or scalar tensor. How much was written.
        options: `Options`.
    """
    is_end = ops.equal(ids, END)
    never = ops.logical_or(ops.equal(ids, PAD), ops.equal(ids, BEGIN))
    never = ops.logical_or(never, looks <= NEVER)
    if options.min_length > 1:
        too_early = ops.logical_and(is_end, t + 1 < options.min_length)
        never = ops.logical_or(never, too_early)
        # Where no token is left, a short end is better than none.
        stuck = ops.all(never, axis=-1, keepdims=True)
        never = ops.logical_and(
            never, ops.logical_not(ops.logical_and(stuck, is_end))
        )
    return never


# How many of the likeliest tokens may be pad, begin and a too early end.
MOST_FORBIDDEN = 3
