"""What the five topologies have in common."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from rnnzoo import text
from rnnzoo.inputs import as_arrays, is_array
from rnnzoo.metrics import named_metrics, spread
from rnnzoo.model_replicas import check_penalties

if keras.backend.backend() == "tensorflow":
    from rnnzoo.model_tensorflow import TrainStep, compiled
else:
    from rnnzoo.model_jax import TrainStep, compiled

# Keeps recurrent gradients from exploding; rarely in force otherwise.
DEFAULT_OPTIMIZER = {"learning_rate": 1e-3, "global_clipnorm": 1.0}


# What Keras calls the mean of a loss.
MEANS = ("mean", "mean_with_sample_weight", "sum_over_batch_size")


class Model(TrainStep, keras.Model):
    """A Keras model with the loss, the metrics and the checks of a topology.

    Used as any Keras model: `compile`, `fit`, `evaluate`, `predict`, `save`.
    Beyond that,

    * `compile()` without arguments takes the topology's own loss and metrics,
      and Adam with clipped gradients;
    * the loss has one denominator for the whole batch, the sum of the weights
      of its valid steps, so that padding never counts, and metrics are
      weighted like it;
    * arrays are checked before anything runs;
    * vocabularies are saved in the model's file and loaded with it.

    A topology sets `head` (see `rnnzoo.layers.Head`) or overrides
    `default_loss` and `default_metrics`, and `check`, `valid_steps`, `target`
    as it needs.

    A head with `whole_sequences`, such as `rnnzoo.layers.CRFHead`, has the
    loss itself: `sequence_losses(y, outputs, mask)` gives the loss of each row
    and the number of labels that it is of. Metrics get its
    `decisions(outputs, mask)` in place of the outputs: one-hot, one for each
    label, where labels below 0 are unknown and do not count; or ids, which
    are compared row by row.
    """

    vocabulary_names = ()

    # === Compile ===

    def compile(
        self,
        optimizer=None,
        loss=None,
        metrics=None,
        weighted_metrics=None,
        **kwargs,
    ):
        """As `keras.Model.compile`; what is left out, the topology chooses.

        Args:
            optimizer: Adam at 1e-3 with `global_clipnorm=1` if None.
            loss: the loss of the topology's head if None, as it must be for a
                head that judges whole sequences.
            metrics, weighted_metrics: the metrics of the topology's head if
                both are None. All count valid steps only, by their weights.
            **kwargs: as for `keras.Model.compile`.

        Metrics of rnnzoo may be given by their names, such as "perplexity" or
        "sequence_accuracy", see `rnnzoo.metrics`.

        Raises:
            ValueError: a loss, where the head has its own, or one that is no
                mean; metrics that cannot judge what the head gives.
        """
        if loss is not None and self.sequence_head is not None:
            raise ValueError(
                f"A model with head={self.head.kind!r} has no loss but that of "
                "its head, which judges whole sequences of labels, where "
                "Keras's losses judge steps. Leave `loss` out. Received: "
                f"loss={loss!r}"
            )
        if getattr(loss, "reduction", "mean") not in MEANS:
            raise ValueError(
                "The model takes the mean of a loss itself, over all steps "
                "that count, and shows it. Received: a loss with reduction="
                f"{loss.reduction!r}. Leave `reduction` out."
            )
        if kwargs.get("loss_weights") is not None:
            raise ValueError(
                "There is one loss, and nothing to weigh it against. Received: "
                f"loss_weights={kwargs['loss_weights']!r}. Leave it out."
            )
        if optimizer is None:
            optimizer = keras.optimizers.Adam(**DEFAULT_OPTIMIZER)
        if metrics is None and weighted_metrics is None:
            weighted_metrics = self.default_metrics()
        else:
            weighted_metrics = [
                metric
                for given in (metrics, weighted_metrics)
                for metric in named_metrics(given)
            ]
        self.check_metrics(weighted_metrics)
        super().compile(
            optimizer=optimizer,
            loss=self.default_loss() if loss is None else loss,
            weighted_metrics=weighted_metrics,
            **kwargs,
        )

    def check_metrics(self, metrics):
        """Raises `ValueError` for metrics that the head has nothing for."""
        refused = getattr(self.sequence_head, "refused_metrics", ())
        for metric in metrics:
            if isinstance(metric, refused):
                raise ValueError(
                    f"A model with head={self.head.kind!r} gives labels to "
                    f"metrics, which this one cannot judge: {metric!r}. Leave "
                    "`metrics` out for the head's own, "
                    f"{self.head.default_metrics()!r}."
                )

    def compile_from_config(self, config):
        config = keras.saving.deserialize_keras_object(config)
        self.compile(**config)
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    def default_loss(self):
        return self.head.default_loss()

    def default_metrics(self):
        return self.head.default_metrics()

    @property
    def sequence_head(self):
        """The head if it judges whole sequences, else None."""
        head = getattr(self, "head", None)
        return head if getattr(head, "whole_sequences", False) else None

    @classmethod
    def from_config(cls, config, custom_objects=None):
        # Layers and models among the options; all other values are plain.
        parts = {
            name: keras.saving.deserialize_keras_object(
                value, custom_objects=custom_objects
            )
            for name, value in config.items()
            if isinstance(value, dict) and "class_name" in value
        }
        return cls(**{**config, **parts})

    # === Loss ===

    def target(self, x, y):
        """What the outputs are compared with."""
        return y

    def valid_steps(self, x, y):
        """Bool `(batch, timesteps)`: which outputs count; None for all."""
        return None

    def step_penalties(self):
        """What the last call adds to the loss of each step, or None."""
        return None

    def known_target(self, x, y):
        """The targets with 0, a class that exists, where none counts.

        As they are for a head that judges whole sequences, which may have
        labels in another number than steps, or unknown ones.
        """
        y = self.target(x, y)
        if y is None:
            raise ValueError(
                f"{type(self).__name__} needs targets: pass y, or a data set "
                "of pairs (x, y). Received: y=None."
            )
        y = ops.convert_to_tensor(y)
        valid = self.valid_steps(x, y)
        if valid is None or self.sequence_head is not None:
            return y
        valid = spread(ops.cast(valid, "bool"), y)
        return ops.where(valid, y, ops.zeros_like(y))

    def step_weights(self, x, y, sample_weight):
        """Valid steps times sample weights, or None."""
        valid = self.valid_steps(x, y)
        if valid is None or sample_weight is None:
            return sample_weight if valid is None else valid
        valid = ops.cast(valid, "float32")
        return valid * spread(ops.cast(sample_weight, "float32"), valid)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        y = self.known_target(x, y)
        if self.num_replicas > 1:
            check_penalties(self.losses, self.trainable_weights)
        losses = (
            self.step_losses
            if self.sequence_head is None
            else self.sequence_losses
        )
        values, weights = losses(x, y, y_pred, sample_weight)
        # Where replicas share a batch, each returns what it adds to the loss.
        count = self.sum_replicas(ops.sum(weights))
        total = ops.divide_no_nan(ops.sum(values), count)
        return total + sum(self.losses) / self.num_replicas

    def step_losses(self, x, y, y_pred, sample_weight):
        """The weighted losses of rows or steps, and their weights."""
        loss = keras.losses.get(self.loss)
        weights = self.step_weights(x, y, sample_weight)
        if hasattr(loss, "step_weights"):
            weights = loss.step_weights(y, weights)
        if isinstance(loss, keras.losses.Loss):
            loss = loss.call
        values = ops.cast(loss(y, y_pred), "float32")
        penalties = self.step_penalties()
        if penalties is not None:
            values = values + penalties
        shared = self.num_replicas > 1
        if len(values.shape) == 0 and (shared or weights is not None):
            raise ValueError(
                "The loss gave one number for all rows. It must give one for "
                "each row or step, for weights, padding and the shares of "
                "several devices to count. Leave the mean out of the loss: "
                "the model takes it."
            )
        if weights is None:
            weights = ops.ones_like(values)
        else:
            weights = spread(ops.cast(weights, "float32"), values)
        return values * weights, weights

    def sequence_losses(self, x, y, y_pred, sample_weight):
        """The weighted losses of rows, and the weights of their labels."""
        mask = self.valid_steps(x, y)
        losses, counts = self.head.sequence_losses(y, y_pred, mask)
        weights = self.row_weights(sample_weight)
        if weights is None:
            return losses, counts
        return losses * weights, counts * weights

    def row_weights(self, sample_weight):
        """Sample weights for a head that judges whole sequences, or None."""
        if sample_weight is None:
            return None
        if len(sample_weight.shape) != 1:
            raise ValueError(
                f"A model with head={self.head.kind!r} judges whole sequences: "
                "`sample_weight` must have one weight per row, (batch,). "
                f"Received: the shape {tuple(sample_weight.shape)}."
            )
        return ops.cast(sample_weight, "float32")

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        y = self.known_target(x, y)
        if self.sequence_head is None:
            weights = self.step_weights(x, y, sample_weight)
        else:
            y, y_pred, weights = self.decided(x, y, y_pred, sample_weight)
        return super().compute_metrics(x, y, y_pred, weights)

    def decided(self, x, y, y_pred, sample_weight):
        """Targets, decisions and weights for metrics of whole sequences."""
        mask = self.valid_steps(x, y)
        with self.weights_of_step():
            decisions = self.head.decisions(y_pred, mask)
        weights = self.row_weights(sample_weight)
        if len(decisions.shape) == 2:
            return y, decisions, weights
        known = y >= 0 if mask is None else (y >= 0) & ops.cast(mask, "bool")
        y = ops.where(known, y, ops.zeros_like(y))
        known = ops.cast(known, "float32")
        if weights is not None:
            known = known * spread(weights, known)
        return y, decisions, known

    # === Checks ===

    def check(self, x, y=None):
        """Raises `ValueError` for arrays that cannot be meant."""

    def checked(self, x, y=None, options=None):
        """`(x, y)`, lists as arrays; data sets and symbolic tensors as is.

        Raises:
            ValueError: arrays that cannot be meant.
        """
        leaves = [v for v in (x, y) if v is not None]
        if isinstance(x, dict):
            leaves = [*x.values(), *leaves[1:]]
        if not leaves or not all(v is None or is_array(v) for v in leaves):
            return x, y
        x = as_arrays(x)
        y = as_arrays(y)
        self.check(x, y)
        if y is None and (options or {}).get("sample_weight") is not None:
            # Keras drops sample weights that come without y.
            y = self.target(x, y)
        return x, y

    def fit(self, x=None, y=None, *args, **kwargs):
        """As `keras.Model.fit`, after a check of arrays.

        Raises:
            ValueError: arrays that cannot be meant; class weights where a row
                has more than one class.
        """
        x, y = self.checked(x, y, kwargs)
        if kwargs.get("class_weight") is not None and np.ndim(y) != 1:
            raise ValueError(
                "Keras's `class_weight` is for arrays of one class per row. "
                "Received: targets of other kinds. Pass `sample_weight`, the "
                "weight of each class at its place, (batch,) or (batch, "
                "timesteps)."
            )
        validation = kwargs.get("validation_data")
        if isinstance(validation, tuple | list):
            # Before the first epoch, not after it.
            given = (*validation, None)[:2]
            kwargs["validation_data"] = (
                *self.checked(*given)[: len(validation)],
                *map(as_arrays, validation[2:]),
            )
        if hasattr(x, "element_spec") and len(args) < 7:
            # Keras warns that it leaves the order of a data set as it is.
            kwargs.setdefault("shuffle", False)
        return super().fit(x, y, *args, **kwargs)

    def evaluate(self, x=None, y=None, *args, **kwargs):
        """As `keras.Model.evaluate`, after a check of arrays."""
        x, y = self.checked(x, y, kwargs)
        return super().evaluate(x, y, *args, **kwargs)

    def predict(self, x, *args, **kwargs):
        """As `keras.Model.predict`, after a check of arrays."""
        x, _ = self.checked(x)
        return super().predict(x, *args, **kwargs)

    # === Vocabularies ===

    def save_assets(self, directory):
        for name in self.vocabulary_names:
            vocabulary = getattr(self, name)
            if vocabulary is not None:
                text.save(vocabulary, Path(directory) / f"{name}.json")

    def load_assets(self, directory):
        for name in self.vocabulary_names:
            path = Path(directory) / f"{name}.json"
            if path.exists():
                setattr(self, name, text.load(path))

    # === Running ===

    def run(self, name, function, *inputs):
        """Runs `function` compiled, once per `name` and type of inputs."""
        if not hasattr(self, "_compiled"):
            self._compiled = {}
        if name not in self._compiled:
            self._compiled[name] = compiled(self, function, inputs)
        return self._compiled[name](*inputs)
