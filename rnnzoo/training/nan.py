"""What becomes of a training whose numbers are no numbers any more."""

import math

import keras
import numpy as np


class StopOnNaN(keras.callbacks.Callback):
    """Ends a training whose loss is no number, keeping the last good weights.

    Raises:
        FloatingPointError: naming epoch and step, after the weights of the
            last whole epoch (or the first ones) have been put back.
    """

    def on_train_begin(self, logs=None):
        self.epoch = 0
        self.step = 0
        # A model that is built by its first step has nothing to put back.
        self.good = self.model.get_weights() if self.model.built else None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        self.step = batch + 1
        # The mean since the epoch began: once NaN, it stays so.
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            self._stop(f"The loss became {float(loss)}")

    def on_epoch_end(self, epoch, logs=None):
        weights = self.model.get_weights()
        # The last step can break them without its loss having shown it.
        if not all(np.isfinite(weight).all() for weight in weights):
            self._stop("Weights became NaN or infinite")
        self.good = weights

    def get_state(self):
        return {"good": self.good}

    def set_state(self, state):
        self.good = state["good"]

    def _stop(self, what):
        done = ""
        if self.good is not None:
            self.model.set_weights(self.good)
            done = "The weights from before that epoch were put back. "
        raise FloatingPointError(
            f"{what} in epoch {self.epoch + 1}, at step {self.step}. {done}"
            "Try a lower learning rate, stronger gradient clipping, or look "
            "for wrong values in the data."
        )
