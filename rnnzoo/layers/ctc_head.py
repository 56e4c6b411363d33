"""From features to labels that are fewer than the steps."""

import keras
import numpy as np
from keras import ops

from rnnzoo import decoding, metrics
from rnnzoo.cells.checks import positive_integer
from rnnzoo.decoding.ctc import BLANK, NEVER
from rnnzoo.inputs import as_array, check_padding
from rnnzoo.kernels import loop
from rnnzoo.layers.head import of_layer
from rnnzoo.layers.packing import take_steps


@keras.saving.register_keras_serializable("rnnzoo")
class CTCHead(keras.layers.Dense):
    """A linear layer whose labels come in order, at steps nobody wrote down.

    Connectionist temporal classification, Graves, Fernandez, Gomez and
    Schmidhuber 2006, https://doi.org/10.1145/1143844.1143891. At every step
    the layer names a label or blank, each with a probability y. An alignment
    names one for every step; B leaves out its repeats first and then its
    blanks. The labels l have the probability of all alignments B maps to them:

        p(l | x) = sum over a with B(a) = l of  prod_t y_t(a_t)

    summed by the forward variables over l' = blank l_1 blank ... l_n blank:

        alpha_0(1) = 1
        alpha_t(s) = (alpha_t-1(s) + alpha_t-1(s - 1) + alpha_t-1(s - 2))
                     y_t(l'_s)
        p(l | x)   = alpha_T(2 n + 1) + alpha_T(2 n)

    where the third term is left out if l'_s is blank or the label before is
    the same. Masked steps are as if they were not there.

    Ids are those of targets anywhere else: 0, which pads targets, is the
    blank of the outputs, and labels are 1 to `num_outputs - 1`.

    A row may have no labels. A row that has more labels than its steps can
    hold, repeats taking a blank between them, counts nothing in the loss:
    both its loss and its count are 0.

    Args:
        num_outputs: int, 2 or more. Number of labels and the blank.
        beam_width: int, for `best` to search over labels; None for the labels
            of the likeliest alignment, which takes less time.

    Raises:
        ValueError: fewer than two outputs, no positive beam width.

    Example:

    ```python
    head = rnnzoo.layers.CTCHead(4)
    logits = head(np.ones((2, 8, 5)))   # (2, 8, 4)
    y = np.array([[1, 1, 3], [2, 0, 0]])
    losses, counts = head.sequence_losses(y, logits)
    labels = head.best(logits, beam_width=4)   # (2, 8)
    ```
    """

    kind = "ctc"
    whole_sequences = True

    # What metrics of these cannot judge: labels without their steps.
    refused_metrics = (str, metrics.StepMean)

    def __init__(self, num_outputs, beam_width=None, **kwargs):
        if positive_integer("num_outputs", num_outputs) < 2:
            raise ValueError(
                "`num_outputs` of a CTC head counts the labels and the blank, "
                "and so must be 2 or more. Received: num_outputs=1."
            )
        super().__init__(int(num_outputs), **of_layer(kwargs))
        if beam_width is not None:
            positive_integer("beam_width", beam_width)
        self.beam_width = beam_width

    # === Loss ===

    def default_loss(self):
        """None: see `sequence_losses`."""
        return None

    def default_metrics(self):
        """A list of metrics for what `decisions` returns."""
        return [metrics.EditDistance(name="edit_distance")]

    def sequence_losses(self, y, outputs, mask=None):
        """- log p(l | x) of each row, and what it counts.

        Args:
            y: int `(batch, labels)`, padded with 0.
            outputs: logits `(batch, timesteps, num_outputs)`.
            mask: bool `(batch, timesteps)` of the steps that count, or None.

        Returns:
            `(losses, counts)`, `(batch,)` in float32: nats, and the number of
            labels. A row without labels counts as one, a row without an
            alignment is 0 in both.
        """
        y = ops.cast(y, "int32")
        total = log_probability(y, outputs, mask)
        possible = total > decoding.IMPOSSIBLE
        losses = ops.where(possible, -total, ops.zeros_like(total))
        counts = ops.sum(ops.cast(y != BLANK, "float32"), axis=1)
        counts = ops.where(possible, ops.maximum(counts, 1.0), 0.0)
        return losses, counts

    # === Decoding ===

    def decisions(self, outputs, mask=None):
        """What metrics compare with the labels: `best` without a beam."""
        return decoding.ctc_greedy_search(outputs, mask)[0]

    def best(self, outputs, mask=None, beam_width=None):
        """The likeliest labels.

        Args:
            outputs, mask: as for `sequence_losses`.
            beam_width: int; None for the head's own.

        Returns:
            Int32 ids `(batch, timesteps)`, 0 after the labels.
        """
        width = self.beam_width if beam_width is None else beam_width
        if width is None:
            return self.decisions(outputs, mask)
        width = positive_integer("beam_width", width)
        return decoding.ctc_beam_search(outputs, width, mask)[0][:, 0]

    # === Checks ===

    def check(self, name, y, shape, valid=None):
        """Raises `ValueError` for labels that cannot be meant.

        Args:
            name: str. What messages call `y`.
            y: labels at hand.
            shape: `(batch, timesteps)` of the outputs.
            valid: bool array of that shape, of the steps that count, or None.
        """
        y, received = as_array(name, y)
        # Without any label, an array has no integers to tell its type by.
        is_integer = not y.size or y.dtype.kind in "iu"
        if y.ndim != 2 or len(y) != shape[0] or not is_integer:
            raise ValueError(
                f"`{name}` must hold integer labels of the shape ({shape[0]}, "
                f"labels), padded with 0. Received: {received}."
            )
        if y.size and not 0 <= y.min() <= y.max() < self.units:
            bad = y.min() if y.min() < 0 else y.max()
            raise ValueError(
                f"`{name}` holds the label {bad}, but with num_outputs="
                f"{self.units} labels are 1 to {self.units - 1}, and 0 pads."
            )
        labelled = y != BLANK
        check_padding(name, y, "label")
        repeats = (labelled[:, 1:] & (y[:, 1:] == y[:, :-1])).sum(axis=1)
        needed = labelled.sum(axis=1) + repeats
        steps = np.full(shape[0], shape[1])
        if valid is not None:
            steps = np.asarray(valid).sum(axis=1)
        short = needed > steps
        if short.any():
            row = short.argmax()
            raise ValueError(
                f"`{name}` has more labels in row {row} than its steps can "
                f"hold: it needs {needed[row]} steps, one per label and one "
                f"between equal labels, and has {steps[row]}. Leave the row "
                "out, or keep more steps."
            )

    def get_config(self):
        base = super().get_config()
        keep = {name: base[name] for name in ("name", "trainable", "dtype")}
        own = {"num_outputs": self.units, "beam_width": self.beam_width}
        return {**keep, **own}


