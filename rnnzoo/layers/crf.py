"""Linear-chain conditional random fields, as functions of their scores.

Lafferty et al. 2001; with the recursions in the form used here, Collobert et
al. 2011, https://www.jmlr.org/papers/v12/collobert11a.html. The score of a
path of labels y_1 ... y_n is

    s(y) = start[y_1] + sum_t e_t[y_t] + sum_t A[y_{t-1}, y_t] + end[y_n]
    p(y) = exp(s(y)) / sum_y' exp(s(y'))

with the emissions e_t, one for each step and label, and the transitions A,
from label to label. All functions take

    emissions: float tensor (batch, timesteps, labels)
    transitions: (labels, labels), from a row's label to a column's
    start, end: (labels,)
    mask: bool (batch, timesteps) or None. Masked steps are as if deleted,
        wherever they are: the chain goes on across them.
"""

from keras import ops

from rnnzoo.kernels import loop

# The label of a step that is not known.
UNKNOWN = -1

# The score of what cannot be. Finite, so that gradients are, and so low that
# no sum of other scores makes up for it.
IMPOSSIBLE = -1e30


def log_partition(emissions, transitions, start, end, mask=None):
    """The logarithm of the sum of exp(s(y)) over all paths y.

        alpha_1 = start + e_1
        alpha_t[j] = e_t[j] + log sum_i exp(alpha_{t-1}[i] + A[i, j])
        log Z = log sum_j exp(alpha_n[j] + end[j])

    Returns:
        `(batch,)`; 0 where no step is valid.
    """
    valid = valid_steps(emissions, mask)
    _, highest, alpha = forward(emissions, transitions, start, valid)
    total = ops.logsumexp(alpha + end, axis=-1) + ops.sum(highest, axis=1)
    return ops.where(ops.any(valid, axis=1), total, ops.zeros_like(total))


def log_likelihood(emissions, labels, transitions, start, end, mask=None):
    """The log-probability of labels, of which some may be unknown.

    It is that of all paths together which agree with the known labels: the
    difference of two log-partitions.

    Args:
        labels: int `(batch, timesteps)`, -1 where unknown.

    Returns:
        `(batch,)`; 0 where no step is valid.
    """
    agrees = agreement(labels, emissions.shape[-1])
    agreeing = ops.where(agrees, emissions, impossible(emissions))
    # Both in one loop, which takes less time than two.
    both = ops.concatenate([agreeing, emissions])
    valid = valid_steps(emissions, mask)
    twice = ops.concatenate([valid, valid])
    _, highest, alpha = forward(both, transitions, start, twice)
    last = ops.logsumexp(alpha + end, axis=-1)
    rows = ops.shape(emissions)[0]
    # Of long sequences both are large: subtracted step by step, no digit of
    # what is between them is lost.
    apart = ops.sum(highest[:rows] - highest[rows:], axis=1)
    total = apart + last[:rows] - last[rows:]
    return ops.where(ops.any(valid, axis=1), total, ops.zeros_like(total))


def marginals(emissions, transitions, start, end, mask=None):
    """The probability of each label at each step, given the whole sequence.

        p(y_t = j) = exp(alpha_t[j] + beta_t[j] - log Z)

    with beta_t from the same recursion, backwards in time.

    Returns:
        `(batch, timesteps, labels)`; zeros at masked steps.
    """
    valid = valid_steps(emissions, mask)
    alpha, *_ = forward(emissions, transitions, start, valid)
    backward, *_ = forward(
        ops.flip(emissions, axis=1),
        ops.transpose(transitions),
        end,
        ops.flip(valid, axis=1),
    )
    # Both have the emission of their step.
    scores = alpha + ops.flip(backward, axis=1) - emissions
    shares = ops.softmax(scores, axis=-1)
    return ops.where(valid[..., None], shares, ops.zeros_like(shares))


