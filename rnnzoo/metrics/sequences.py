"""Metrics in which every row counts the same, whatever its length."""

import keras
from keras import ops

from rnnzoo.metrics.steps import spread


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceAccuracy(keras.metrics.Mean):
    """Share of rows in which every step that counts is right.

        right_n = all {argmax_k z_ntk = y_nt : w_nt > 0}
        accuracy = sum(right_n max_t w_nt) / sum(max_t w_nt)

    Steps of weight 0 do not count, nor rows without others.

    Call arguments:
        y_true: int `(batch, timesteps)`, or `(batch,)`. Classes.
        y_pred: `(batch, timesteps, classes)`, logits; or ids `(batch, n)`,
            where both are padded with 0 and no step is left out.
        sample_weight: `(batch,)` or `(batch, timesteps)`, optional.

    Example:

    ```python
    metric = rnnzoo.metrics.SequenceAccuracy()
    logits = np.eye(3)[[[1, 2], [2, 2]]]
    metric.update_state([[1, 0], [2, 1]], logits, [[1, 0], [1, 1]])
    assert float(metric.result()) == 0.5
    ```
    """

    def __init__(self, name="sequence_accuracy", **kwargs):
        super().__init__(name=name, **kwargs)

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = map(ops.convert_to_tensor, (y_true, y_pred))
        if len(y_pred.shape) == len(y_true.shape):
            y_true, best = of_one_length(y_true, y_pred)
        else:
            best = ops.argmax(y_pred, axis=-1)
        right = ops.equal(ops.cast(y_true, best.dtype), best)
        right = ops.reshape(right, (ops.shape(right)[0], -1))
        if sample_weight is None:
            weights = ops.ones(ops.shape(right), self.dtype)
        else:
            weights = spread(ops.cast(sample_weight, self.dtype), right)
        all_right = ops.all(ops.logical_or(right, weights == 0), axis=1)
        super().update_state(all_right, ops.max(weights, axis=1))


def of_one_length(a, b):
    """Ids `(batch, n)` and `(batch, m)`, both with pad up to the longer."""
    n, m = ops.shape(a)[1], ops.shape(b)[1]
    a = ops.pad(ops.cast(a, "int32"), ((0, 0), (0, m)))
    b = ops.pad(ops.cast(b, "int32"), ((0, 0), (0, n)))
    return a, b
