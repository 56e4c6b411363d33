"""Diagnostics of a model while it learns."""

import sys

import keras

from rnnzoo import diagnostics
from rnnzoo.diagnostics.undisturbed import undisturbed


class Diagnose(keras.callbacks.Callback):
    """Looks at a model before a training and after its epochs.

    Each diagnostic is called with the model and the same batch. In a run, its
    figure is kept as diagnostics/NAME/epoch-003.png, its numbers beside it as
    JSON, and those of them that are one number also as metrics
    diagnostics/NAME/... of the epoch. Epoch 0 is before the first step.

    The training is the one that there would be without it, bit for bit, see
    `undisturbed`; and no diagnostic ends it: one that fails is told on
    standard error, once, and then left out.

    Args:
        names: list of str, of `rnnzoo.diagnostics.DIAGNOSTICS`; or a dict from
            names of your own to functions of a model and a batch that return
            a `rnnzoo.diagnostics.diagnosis.Diagnosis`.
        batch: what the diagnostics take, such as `(inputs, targets)` with
            arrays, of few rows: each sees all of them.
        run: what has `log_figure`, `log_text` and `log_metrics` of
            `rnnzoo.training.tracking.Run`; None: everything is kept in
            `found`.
        epochs: collection of int. The epochs after which it looks, 0 being
            before the first one; None: all.

    Attributes:
        run: as above; it may be set before the training begins.
        found: dict from name to a dict from epoch to `Diagnosis`; empty where
            there is a run.

    Raises:
        ValueError: an unknown name, or none.

    Example:

    ```python
    from rnnzoo.diagnostics.callback import Diagnose

    model = rnnzoo.build("seq2seq", source_vocabulary=9, units=4)
    model.compile()
    x = {"source": np.array([[5, 6, 7]]), "target": np.array([[8, 5, 2]])}
    look = Diagnose(["attention"], (x, None), epochs=[0, 2])
    model.fit(x, epochs=2, callbacks=[look], verbose=0)
    figure, numbers = look.found["attention"][2]
    ```
    """

    def __init__(self, names, batch, run=None, epochs=None):
        super().__init__()
        if not isinstance(names, dict):
            names = {name: diagnostics.get(name) for name in names}
        if not names:
            raise ValueError(
                "There is nothing to look at. Received: no names. Give some "
                f"of {', '.join(diagnostics.DIAGNOSTICS)}."
            )
        self.diagnostics = names
        self.batch = batch
        self.run = run
        self.epochs = epochs
        self.found = {}
        self._checked = {}  # what a check has seen, by name
        self._failed = set()

    def check(self, model):
        """Looks at the model once, and raises what a diagnostic raises.

        Right before a training, so that one that does not suit the model ends
        what has not begun. What is seen is kept as that of epoch 0.

        Args:
            model: a built `keras.Model`.

        Raises:
            ValueError: a diagnostic does not suit the model or the batch.
        """
        for name in self.diagnostics:
            self._checked[name] = self._call(name, model)

    def on_train_begin(self, logs=None):
        # What is not built yet gets its weights from the first batch.
        if self.model.built:
            self._look(0)

    def on_epoch_end(self, epoch, logs=None):
        self._look(epoch + 1)

    def _look(self, epoch):
        if self.epochs is not None and epoch not in self.epochs:
            return
        for name in self.diagnostics:
            if name in self._failed:
                continue
            seen = self._checked.pop(name, None)
            try:
                if seen is None or epoch:
                    seen = self._call(name, self.model)
                self._keep(name, epoch, seen)
            except Exception as error:  # whatever it is, training goes on
                self._failed.add(name)
                lines = str(error).strip().splitlines()
                print(
                    f"\nwarning: the diagnostic {name!r} failed in epoch "
                    f"{epoch} ({type(error).__name__}: {' '.join(lines[:1])}),"
                    " and the training goes on without it.",
                    file=sys.stderr,
                )

    def _call(self, name, model):
        with undisturbed(model):
            return self.diagnostics[name](model, self.batch)

    def _keep(self, name, epoch, diagnosis):
        if self.run is None:
            self.found.setdefault(name, {})[epoch] = diagnosis
            return
        path = f"diagnostics/{name}/epoch-{epoch:03d}"
        self.run.log_figure(diagnosis.figure, f"{path}.png")
        self.run.log_text(diagnosis.json(), f"{path}.json")
        scalars = {
            f"diagnostics/{name}/{key}": value
            for key, value in diagnosis.scalars().items()
        }
        if scalars:
            self.run.log_metrics(scalars, step=epoch)