def viterbi(emissions, transitions, start, end, mask=None):
    """The best path and its score s(y).

        delta_1 = start + e_1
        delta_t[j] = e_t[j] + max_i (delta_{t-1}[i] + A[i, j])
        back_t[j] = the i of that maximum

    Returns:
        `(paths, scores)`: int32 `(batch, timesteps)`, 0 at masked steps, and
        `(batch,)`, 0 where no step is valid.
    """
    valid = valid_steps(emissions, mask)
    places = ops.arange(emissions.shape[-1], dtype="int32")[None]
    # Where there is no step before, and at masked steps, the way back stays
    # with its label.
    stay = ops.broadcast_to(places, ops.shape(emissions[:, 0]))

    def step(inputs_t, states):
        e_t, valid_t, first_t = inputs_t
        (delta,) = states
        scores = delta[:, :, None] + transitions
        best = ops.where(first_t, start, ops.max(scores, axis=1))
        back = ops.cast(ops.argmax(scores, axis=1), "int32")
        back = ops.where(valid_t & ~first_t, back, stay)
        new, highest = without_highest(best + e_t, valid_t)
        return (back, highest), [ops.where(valid_t, new, delta)]

    inputs = (emissions, *by_step(valid))
    initial = ops.zeros_like(emissions[:, 0])
    outputs = (stay, initial[:, :1])
    (backs, highest), _, (delta,) = loop(step, inputs, [initial], outputs)

    def step_back(back_t, states):
        (label,) = states
        chosen = ops.equal(places, label[:, None])
        before = ops.sum(ops.where(chosen, back_t, 0), axis=1)
        # JAX adds int32 up to int64, where it is told to have that.
        return label, [ops.cast(before, "int32")]

    last = ops.cast(ops.argmax(delta + end, axis=-1), "int32")
    paths, _, _ = loop(step_back, ops.flip(backs, axis=1), [last], last)
    paths = ops.where(valid, ops.flip(paths, axis=1), 0)
    scores = ops.max(delta + end, axis=-1) + ops.sum(highest[..., 0], axis=1)
    some = ops.any(valid, axis=1)
    return paths, ops.where(some, scores, ops.zeros_like(scores))


# === Parts of them ===


def forward(emissions, transitions, start, valid):
    """The scores alpha, whose largest is kept apart: it grows with time.

    Returns:
        `(alphas, highest, last)`: the scores of every step without their
        largest `(batch, timesteps, labels)`; what it has grown by, `(batch,
        timesteps)`, whose sum so far belongs to them; and the scores of the
        last valid step `(batch, labels)`.
    """

    def step(inputs_t, states):
        e_t, valid_t, first_t = inputs_t
        (alpha,) = states
        scores = ops.logsumexp(alpha[:, :, None] + transitions, axis=1)
        new = e_t + ops.where(first_t, start, scores)
        new, highest = without_highest(new, valid_t)
        alpha = ops.where(valid_t, new, alpha)
        return (alpha, highest), [alpha]

    initial = ops.zeros_like(emissions[:, 0])
    inputs = (emissions, *by_step(valid))
    outputs = (initial, initial[:, :1])
    (alphas, highest), _, (last,) = loop(step, inputs, [initial], outputs)
    return alphas, highest[..., 0], last


def without_highest(scores, valid):
    """`(scores, highest)`: less the highest, which is 0 where not `valid`."""
    highest = ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    return scores - highest, ops.where(valid, highest, ops.zeros_like(highest))


def valid_steps(emissions, mask):
    """The mask as a bool tensor, also where there is none."""
    if mask is None:
        return ops.ones(ops.shape(emissions)[:2], "bool")
    return ops.cast(mask, "bool")


def by_step(valid):
    """`(valid, first)`, bool `(batch, timesteps, 1)`: first of the valid."""
    count = ops.cumsum(ops.cast(valid, "int32"), axis=1)
    first = valid & ops.equal(count, 1)
    return valid[..., None], first[..., None]


def agreement(labels, num_labels):
    """Bool `(batch, timesteps, labels)`: what each step may be labelled."""
    labels = ops.cast(labels, "int32")[..., None]
    places = ops.arange(num_labels, dtype="int32")
    return ops.equal(labels, UNKNOWN) | ops.equal(labels, places)


def impossible(like):
    return ops.full_like(like, IMPOSSIBLE)
