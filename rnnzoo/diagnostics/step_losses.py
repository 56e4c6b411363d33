"""The loss of a model, by rows and steps."""

import contextlib
import typing

import keras
from keras import ops

from rnnzoo.model import Model


class StepLosses(typing.NamedTuple):
    """Losses before they are added up.

    Attributes:
        values: `(batch, steps)`, times their weights. A model with one loss
            per row, one of a whole sequence for instance, has one step.
        weights: `(batch, steps)`, zero where none counts.
        per_step: whether there is a loss for each step of the outputs.
    """

    values: typing.Any
    weights: typing.Any
    per_step: bool

    def mean(self):
        """The loss that the model is trained on, but for penalties."""
        return ops.divide_no_nan(ops.sum(self.values), ops.sum(self.weights))

    def single(self, steps):
        """The parts of `mean` that are of these steps, a list."""
        total = ops.sum(self.weights)
        return [
            ops.divide_no_nan(ops.sum(self.values[:, t]), total) for t in steps
        ]

    def last(self):
        """These losses with those of the last step of each row alone."""
        counts = ops.cast(self.weights > 0, "int32")
        steps = ops.cumsum(counts, axis=1)
        is_last = (steps == ops.max(steps, axis=1, keepdims=True)) & (
            counts > 0
        )
        return self._replace(
            values=ops.where(is_last, self.values, 0.0),
            weights=ops.where(is_last, self.weights, 0.0),
        )

    def sum_of_rows(self):
        """The mean loss of each row, added up.

        Rows do not know of each other, so a gradient of this is, in each row,
        that of the row's own loss.
        """
        return ops.sum(
            ops.divide_no_nan(
                ops.sum(self.values, axis=1), ops.sum(self.weights, axis=1)
            )
        )


def unpacked(model, batch):
    """`(x, y, sample_weight)` of a batch, as tensors.

    Args:
        model: a Keras model.
        batch: `(x, y)` or `(x, y, sample_weight)`, as the model is trained
            on; x alone, where it has its targets.

    Raises:
        ValueError: what the model would not be trained on.
    """
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
    if isinstance(model, Model):
        x, y = model.checked(x, y)
    return keras.tree.map_structure(
        lambda value: None if value is None else ops.convert_to_tensor(value),
        (x, y, sample_weight),
    )


def step_losses(model, x, y, sample_weight, outputs):
    """What the model loses in each row and at each step.

    Args:
        model: a `rnnzoo.Model`, compiled or not, or a compiled Keras model
            with one output.
        x, y, sample_weight: as `unpacked` returns them.
        outputs: what the model makes of `x`.

    Returns:
        `StepLosses`.

    Raises:
        ValueError: a loss that gives one number for all rows; a Keras model
            that has none.
    """
    if isinstance(model, Model):
        with chosen_loss(model):
            return of_topology(model, x, y, sample_weight, outputs)
    loss = keras.losses.get(loss_of(model))
    if isinstance(loss, keras.losses.Loss):
        loss = loss.call
    values = ops.cast(loss(y, outputs), outputs.dtype)
    if len(values.shape) not in (1, 2):
        raise ValueError(
            "The loss of a row, or of each of its steps, is one number. "
            f"Received: losses of the shape {tuple(values.shape)} for targets "
            f"of {tuple(y.shape)}."
        )
    weights = ops.ones_like(values)
    if sample_weight is not None:
        given = ops.cast(sample_weight, values.dtype)
        if len(given.shape) < len(values.shape):
            given = given[:, None]
        weights = weights * given
    return by_steps(values * weights, weights)


def of_topology(model, x, y, sample_weight, outputs):
    y = model.known_target(x, y)
    whole = model.sequence_head is not None
    losses = model.sequence_losses if whole else model.step_losses
    return by_steps(*losses(x, y, outputs, sample_weight))


def by_steps(values, weights):
    per_step = len(values.shape) > 1
    if not per_step:
        values, weights = values[:, None], weights[:, None]
    return StepLosses(values, weights, per_step)


@contextlib.contextmanager
def chosen_loss(model):
    """A context in which a model has a loss, also if it is not compiled."""
    given = model.loss
    try:
        if given is None:
            model.loss = model.default_loss()
        yield
    finally:
        model.loss = given


def loss_of(model):
    loss = model.loss
    if loss is None or isinstance(loss, dict | list | tuple):
        raise ValueError(
            "A Keras model must be compiled with one loss, for its one "
            f"output. Received: a model with loss={loss!r}. Call "
            "`model.compile(loss=...)`, or cut the model at the output that "
            "is to be looked at."
        )
    return loss
