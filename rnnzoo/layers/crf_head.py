"""From features to labels that depend on each other, step to step."""

import keras
import numpy as np
from keras import ops

from rnnzoo import metrics
from rnnzoo.cells.checks import positive_integer
from rnnzoo.inputs import as_array, check_labels
from rnnzoo.layers import crf
from rnnzoo.layers.head import head_dtype
from rnnzoo.layers.tag_schemes import END, START


@keras.saving.register_keras_serializable("rnnzoo")
class CRFHead(keras.layers.Layer):
    """A conditional random field: the labels of a sequence, as a whole.

    Lafferty et al. 2001; as the last layer of a recurrent network, Lample et
    al. 2016, https://arxiv.org/abs/1603.01360. With the emissions e_t, which
    are a linear map of the features, and weights A, start and end:

        s(y) = start[y_1] + sum_t e_t[y_t] + sum_t A[y_{t-1}, y_t] + end[y_n]
        p(y) = exp(s(y)) / sum_y' exp(s(y'))

    The loss is -log p, the best labels are found by the algorithm of Viterbi.
    Masked steps are as if deleted. A label of -1 is not known: all labels are
    possible there, and the step counts in no metric.

    Args:
        num_outputs: int. Number of labels.
        forbidden: list of pairs `(from, to)`. Labels that never follow each
            other. `("start", label)`: none begins with it; `(label, "end")`:
            none ends with it. See `rnnzoo.layers.forbidden_transitions`.

    Call arguments:
        features: `(batch, timesteps, features)`, or `(batch, features)`.

    Returns:
        The emissions `(batch, timesteps, num_outputs)` or
        `(batch, num_outputs)`, in float32 at least.

    Raises:
        ValueError: no positive number of outputs, a pair that is none of
            labels, or no label left to begin, to go on or to end with.

    Example:

    ```python
    tags = ["O", "B-PER", "I-PER"]
    forbidden = rnnzoo.layers.forbidden_transitions(tags)
    head = rnnzoo.layers.CRFHead(3, forbidden=forbidden)
    emissions = head(np.ones((2, 5, 8)))   # (2, 5, 3)
    assert (np.array(head.best(emissions)) != 2).any()
    ```
    """

    kind = "crf"
    whole_sequences = True
    # Metrics get the best labels, one-hot, and these need logits.
    refused_metrics = (metrics.Perplexity, metrics.BitsPerCharacter)

    def __init__(self, num_outputs, forbidden=(), **kwargs):
        dtype = head_dtype(kwargs.pop("dtype", None))
        super().__init__(dtype=dtype, **kwargs)
        self.units = positive_integer("num_outputs", num_outputs)
        if hasattr(forbidden, "tolist"):
            forbidden = forbidden.tolist()
        self.forbidden = tuple(
            checked_pair(pair, self.units) for pair in forbidden or ()
        )
        self.never = check_possible(
            forbidden_scores(self.forbidden, self.units)
        )
        self.emit = keras.layers.Dense(
            self.units, dtype=dtype, name="emissions"
        )
        self.supports_masking = True

    def build(self, features_shape):
        self.emit.build(features_shape)
        n = self.units
        # Without transitions, the labels of all steps are independent.
        self.transitions, self.start, self.end = (
            self.add_weight(shape=shape, initializer="zeros", name=name)
            for name, shape in (
                ("transitions", (n, n)),
                ("start", (n,)),
                ("end", (n,)),
            )
        )

    def call(self, features):
        return self.emit(features)

    def compute_output_shape(self, features_shape):
        return (*features_shape[:-1], self.units)

    def scores(self):
        """`(transitions, start, end)`, as `rnnzoo.layers.crf` takes them."""
        weights = (self.transitions, self.start, self.end)
        return [
            ops.where(never, crf.IMPOSSIBLE, ops.convert_to_tensor(weight))
            for never, weight in zip(self.never, weights, strict=True)
        ]

    def sequence_losses(self, y, outputs, mask=None):
        """The negative log-likelihood of each sequence, in nats.

        Args:
            y: int `(batch, timesteps)`, -1 where not known.
            outputs: the emissions.
            mask: bool `(batch, timesteps)` or None.

        Returns:
            `(losses, counts)`, float32 `(batch,)`: the loss and the number of
            valid steps; both are 0 for a row without any, and for one whose
            labels are forbidden.
        """
        losses = -crf.log_likelihood(outputs, y, *self.scores(), mask)
        losses = ops.cast(losses, "float32")
        valid = ops.cast(crf.valid_steps(outputs, mask), "float32")
        possible = losses < -crf.IMPOSSIBLE / 2
        return (
            ops.where(possible, losses, ops.zeros_like(losses)),
            ops.where(possible, ops.sum(valid, axis=1), 0.0),
        )

    def best(self, outputs, mask=None):
        """The best labels, int32 `(batch, timesteps)`; 0 at masked steps."""
        paths, _ = crf.viterbi(outputs, *self.scores(), mask)
        return paths

    def decisions(self, outputs, mask=None):
        """The best labels, one-hot, as metrics take them for logits."""
        return ops.one_hot(self.best(outputs, mask), self.units)

    def marginals(self, outputs, mask=None):
        """The probability of each label at each step, given all emissions.

        `(batch, timesteps, num_outputs)`; zeros at masked steps.
        """
        return crf.marginals(outputs, *self.scores(), mask)

    def default_loss(self):
        """None: the loss is `sequence_losses`."""
        return None

    def default_metrics(self):
        """A list of metrics for these outputs."""
        return [metrics.StepAccuracy(name="accuracy")]

    def check(self, name, y, shape, valid=None):
        """Raises `ValueError` for labels that cannot be meant.

        Args:
            name: str. What the labels are called.
            y: the labels.
            shape: tuple. The shape that they must have.
            valid: bool array of this shape or None.
        """
        labels, _ = as_array(name, y)
        valid = np.ones(shape, bool) if valid is None else valid
        valid = np.asarray(valid, bool)
        unknown = labels == crf.UNKNOWN
        known = np.where(unknown, 0, labels) if unknown.any() else labels
        check_labels(name, known, self.units, shape, valid)
        check_allowed(name, labels, valid, self.never)

    def get_config(self):
        return {
            **super().get_config(),
            "num_outputs": self.units,
            "forbidden": [list(pair) for pair in self.forbidden],
        }


