"""Metrics in which every valid step counts the same.

Keras averages within a batch first, so that a step of a short batch counts
more than one of a long batch.
"""

import keras
from keras import ops


class StepMean(keras.metrics.Mean):
    """Mean of `values(y_true, y_pred)` over all steps, by their weights."""

    def values(self, y_true, y_pred):
        """One value per step, `(batch,)` or `(batch, timesteps)`."""
        raise NotImplementedError(f"{type(self).__name__}.values")

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = ops.cast(self.values(y_true, y_pred), self.dtype)
        if sample_weight is None:
            weights = ops.ones_like(values)
        else:
            weights = spread(ops.cast(sample_weight, self.dtype), values)
        super().update_state(
            ops.reshape(values, (-1,)), ops.reshape(weights, (-1,))
        )


@keras.saving.register_keras_serializable("rnnzoo")
class StepAccuracy(StepMean):
    """Share of steps whose highest logit is the right class.

    Example:

    ```python
    metric = rnnzoo.metrics.StepAccuracy(name="accuracy")
    metric.update_state([[1, 0]], [[[0.1, 0.9], [0.2, 0.8]]])
    assert float(metric.result()) == 0.5
    ```
    """

    def __init__(self, name="step_accuracy", **kwargs):
        super().__init__(name=name, **kwargs)

    def values(self, y_true, y_pred):
        best = ops.argmax(y_pred, axis=-1)
        return ops.equal(ops.cast(y_true, best.dtype), best)


@keras.saving.register_keras_serializable("rnnzoo")
class StepBinaryAccuracy(StepMean):
    """Share of labels, of several per step, on the right side of logit 0."""

    def __init__(self, name="step_binary_accuracy", **kwargs):
        super().__init__(name=name, **kwargs)

    def values(self, y_true, y_pred):
        y_pred = ops.convert_to_tensor(y_pred)
        # A label may be likely only: above one half, it is there.
        right = ops.equal(ops.cast(y_true, y_pred.dtype) > 0.5, y_pred > 0)
        return ops.mean(ops.cast(right, self.dtype), axis=-1)


@keras.saving.register_keras_serializable("rnnzoo")
class StepAbsoluteError(StepMean):
    """Mean absolute difference, over all outputs of a step."""

    def __init__(self, name="step_absolute_error", **kwargs):
        super().__init__(name=name, **kwargs)

    def values(self, y_true, y_pred):
        y_pred = ops.convert_to_tensor(y_pred)
        difference = ops.abs(ops.cast(y_true, y_pred.dtype) - y_pred)
        return ops.mean(difference, axis=-1)


def spread(weights, values):
    """`weights` `(batch, ...)` as many as there are `values`."""
    missing = len(values.shape) - len(weights.shape)
    weights = ops.reshape(weights, (*ops.shape(weights), *[1] * missing))
    return ops.broadcast_to(weights, ops.shape(values))
