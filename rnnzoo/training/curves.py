"""The curves of a training, as a picture in its run."""

import math
import sys

import keras

from rnnzoo.training import workers

FILE = "curves.png"


class Curves(keras.callbacks.Callback):
    """Leaves curves.png in a run when its training ends.

    It has all epochs, also of a training that was resumed. What fails in
    drawing it is told, and ends nothing: there is a model to be saved.

    Args:
        run: a `tracking.Run`.
        track: the `track.Track` of the run, called before this callback, whose
            `metrics` are drawn.
    """

    def __init__(self, run, track):
        super().__init__()
        self.run = run
        self.track = track
        self.epochs = []
        self.rows = []  # of the epochs: dicts from a metric to its value

    def get_state(self):
        return {"epochs": list(self.epochs), "rows": list(self.rows)}

    def set_state(self, state):
        self.epochs = list(state["epochs"])
        self.rows = list(state["rows"])

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch + 1)
        self.rows.append(dict(self.track.metrics))

    def on_train_end(self, logs=None):
        if not self.rows or not workers.me().chief:
            return
        from rnnzoo.diagnostics.curves import curves

        names = dict.fromkeys(name for row in self.rows for name in row)
        history = {
            name: [row.get(name, math.nan) for row in self.rows]
            for name in names
        }
        try:
            figure, _ = curves(history, self.epochs)
            self.run.log_figure(figure, FILE)
        except Exception as error:  # of any kind, of whatever draws
            print(
                f"\nwarning: {FILE} is not drawn ({type(error).__name__}: "
                f"{error}).",
                file=sys.stderr,
            )
