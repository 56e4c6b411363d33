"""Spans of tags, such as names in a text: how many are found exactly."""

import keras
import numpy as np
from keras import ops

from rnnzoo.metrics.steps import spread

# What a tag says of its step; those of larger numbers belong to a span.
OUTSIDE, BEGIN, INSIDE, END, SINGLE = range(5)
PREFIXES = {"B": BEGIN, "I": INSIDE, "E": END, "S": SINGLE}


@keras.saving.register_keras_serializable("rnnzoo")
class SpanF1(keras.metrics.Metric):
    """F1 of the spans that BIO or IOBES tags describe, over all types.

    A span is right if its type, its first and its last step are.

        precision = right / predicted        recall = right / actual
        F1 = 2 right / (predicted + actual)

    Counts are those of a whole data set ("micro"), as in the scorer of
    CoNLL-2000, `conlleval`, and in `seqeval`. All are 0 where nothing is.

    A step goes on with the span before it if its prefix is I or E, that of
    the step before is B or I, and their types are equal. Any other tag but O
    begins a span, even I and E: this is how `conlleval` reads tags that
    contradict each other, and `seqeval` by default. If `strict`, a span
    counts only if it begins with B or S and, where `tags` have E or S, ends
    with E or S: seqeval's `mode="strict"` with IOB2 or IOBES.

    Args:
        tags: list of str. The name of each class, in order: "O", or a prefix
            and a type such as "B-PER".
        strict: bool. Whether spans that begin or end wrongly are none.

    Call arguments:
        y_true: int `(batch, timesteps)`. Classes.
        y_pred: `(batch, timesteps, classes)`, of which the highest counts, or
            int `(batch, timesteps)`.
        sample_weight: `(batch,)` or `(batch, timesteps)`, optional. A step of
            weight 0 is outside all spans; a span has the weight of its first
            step.

    Raises:
        ValueError: a tag without a known prefix or type, a repeated tag.

    Example:

    ```python
    metric = rnnzoo.metrics.SpanF1(["O", "B-PER", "I-PER", "B-LOC"])
    metric.update_state([[1, 2, 0, 3]], [[1, 2, 0, 1]])
    assert np.isclose(metric.result(), 0.5)
    ```
    """

    def __init__(self, tags, strict=False, name="span_f1", **kwargs):
        super().__init__(name=name, **kwargs)
        self.tags = list(tags)
        self.strict = bool(strict)
        self.prefixes, self.types = read_tags(self.tags)
        self.marks_ends = bool({END, SINGLE} & set(self.prefixes))
        self.right = self.counter("right")
        self.predicted = self.counter("predicted")
        self.actual = self.counter("actual")

    def counter(self, name):
        return self.add_weight(
            shape=(), initializer="zeros", dtype=self.dtype, name=name
        )

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = ops.cast(y_true, "int32")
        y_pred = ops.convert_to_tensor(y_pred)
        if len(y_pred.shape) > len(y_true.shape):
            if y_pred.shape[-1] != len(self.tags):
                raise ValueError(
                    f"SpanF1 knows {len(self.tags)} tags. Received: outputs "
                    f"for {y_pred.shape[-1]}. Pass `tags` a name for each "
                    "class, in their order."
                )
            y_pred = ops.argmax(y_pred, axis=-1)
        y_pred = ops.cast(y_pred, "int32")
        if sample_weight is None:
            weights = ops.ones(ops.shape(y_true), self.dtype)
        else:
            weights = spread(ops.cast(sample_weight, self.dtype), y_true)
        counts = weights != 0
        first, last, kind = self.spans(y_true, counts)
        first_predicted, last_predicted, kind_predicted = self.spans(
            y_pred, counts
        )
        right = first & first_predicted
        right = right & (last == last_predicted) & (kind == kind_predicted)
        for counter, found in (
            (self.right, right),
            (self.predicted, first_predicted),
            (self.actual, first),
        ):
            counter.assign_add(ops.sum(ops.where(found, weights, 0)))

    def spans(self, ids, counts):
        """Where spans are.

        Args:
            ids: int `(batch, timesteps)`. Classes.
            counts: bool `(batch, timesteps)`. Other steps are outside.

        Returns:
            `(first, last, types)`, all `(batch, timesteps)`: whether a span
            begins, and if so, with which step it ends and its type.
        """
        prefixes = ops.where(counts, ops.take(self.prefixes, ids), OUTSIDE)
        types = ops.take(self.types, ids)
        inside = prefixes != OUTSIDE
        goes_on = (
            is_one_of(prefixes[:, 1:], INSIDE, END)
            & is_one_of(prefixes[:, :-1], BEGIN, INSIDE)
            & (types[:, 1:] == types[:, :-1])
        )
        first = inside & ~ops.pad(goes_on, ((0, 0), (1, 0)))
        ends = inside & ~ops.pad(goes_on, ((0, 0), (0, 1)))
        # The k-th span ends with the k-th end: ends in order, then by spans.
        timesteps = ops.shape(ids)[1]
        ends = ops.sort(ops.where(ends, ops.arange(timesteps), timesteps))
        number = ops.cumsum(ops.cast(first, "int32"), axis=1) - 1
        last = ops.take_along_axis(ends, ops.maximum(number, 0), axis=1)
        if self.strict:
            first = first & is_one_of(prefixes, BEGIN, SINGLE)
            if self.marks_ends:
                at_last = ops.take_along_axis(
                    prefixes, ops.minimum(last, timesteps - 1), axis=1
                )
                first = first & is_one_of(at_last, END, SINGLE)
        return first, last, types

    def precision(self):
        """Share of the predicted spans that are right."""
        return ops.divide_no_nan(self.right, self.predicted)

    def recall(self):
        """Share of the actual spans that are found."""
        return ops.divide_no_nan(self.right, self.actual)

    def result(self):
        spans = self.predicted + self.actual
        return ops.divide_no_nan(2 * self.right, spans)

    def get_config(self):
        return {
            **super().get_config(),
            "tags": self.tags,
            "strict": self.strict,
        }


def is_one_of(prefixes, first, second):
    return (prefixes == first) | (prefixes == second)


def read_tags(tags):
    """`(prefixes, types)` of tags, int32, by class; the type of "O" is 0.

    Raises:
        ValueError: see `SpanF1`.
    """
    types = {}
    pairs = []
    for tag in tags:
        prefix, _, kind = str(tag).partition("-")
        if tag == "O":
            pairs.append((OUTSIDE, 0))
        elif prefix in PREFIXES and kind:
            number = types.setdefault(kind, len(types) + 1)
            pairs.append((PREFIXES[prefix], number))
        else:
            raise ValueError(
                "`tags` must be 'O', or one of B, I, E, S, a hyphen and a "
                f"type, such as 'B-PER'. Received: {tag!r} in tags={tags!r}"
            )
    if len(set(tags)) < len(tags) or not types:
        raise ValueError(
            "`tags` must hold at least one type, and each tag once. "
            f"Received: tags={tags!r}"
        )
    prefixes, kinds = np.array(pairs, "int32").T
    return prefixes, kinds
