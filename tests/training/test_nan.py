import keras
import numpy as np
import pytest

from rnnzoo.training.nan import StopOnNaN

ROWS = np.linspace(0.0, 1.0, 8, dtype="float32")[:, None]


class Poison(keras.callbacks.Callback):
    """Breaks the weights in one epoch, at one moment of its last step."""

    def __init__(self, epoch, after):
        super().__init__()
        self.epoch = epoch
        self.after = after
        self.kept = []

    def on_epoch_begin(self, epoch, logs=None):
        self.kept.append(self.model.get_weights())

    def on_train_batch_begin(self, batch, logs=None):
        self.poison(batch, after=False)

    def on_train_batch_end(self, batch, logs=None):
        self.poison(batch, after=True)

    def poison(self, batch, after):
        if (len(self.kept), batch, after) == (self.epoch + 1, 1, self.after):
            self.model.layers[0].kernel.assign([[np.nan]])


def fit(*callbacks, y=ROWS):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.25), "mse")
    options = {"batch_size": 4, "epochs": 3, "verbose": 0}
    with pytest.raises(FloatingPointError) as error:
        model.fit(ROWS, y, callbacks=list(callbacks), **options)
    return model, str(error.value)


@pytest.mark.parametrize("epoch", [0, 1])
@pytest.mark.parametrize("after", [False, True])
def test_nan_stops_with_the_last_good_weights(epoch, after):
    poison = Poison(epoch, after)
    model, said = fit(poison, StopOnNaN())
    what = "Weights became NaN or infinite" if after else "The loss became nan"
    assert said == (
        f"{what} in epoch {epoch + 1}, at step 2. The weights from before "
        "that epoch were put back. Try a lower learning rate, stronger "
        "gradient clipping, or look for wrong values in the data."
    )
    for now, then in zip(model.get_weights(), poison.kept[epoch], strict=True):
        np.testing.assert_array_equal(now, then)


def test_an_infinite_loss_stops_too():
    _, said = fit(StopOnNaN(), y=ROWS * 1e30)
    assert "The loss became inf in epoch 1, at step 1" in said


def test_a_resumed_training_puts_back_the_same_weights():
    before, after = StopOnNaN(), StopOnNaN()
    before.good = [np.ones(2)]
    after.set_state(before.get_state())
    assert after.good is before.good