def log_probability(y, outputs, mask=None):
    """log p(l | x), `(batch,)` in float32; below `IMPOSSIBLE` for none.

    As in the equations of `CTCHead`, in logarithms.
    """
    outputs = ops.log_softmax(ops.cast(outputs, "float32"), axis=-1)
    batch, timesteps = ops.shape(outputs)[:2]
    if mask is None:
        mask = ops.ones((batch, timesteps), "bool")
    mask = ops.cast(mask, "bool")

    # === l' = blank l_1 blank ... l_n blank ===
    pairs = ops.stack([ops.full_like(y, BLANK), y], axis=-1)
    width = 2 * ops.shape(y)[1]
    extended = ops.pad(ops.reshape(pairs, (batch, width)), ((0, 0), (0, 1)))
    skip = (extended != BLANK) & (extended != shifted(extended, 2, BLANK))
    # y_t(l'_s), by rows of classes.
    by_class = take_steps(ops.swapaxes(outputs, 1, 2), extended)
    probabilities = ops.swapaxes(by_class, 1, 2)

    # === alpha, whose largest is kept apart: it grows with time ===
    def step(inputs, states):
        probability, valid = inputs
        alpha, scale = states
        skipped = ops.where(skip, shifted(alpha, 2, NEVER), NEVER)
        new = logsumexp(alpha, shifted(alpha, 1, NEVER), skipped) + probability
        highest = ops.stop_gradient(ops.max(new, axis=1, keepdims=True))
        valid = valid[:, None]
        alpha = ops.where(valid, new - highest, alpha)
        return nothing, [alpha, ops.where(valid, scale + highest, scale)]

    nothing = extended[:, 0]
    place = ops.arange(ops.shape(extended)[1], dtype="int32")
    first = ops.where(place == 0, 0.0, NEVER)
    alpha = ops.zeros_like(extended, dtype="float32") + first
    states = [alpha, ops.zeros_like(alpha[:, :1])]
    _, _, (alpha, scale) = loop(
        step, (probabilities, mask), states, nothing, keep_outputs=False
    )

    # === p(l | x) ===
    last = 2 * ops.sum(ops.cast(y != BLANK, "int32"), axis=1, keepdims=True)
    ends = (place == last) | (place == last - 1)
    alpha = ops.where(ends, alpha, NEVER)
    return ops.logsumexp(alpha, axis=1) + scale[:, 0]


def shifted(x, places, fill):
    """`x` `(batch, n)` moved to the right, `fill` coming in."""
    return ops.pad(x, ((0, 0), (places, 0)), constant_values=fill)[:, :-places]


def logsumexp(a, b, c):
    highest = ops.stop_gradient(ops.maximum(ops.maximum(a, b), c))
    shares = ops.exp(a - highest) + ops.exp(b - highest) + ops.exp(c - highest)
    return highest + ops.log(shares)
