"""Beam search."""

from keras import ops, tree

from rnnzoo.decoding.greedy import writable
from rnnzoo.text import BEGIN, END, PAD

# Below any sum of log-probabilities; beams that no sequence was left for.
IMPOSSIBLE = -1e8


def beam_search(
    step, states, batch_size, max_length, width, length_penalty=1.0
):
    """Keeps the `width` best beginnings at each step.

    A beginning that has ended is frozen and competes as it is. All compete by
    their `rank`. Stops when all have ended.

    Args:
        step: function `(tokens, states) -> (logits, states)` on
            `(batch * width,)` ids; see `repeat_beams` for what else it holds.
        states: tree of tensors `(batch, ...)`, before the first token.
        batch_size: int or scalar tensor.
        max_length: int. Longest sequence, the end token included.
        width: int. Number of beams.
        length_penalty: float. 0: none; above 0 favours longer sequences.

    Returns:
        `(tokens, scores)`: ids `(batch, width, max_length)` in int32, best
        first, the end token included, pad after it; and their sums of
        log-probabilities `(batch, width)` in float32, below `IMPOSSIBLE` where
        there are fewer sequences than beams.
    """
    position = ops.arange(max_length, dtype="int32")
    beams = ops.arange(width, dtype="int32")
    row = ops.arange(batch_size, dtype="int32")[:, None] * width

    def unfinished(t, tokens, scores, lengths, last, ended, states):
        return ops.logical_and(t < max_length, ops.any(~ended))

    def body(t, tokens, scores, lengths, last, ended, states):
        logits, states = step(ops.reshape(last, (-1,)), states)
        vocabulary = logits.shape[-1]
        gains = ops.reshape(writable(logits), (-1, width, vocabulary))
        # A frozen beam goes on in one way only: pad, at no cost.
        ids = ops.arange(vocabulary, dtype="int32")
        frozen = ops.where(ids == PAD, 0.0, -1e9)
        gains = ops.where(ended[..., None], frozen, gains)
        totals = scores[..., None] + gains
        grown = lengths + ops.cast(~ended, "int32")
        ranks = rank(totals, grown[..., None], length_penalty)

        _, best = ops.top_k(ops.reshape(ranks, (-1, width * vocabulary)), width)
        best = ops.cast(best, "int32")
        scores = ops.take_along_axis(
            ops.reshape(totals, (-1, width * vocabulary)), best, axis=1
        )
        parent, last = best // vocabulary, best % vocabulary
        index = ops.reshape(row + parent, (-1,))

        def follow(x):
            """Rows `(batch * width, ...)` of the beams that were chosen."""
            return ops.take(x, index, axis=0)

        def chosen(x):
            flat = follow(ops.reshape(x, (-1, *x.shape[2:])))
            return ops.reshape(flat, (-1, width, *x.shape[2:]))

        tokens = ops.where(position == t, last[..., None], chosen(tokens))
        ended = chosen(ended) | (last == END)
        states = tree.map_structure(follow, states)
        return t + 1, tokens, scores, chosen(grown), last, ended, states

    shape = (batch_size, width)
    start = (
        ops.convert_to_tensor(0, "int32"),
        ops.zeros((*shape, max_length), "int32"),
        # Beams start alike; only the first may be continued.
        ops.zeros(shape) + ops.where(beams == 0, 0.0, -1e9),
        ops.zeros(shape, "int32"),
        ops.full(shape, BEGIN, "int32"),
        ops.zeros(shape, "bool"),
        repeat_beams(states, width),
    )
    _, tokens, scores, lengths, *_ = ops.while_loop(unfinished, body, start)
    order = ops.argsort(-rank(scores, lengths, length_penalty), axis=1)
    tokens = ops.take_along_axis(tokens, order[..., None], axis=1)
    return tokens, ops.take_along_axis(scores, order, axis=1)


def rank(scores, lengths, length_penalty):
    """What beams compete by: log-probability / ((5 + length) / 6) ** penalty.

    Of Wu et al. 2016, https://arxiv.org/abs/1609.08144, equation 14 without
    coverage; `lengths` count the end token.
    """
    lengths = ops.cast(lengths, "float32")
    return scores / ((5.0 + lengths) / 6.0) ** length_penalty


def repeat_beams(states, width):
    """Each row of each tensor `(batch, ...)`, `width` times in a row."""
    return tree.map_structure(lambda x: ops.repeat(x, width, axis=0), states)
