"""From features to outputs, with the loss that belongs to them."""

import keras

from rnnzoo import losses, metrics
from rnnzoo.cells.checks import one_of, positive_integer

KINDS = ("softmax", "sigmoid", "regression")


@keras.saving.register_keras_serializable("rnnzoo")
class Head(keras.layers.Dense):
    """A linear layer, in float32 at least, that knows its loss and metric.

    | kind | outputs | targets | loss, metric |
    |---|---|---|---|
    | `"softmax"` | logits of classes | class ids | cross-entropy, accuracy |
    | `"sigmoid"` | logits of labels | 0 or 1 each | the same, per label |
    | `"regression"` | values | values | squared, absolute error |

    Args:
        num_outputs: int. Number of classes, labels or values.
        kind: see above.

    Raises:
        ValueError: unknown kind; no positive number of outputs.

    Example:

    ```python
    logits = rnnzoo.layers.Head(10)(np.ones((2, 8)))   # (2, 10)
    ```
    """

    def __init__(self, num_outputs, kind="softmax", **kwargs):
        dtype = keras.dtype_policies.get(
            kwargs.pop("dtype", None) or keras.config.dtype_policy()
        )
        dtype = keras.backend.result_type(dtype.compute_dtype, "float32")
        super().__init__(
            positive_integer("num_outputs", num_outputs), dtype=dtype, **kwargs
        )
        self.kind = one_of("head", kind, KINDS)

    def default_loss(self):
        """A `keras.losses.Loss` for these outputs."""
        if self.kind == "softmax":
            return losses.StepCrossentropy()
        if self.kind == "sigmoid":
            return keras.losses.BinaryCrossentropy(from_logits=True)
        return keras.losses.MeanSquaredError()

    def default_metrics(self):
        """A list of metrics for these outputs."""
        if self.kind == "softmax":
            return [metrics.StepAccuracy(name="accuracy")]
        if self.kind == "sigmoid":
            return [metrics.StepBinaryAccuracy(name="accuracy")]
        return [metrics.StepAbsoluteError(name="mean_absolute_error")]

    def get_config(self):
        base = super().get_config()
        keep = {name: base[name] for name in ("name", "trainable", "dtype")}
        return {**keep, "num_outputs": self.units, "kind": self.kind}
