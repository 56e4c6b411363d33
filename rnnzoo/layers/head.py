"""From features to outputs, with the loss that belongs to them."""

import keras
from keras import ops

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

    # Whether the loss is one of whole sequences, as that of `CRFHead`, and so
    # the head's own: see `rnnzoo.Model`.
    whole_sequences = False

    def __init__(self, num_outputs, kind="softmax", **kwargs):
        super().__init__(
            positive_integer("num_outputs", num_outputs), **of_layer(kwargs)
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

    def best(self, outputs, mask=None):
        """The class of the highest logit, int32; 0 where masked.

        Raises:
            ValueError: the outputs are no logits of classes.
        """
        if self.kind != "softmax":
            raise ValueError(
                f"There is one best class at a step with head='softmax' only. "
                f"Received: head={self.kind!r}. Use `predict`."
            )
        ids = ops.cast(ops.argmax(outputs, axis=-1), "int32")
        return ids if mask is None else ops.where(mask, ids, 0)

    def get_config(self):
        base = super().get_config()
        keep = {name: base[name] for name in ("name", "trainable", "dtype")}
        return {**keep, "num_outputs": self.units, "kind": self.kind}


def head_dtype(policy=None):
    """The type of a head's outputs: float32 at least, as losses need it.

    Args:
        policy: dtype policy, its name, or None for the one in force.
    """
    policy = keras.dtype_policies.get(policy or keras.config.dtype_policy())
    return keras.backend.result_type(policy.compute_dtype, "float32")


def of_layer(options):
    """Options of any Keras layer, with the type of a head's outputs.

    Raises:
        ValueError: options of `keras.layers.Dense`. Losses and masks count on
            outputs without an activation, and a head on what its file holds.
    """
    for name in options:
        if name not in ("name", "trainable", "dtype", "quantization_config"):
            raise ValueError(
                f"A head has no option {name!r}, which is one of "
                "keras.layers.Dense. Leave it out."
            )
    return {**options, "dtype": head_dtype(options.get("dtype"))}
