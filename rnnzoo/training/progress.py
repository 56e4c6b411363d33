"""How far a training is, and its state at every moment worth keeping."""

import time

import keras

from rnnzoo.training import state


class Progress(keras.callbacks.CallbackList):
    """The callbacks of one training made of many calls of `Model.fit`.

    One call for each epoch, because an epoch that is entered in the middle has
    fewer steps than the others, and Keras gives all epochs of a call as many.
    The callbacks see a single training: its begin, its end, and steps that
    are numbered from the beginning of the epoch.

    In a session, checkpoints are made after each epoch, once everything of it
    is logged, and every so many minutes inside one.

    Args:
        callbacks: list of Keras callbacks.
        model: the compiled model.
        epochs: int. Epochs of the whole training.
        steps: int or None. Steps of a whole epoch, if known.
        verbose: int, as for `Model.fit`.
        interrupts: an `interrupts.BetweenSteps`.
        session: a `resume.Session`, or None for no checkpoints.
        agree: function from a list of bool, what this worker wants, to what
            any of the workers wants. It makes them do the same after the same
            step: what a checkpoint takes, they add up together.
    """

    def __init__(
        self,
        callbacks,
        *,
        model,
        epochs,
        steps,
        verbose,
        interrupts,
        session=None,
        agree=list,
    ):
        super().__init__(
            callbacks,
            add_history=True,
            model=model,
            epochs=epochs,
            steps=steps,
            verbose=verbose,
        )
        self.epoch = 0
        self.batch = 0  # steps done in this epoch
        self.stopped = False  # by a callback, before the last epoch
        self._first = 0  # step of the epoch at which `fit` began
        self._begun = False
        self._steps = steps
        self._interrupts = interrupts
        self._session = session
        self._agree = agree
        self._saved = time.monotonic()
        self._before_last_step = None
        self._metrics = None  # still to be restored

    def resume(self, arrays, about):
        """Goes to where a checkpoint was made, with its state.

        Args:
            arrays, about: what `Session.load` returns.
        """
        self.epoch, self.batch = about["epoch"], about["batch"]
        self._first = self.batch
        self.stopped = about["stopped"]
        state.restore(self.model, self.callbacks, arrays, about)
        if self.batch:
            self._metrics = arrays

    def save(self):
        """Makes a checkpoint of the last moment that can be gone on from.

        None is made in the middle of a step, which is half done, and before
        the first one. Once its last step is done, an epoch can be gone on with
        only from before that step: what comes then is not in steps.
        """
        if self._session is None or self._interrupts.stepping:
            return
        # Just resumed: the checkpoint is there, the metrics are not back yet.
        if self._metrics is not None or self.epoch + self.batch == 0:
            return
        moment = self._before_last_step
        if moment is None or self.batch < self._steps:
            moment = self._moment()
        self._session.save(*moment)
        self._saved = time.monotonic()

    def place(self):
        """Where the training is, in words."""
        if self.stopped or self.epoch == self.params["epochs"]:
            return f"the end of epoch {self.epoch}"
        return f"epoch {self.epoch + 1}, step {self.batch + 1} of {self._steps}"

    def end(self):
        """Ends the training for its callbacks."""
        super().on_train_end()

    # === Called by Model.fit ===

    def on_train_begin(self, logs=None):
        if not self._begun:
            self._begun = True
            super().on_train_begin(logs)

    def on_train_end(self, logs=None):
        """Not yet: `end` does it."""

    def on_epoch_begin(self, epoch, logs=None):
        if self._metrics is not None:
            # Keras has just reset them.
            state.restore_metrics(self.model, self._metrics)
            self._metrics = None
        super().on_epoch_begin(epoch, logs)
        self._interrupts.may_stop()

    def on_train_batch_begin(self, batch, logs=None):
        self._interrupts.may_stop()
        batch += self._first
        if self._session is not None:
            at_once = self.model.steps_per_execution
            if batch + at_once >= self._steps:
                self._before_last_step = self._moment()
        super().on_train_batch_begin(batch, logs)
        self._interrupts.stepping = True

    def on_train_batch_end(self, batch, logs=None):
        batch += self._first
        self.batch = batch + 1
        super().on_train_batch_end(batch, logs)
        stop, save = self._agree([self._interrupts.pending, self._due()])
        self._interrupts.step_ended(stop)
        if save:
            self.save()

    def on_test_batch_begin(self, batch, logs=None):
        self._interrupts.may_stop()
        super().on_test_batch_begin(batch, logs)

    def on_test_batch_end(self, batch, logs=None):
        super().on_test_batch_end(batch, logs)
        self._interrupts.may_stop()

    def on_epoch_end(self, epoch, logs=None):
        self._interrupts.may_stop()
        super().on_epoch_end(epoch, logs)
        self.stopped = self.model.stop_training
        self.epoch, self.batch, self._first = epoch + 1, 0, 0
        self._before_last_step = None
        self.save()
        self._interrupts.may_stop()

    def _due(self):
        """Whether it is time for a checkpoint inside an epoch."""
        if self._session is None:
            return False
        waited = time.monotonic() - self._saved
        return waited >= 60 * self._session.save_minutes

    def _moment(self):
        """What `Session.save` takes."""
        arrays, about = state.capture(
            self.model, self.callbacks, metrics=self.batch > 0
        )
        about |= {
            "epoch": self.epoch,
            "batch": self.batch,
            "stopped": self.stopped,
        }
        return self.epoch * self._steps + self.batch, arrays, about
