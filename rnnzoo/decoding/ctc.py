"""From the logits of every step to labels: CTC's decoders.

Labels are 1 and above; 0 is the blank of the logits and pads what is returned.
Graves, Fernandez, Gomez and Schmidhuber 2006,
https://doi.org/10.1145/1143844.1143891.
"""

from keras import ops

from rnnzoo.decoding.beam import IMPOSSIBLE
from rnnzoo.text import PAD

BLANK = PAD
# The logarithm of no probability: finite, so that sums and gradients are.
NEVER = -1e9


def ctc_greedy_search(logits, mask=None):
    """The labels of the likeliest alignment.

    That takes the likeliest of labels and blank at each step, and leaves out
    repeats first and then blanks.

    Args:
        logits: `(batch, timesteps, 1 + labels)`, blank first.
        mask: bool `(batch, timesteps)` or None. Masked steps are as if they
            were not there.

    Returns:
        `(labels, scores)`: ids `(batch, timesteps)` in int32, pad after them;
        and the log-probability `(batch,)` of the alignment in float32.
    """
    gains = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    ids = ops.cast(ops.argmax(gains, axis=-1), "int32")
    gains = ops.max(gains, axis=-1)
    if mask is not None:
        mask = ops.cast(mask, "bool")
        gains = ops.where(mask, gains, 0.0)
        ids = moved_left(ids, mask)
    before = ops.pad(ids, ((0, 0), (1, 0)))[:, :-1]
    labels = moved_left(ids, (ids != BLANK) & (ids != before))
    return labels, ops.sum(gains, axis=1)


def ctc_beam_search(logits, width, mask=None, max_length=None):
    """Keeps the `width` likeliest beginnings of labels at each step.

    The probability of labels is the sum over their alignments, those that
    pass through beginnings which were dropped excepted. A beam as wide as
    there are sequences of labels therefore is exact. For labels l with the
    last one e, by alignments that end with blank (b) or with a label (n),

        p_b(l)     = (p_b(l) + p_n(l)) y(blank)
        p_n(l)     = p_n(l) y(e)
        p_n(l + c) = p_b(l) y(c)             if c = e
                   = (p_b(l) + p_n(l)) y(c)  otherwise

    where the third adds to the second if l + c is a beginning already kept.

    Args:
        logits: `(batch, timesteps, 1 + labels)`, blank first.
        width: int. Number of beams.
        mask: bool `(batch, timesteps)` or None. Masked steps are as if they
            were not there.
        max_length: int or None. Most labels of a row; None for as many as
            there are steps. Time and memory of a step grow with
            width x width x max_length.

    Returns:
        `(labels, scores)`: ids `(batch, width, max_length)` in int32, best
        first, pad after them; and their log-probabilities `(batch, width)` in
        float32, below `IMPOSSIBLE` where there are fewer than beams.
    """
    gains = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    batch, timesteps, _ = ops.shape(gains)
    classes = gains.shape[-1]
    if mask is None:
        mask = ops.ones((batch, timesteps), "bool")
    mask = ops.cast(mask, "bool")
    if max_length is None:
        max_length = timesteps
    position = ops.arange(max_length, dtype="int32")
    row = ops.arange(batch, dtype="int32")[:, None] * width

    def unfinished(t, labels, lengths, with_blank, with_label):
        return t < timesteps

    def body(t, labels, lengths, with_blank, with_label):
        gain = gains[:, t]
        total = ops.logaddexp(with_blank, with_label)
        written = position < lengths[..., None]
        at_last = position == lengths[..., None] - 1
        last = ops.sum(ops.where(at_last, labels, 0), axis=-1)

        # === One label more: (batch, width, classes), blank never ===
        ids = ops.arange(classes, dtype="int32")
        again = ids == last[..., None]
        longer = ops.where(again, with_blank[..., None], total[..., None])
        longer = longer + gain[:, None]
        room = (lengths < max_length)[..., None]
        longer = ops.where(room & (ids != BLANK), longer, NEVER)

        # === The same labels: (batch, width) ===
        last_gain = ops.take_along_axis(gain, last, axis=1)
        stays_blank = total + gain[:, :1]
        stays_label = ops.where(lengths > 0, with_label + last_gain, NEVER)

        # === Beginning j is beginning i and one label more ===
        parents = ops.where(written & ~at_last, labels, 0)
        same = ops.all(labels[:, :, None] == parents[:, None], axis=-1)
        follows = (
            same
            & (lengths[:, :, None] + 1 == lengths[:, None])
            & (total > IMPOSSIBLE)[:, None]
        )
        steps = ops.take_along_axis(
            longer, ops.repeat(last[:, None], width, axis=1), axis=2
        )
        merged = ops.max(ops.where(follows, steps, NEVER), axis=1)
        stays_label = ops.logaddexp(stays_label, merged)
        taken = ops.matmul(
            ops.cast(follows, "float32"), ops.cast(again, "float32")
        )
        longer = ops.where(taken > 0, NEVER, longer)

        # === The best of them; the place of blank stands for no label ===
        stays = ops.logaddexp(stays_blank, stays_label)[..., None]
        totals = ops.concatenate([stays, longer[..., 1:]], axis=-1)
        totals = ops.reshape(totals, (-1, width * classes))
        found, best = ops.top_k(totals, width)
        best = ops.cast(best, "int32")
        parent, label = best // classes, best % classes
        index = ops.reshape(row + parent, (-1,))

        def chosen(x):
            rest = ops.shape(x)[2:]
            flat = ops.take(ops.reshape(x, (-1, *rest)), index, axis=0)
            return ops.reshape(flat, (-1, width, *rest))

        grows = label != BLANK
        old = chosen(lengths)
        here = (position == old[..., None]) & grows[..., None]
        new = (
            ops.where(here, label[..., None], chosen(labels)),
            old + ops.cast(grows, "int32"),
            ops.where(grows, NEVER, chosen(stays_blank)),
            ops.where(grows, found, chosen(stays_label)),
        )
        valid = mask[:, t]
        kept = (labels, lengths, with_blank, with_label)
        return t + 1, *(
            ops.where(ops.reshape(valid, (-1, *[1] * (len(n.shape) - 1))), n, k)
            for n, k in zip(new, kept, strict=True)
        )

    beams = ops.arange(width, dtype="int32")
    shape = (batch, width)
    start = (
        ops.convert_to_tensor(0, "int32"),
        ops.zeros((*shape, max_length), "int32"),
        ops.zeros(shape, "int32"),
        # Beams start alike; only the first may be continued.
        ops.zeros(shape) + ops.where(beams == 0, 0.0, NEVER),
        ops.full(shape, NEVER, "float32"),
    )
    _, labels, _, with_blank, with_label = ops.while_loop(
        unfinished, body, start
    )
    return labels, ops.logaddexp(with_blank, with_label)


def moved_left(ids, keep):
    """`ids` `(batch, n)` where `keep` is set, in order, pad after them."""
    length = ops.shape(ids)[1]
    place = ops.arange(length, dtype="int32")
    order = ops.argsort(ops.where(keep, place, place + length), axis=1)
    moved = ops.take_along_axis(ids, ops.cast(order, "int32"), axis=1)
    count = ops.sum(ops.cast(keep, "int32"), axis=1, keepdims=True)
    return ops.where(place < count, moved, PAD)