# === Forbidden transitions ===


def checked_pair(pair, num_labels):
    """`pair` as a tuple; raises `ValueError` unless it is one of labels."""

    def known(value, word):
        if isinstance(value, str) or isinstance(value, bool):
            return value == word
        return value in range(num_labels)

    pair = tuple(pair) if isinstance(pair, list | tuple) else pair
    if (
        not isinstance(pair, tuple)
        or len(pair) != 2
        or not known(pair[0], START)
        or not known(pair[1], END)
        or pair == (START, END)
    ):
        raise ValueError(
            "`forbidden` takes pairs (from, to) of labels from 0 to "
            f"{num_labels - 1}, or with {START!r} before or {END!r} after a "
            f"label. Received: {pair!r}"
        )
    return tuple(v if isinstance(v, str) else int(v) for v in pair)


def forbidden_scores(forbidden, num_labels):
    """Bool arrays of what is forbidden, as transitions, start and end are."""
    # The row before the first label and the column behind the last.
    place = {START: num_labels, END: num_labels}
    never = np.zeros((num_labels + 1, num_labels + 1), bool)
    for before, after in forbidden:
        never[place.get(before, before), place.get(after, after)] = True
    return never[:-1, :-1], never[-1, :-1], never[:-1, -1]


def check_possible(never):
    """`never`, where some sequence of every length is left."""
    transitions, start, end = never
    # Labels that some sequence of one step more, and then another, leads to.
    reached = ~start
    seen = set()
    while reached.tobytes() not in seen:
        seen.add(reached.tobytes())
        if not (reached & ~end).any():
            raise ValueError(
                f"`forbidden` leaves no sequence of {len(seen)} labels. "
                "Leave out some of its pairs."
            )
        reached = (reached[:, None] & ~transitions).any(axis=0)
    return never


def check_allowed(name, labels, valid, never):
    """Raises `ValueError` for labels that follow each other though forbidden.

    Args:
        name: str. What the labels are called.
        labels: `(batch, timesteps)`, -1 where not known.
        valid: bool `(batch, timesteps)`.
        never: see `forbidden_scores`.
    """
    transitions, start, end = never
    rows, steps = np.nonzero(valid)
    if not len(rows):
        return
    found = labels[rows, steps].astype(int)
    same = rows[1:] == rows[:-1]
    first, last = np.append(True, ~same), np.append(~same, True)
    known = found != crf.UNKNOWN
    pairs = same & known[1:] & known[:-1]
    pairs &= transitions[found[:-1], found[1:]]
    for wrong, before, after in (
        (np.append(False, pairs), np.append(0, found[:-1]), found),
        (first & known & start[found], [START] * len(rows), found),
        (last & known & end[found], found, [END] * len(rows)),
    ):
        if wrong.any():
            place = wrong.argmax()
            raise ValueError(
                f"`{name}` goes from {before[place]} to {after[place]} (row "
                f"{rows[place]}, step {steps[place]}), which `forbidden` "
                "rules out. Correct the labels, or leave this pair out."
            )
