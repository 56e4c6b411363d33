"""When a training has learnt enough, or will learn no more.

Imports Keras, so a recipe imports this where it trains.
"""

import math

import keras


class StopEarly(keras.callbacks.Callback):
    """Ends a training that is solved or stands still, at its best weights.

    Args:
        solved: float. A `val_loss` below it is as good as any.
        progress: float. By how much `val_loss` has to fall...
        patience: int. ...in so many epochs, for the training to go on.

    Attributes:
        ended: "solved", "plateau", or "budget" for one that had all epochs.
        epochs: int. Epochs that there were.
    """

    def __init__(self, solved, progress, patience):
        super().__init__()
        self.solved = solved
        self.progress = progress
        self.patience = patience
        self.set_state(
            {
                "ended": "budget",
                "epochs": 0,
                "waited": 0,
                "mark": math.inf,
                "best": math.inf,
                "weights": [],
            }
        )

    def get_state(self):
        return {name: getattr(self, name) for name in self._names}

    def set_state(self, state):
        self._names = tuple(state)
        for name, value in state.items():
            setattr(self, name, value)

    def on_epoch_end(self, epoch, logs=None):
        loss = logs["val_loss"]
        self.epochs += 1
        if loss < self.best:
            self.best, self.weights = loss, self.model.get_weights()
        # Against where it stood when the wait began: slow is not still.
        if loss < self.mark - self.progress:
            self.mark, self.waited = loss, 0
        else:
            self.waited += 1
        if loss < self.solved:
            self.ended = "solved"
        elif self.waited >= self.patience:
            self.ended = "plateau"
        self.model.stop_training = self.ended != "budget"

    def on_train_end(self, logs=None):
        if self.weights:
            self.model.set_weights(self.weights)
