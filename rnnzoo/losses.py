"""Cross-entropies of sequences, as Keras losses."""

import keras
from keras import ops

# The mask that layers attach to what they give; Keras has no public reader.
from keras.src.backend.common.masking import get_keras_mask

from rnnzoo.cells.checks import in_range
from rnnzoo.metrics import spread


class Crossentropy(keras.losses.Loss):
    """One value per step, and the weights with which the steps count."""

    def __init__(
        self,
        label_smoothing=0.0,
        ignore=None,
        reduction="mean_with_sample_weight",
        name=None,
        **kwargs,
    ):
        super().__init__(name=name, reduction=reduction, **kwargs)
        self.label_smoothing = in_range(
            "label_smoothing", label_smoothing, "[0, 1)"
        )
        self.ignore = ignore

    def call(self, y_true, y_pred):
        """Nats `(batch, timesteps)`, 0 where a target is ignored."""
        y_pred = ops.convert_to_tensor(y_pred)
        y_true = of_each_step(ops.cast(y_true, "int32"), y_pred)
        if self.ignore is None:
            return crossentropy(y_true, y_pred, self.label_smoothing)
        counts = ops.not_equal(y_true, self.ignore)
        known = ops.where(counts, y_true, 0)
        values = crossentropy(known, y_pred, self.label_smoothing)
        return ops.where(counts, values, ops.zeros_like(values))

    def __call__(self, y_true, y_pred, sample_weight=None):
        mask = get_keras_mask(y_pred)
        y_pred = ops.convert_to_tensor(y_pred, self.dtype)
        y_true = of_each_step(ops.cast(y_true, "int32"), y_pred)
        weights = ops.ones(ops.shape(y_true), self.dtype)
        for factor in (sample_weight, mask):
            if factor is not None:
                weights = weights * spread(ops.cast(factor, self.dtype), y_true)
        weights = self.step_weights(y_true, weights)
        return super().__call__(y_true, y_pred, weights)

    def step_weights(self, y_true, weights=None):
        """The weights with which steps count in this loss.

        Args:
            y_true: int `(batch, timesteps)`. Classes.
            weights: `(batch,)`, `(batch, timesteps)` or None. Those given
                from outside.

        Returns:
            `(batch, timesteps)`; or `weights`, where nothing changes.
        """
        if self.ignore is None:
            return weights
        counts = ops.cast(ops.not_equal(y_true, self.ignore), "float32")
        if weights is None:
            return counts
        return counts * spread(ops.cast(weights, counts.dtype), counts)

    def get_config(self):
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
            "ignore": self.ignore,
        }


@keras.saving.register_keras_serializable("rnnzoo")
class StepCrossentropy(Crossentropy):
    """Mean cross-entropy of all steps that count, in nats.

    With K classes, logits z and the class y of a step

        l = -sum_k q_k log p_k         p = softmax(z)
        q_k = (1 - s) [k = y] + s / K

    where s, the label smoothing of Szegedy et al. 2016,
    https://arxiv.org/abs/1512.00567, is spread over all classes, the right
    one among them. The loss is the mean of l by the weights w of the steps,
    sum(w l) / sum(w).

    In a `rnnzoo.Model` padding never counts. In another Keras model, pass
    `ignore`, weights of steps, or use layers that mask.

    Args:
        label_smoothing: float in [0, 1). s above.
        ignore: int or None. A class that marks steps which do not count.
        reduction, name, dtype: as for `keras.losses.Loss`.

    Call arguments:
        y_true: int `(batch, timesteps)`, or any shape. Classes.
        y_pred: `(batch, timesteps, classes)`. Logits.
        sample_weight: `(batch,)` or `(batch, timesteps)`, optional.

    Example:

    ```python
    loss = rnnzoo.losses.StepCrossentropy(ignore=0)
    logits = np.zeros((1, 3, 8))
    assert np.isclose(loss([[5, 3, 0]], logits), np.log(8))
    ```
    """


@keras.saving.register_keras_serializable("rnnzoo")
class LastStepCrossentropy(Crossentropy):
    """Mean cross-entropy of the last step of each row that counts, in nats.

        T = max {t : w_t > 0}
        l = -sum_k q_k log p_k at step T

    with q and p as in `StepCrossentropy`, and w the weights, the mask and
    `ignore` together. Rows are weighted with w_T; a row without any step that
    counts does not count.

    Args:
        label_smoothing: float in [0, 1). See `StepCrossentropy`.
        ignore: int or None. A class that marks steps which do not count.
        reduction, name, dtype: as for `keras.losses.Loss`.

    Call arguments:
        y_true: int `(batch, timesteps)`, or `(batch,)`, one for each row.
        y_pred: `(batch, timesteps, classes)`. Logits.
        sample_weight: `(batch,)` or `(batch, timesteps)`, optional.

    Example:

    ```python
    loss = rnnzoo.losses.LastStepCrossentropy(ignore=0)
    logits = np.log([[[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]]])
    assert np.isclose(loss([[1, 1, 0]], logits), -np.log(0.8))
    ```
    """

    def step_weights(self, y_true, weights=None):
        if len(y_true.shape) < 2:
            # One output for each row is its last.
            return super().step_weights(y_true, weights)
        if weights is None:
            weights = ops.ones(ops.shape(y_true), "float32")
        weights = super().step_weights(y_true, weights)
        weights = spread(ops.cast(weights, "float32"), y_true)
        counts = ops.cast(weights > 0, "int32")
        # How many steps count from each one on.
        left = ops.flip(ops.cumsum(ops.flip(counts, axis=1), axis=1), axis=1)
        return ops.where(left == 1, weights, 0) * ops.cast(counts, "float32")


def of_each_step(y_true, y_pred):
    """Classes of rows as classes of all their steps."""
    return spread(y_true, y_pred[..., 0])


def crossentropy(y_true, y_pred, label_smoothing=0.0):
    """Nats of classes `y_true` by the logits `y_pred`; see `StepCrossentropy`.

    Args:
        y_true: int, any shape.
        y_pred: of that shape, and classes.
        label_smoothing: float.
    """
    if not label_smoothing:
        return ops.sparse_categorical_crossentropy(
            y_true, y_pred, from_logits=True
        )
    # On a CPU one product with q is faster than log-sum-exp, the target's
    # logit and the mean logit, each with a gradient of its own.
    classes = y_pred.shape[-1]
    right = ops.one_hot(y_true, classes, dtype=y_pred.dtype)
    q = (1 - label_smoothing) * right + label_smoothing / classes
    return ops.categorical_crossentropy(q, y_pred, from_logits=True)
