"""Ends a training that no longer gets better, and keeps its best weights."""

import difflib
import math

import keras

# What the name of a metric ends with, where less of it is better, and more.
_LESS = (
    "loss",
    "error",
    "perplexity",
    "bits_per_character",
    "distance",
    "mse",
    "mae",
)
_MORE = (
    "accuracy",
    "f1",
    "bleu",
    "bleu_lowercased",
    "chrf",
    "exact_match",
    "precision",
    "recall",
)


class EarlyStopping(keras.callbacks.Callback):
    """Ends a training after epochs without progress, at its best weights.

    Of the weights at the ends of the epochs, those with the best value of one
    metric are what the training ends with, also where it was not stopped.
    What it remembers goes into checkpoints: a training that is killed and
    goes on stops where it would have stopped. Among the callbacks of `fit` it
    comes after those that add the metric to the epoch's numbers.

    Args:
        monitor: str. The metric, as it is tracked: "val/loss",
            "val/accuracy", "train/loss", ...
        patience: int or None. So many epochs without progress end the
            training; None: never, and only the best weights are kept.
        min_delta: float. Less than this is no progress.
        mode: str. "min", "max", or "auto": by the name of the metric.

    Attributes:
        best: float or None. The best value.
        best_epoch: int or None. Its epoch, from 1.

    Raises:
        ValueError: values out of range; a name that does not tell whether less
            of it is better. At the end of an epoch: there is no such metric.

    Example:

    ```python
    from rnnzoo.training.early_stopping import EarlyStopping

    callbacks = [EarlyStopping("val/accuracy", patience=3)]
    ```
    """

    def __init__(
        self, monitor="val/loss", patience=3, min_delta=0.0, mode="auto"
    ):
        super().__init__()
        if patience is not None and patience < 1 or not min_delta >= 0:
            raise ValueError(
                f"Got patience={patience} and min_delta={min_delta}; patience "
                "must be at least 1 epoch, or None, and min_delta at least 0."
            )
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.sign = _sign(monitor, mode)
        self.best = None
        self.best_epoch = None
        self._mark = None  # what has to be exceeded for progress
        self._waited = 0
        self._weights = []

    def get_state(self):
        return {
            "best": self.best,
            "best_epoch": self.best_epoch,
            "mark": self._mark,
            "waited": self._waited,
            "weights": self._weights,
        }

    def set_state(self, state):
        self.best = state["best"]
        self.best_epoch = state["best_epoch"]
        self._mark = state["mark"]
        self._waited = state["waited"]
        self._weights = list(state["weights"])

    def on_epoch_end(self, epoch, logs=None):
        value = self._value(logs or {})
        self._waited += 1
        if self._exceeds(value, self.best):
            self.best, self.best_epoch = value, epoch + 1
            self._weights = self.model.get_weights()
        # Against where it stood when the wait began: slow is not still.
        if self._exceeds(value, self._mark, self.min_delta):
            self._mark, self._waited = value, 0
        if self.patience is not None and self._waited >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if not self._weights:
            return
        self.model.set_weights(self._weights)
        waited = ""
        if self.patience is not None and self._waited >= self.patience:
            waited = f"no progress for {self._waited} epochs; "
        print(
            f"{waited}the weights kept are those of epoch {self.best_epoch}, "
            f"{self.monitor} {self.best:.4g}"
        )

    def _exceeds(self, value, other, by=0.0):
        # NaN exceeds nothing.
        if other is None:
            return math.isfinite(value)
        return self.sign * (value - other) > by

    def _value(self, logs):
        """The metric's value, whose name in Keras's logs is another."""
        names = {
            f"val/{name.removeprefix('val_')}"
            if name.startswith("val_")
            else f"train/{name}": name
            for name in logs
        }
        if self.monitor not in names:
            near = difflib.get_close_matches(self.monitor, names, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(
                f"There is no {self.monitor!r} at the end of an epoch to stop "
                f"the training by.{hint} There are {', '.join(names)}."
            )
        return float(logs[names[self.monitor]])


def _sign(monitor, mode):
    """1 where more is better, -1 where less is."""
    if mode not in ("auto", "min", "max"):
        raise ValueError(f"Got mode={mode!r}; give 'auto', 'min' or 'max'.")
    if mode != "auto":
        return 1 if mode == "max" else -1
    if monitor.endswith(_LESS):
        return -1
    if monitor.endswith(_MORE):
        return 1
    raise ValueError(
        f"Whether less or more of {monitor!r} is better, its name does not "
        "tell: give mode='min' or mode='max'."
    )
