import json

import keras
import numpy as np

from rnnzoo.training import state
from tests.training import small


class Counts(keras.callbacks.Callback):
    """Remembers something of its own."""

    def __init__(self, count=0):
        super().__init__()
        self.count = count

    def get_state(self):
        return {"count": self.count, "arrays": [np.arange(3)], "none": []}

    def set_state(self, values):
        self.values = values


def learn(model, steps=1):
    for _ in range(steps):
        model.fit(small.Pairs().dataset(), verbose=0, shuffle=False)
    return model


def test_everything_comes_back_but_the_metrics():
    model = learn(small.build())
    arrays, about = state.capture(model, [], metrics=False)
    other = learn(small.build(), steps=2)
    assert small.state(other) != small.state(model)
    state.restore(other, [], arrays, json.loads(json.dumps(about)))
    assert small.state(other) == small.state(model)
    names = [path for path, _, _ in about["model"] + about["optimizer"]]
    assert any("seed_generator_state" in name for name in names)
    assert any("iteration" in name for name in names)
    # The same data and dropout lead to the same weights again.
    assert small.state(learn(other)) == small.state(learn(model))


def test_the_sums_behind_the_metrics_come_back():
    model = learn(small.build())
    arrays, about = state.capture(model, [], metrics=True)
    other = learn(small.build(), steps=2)
    other.reset_metrics()
    state.restore_metrics(other, arrays)
    assert [m.result() for m in other.metrics[:1]] == [
        m.result() for m in model.metrics[:1]
    ]
    for ours, theirs in zip(
        model.metrics_variables, other.metrics_variables, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    assert len(about["metrics"]) == 4  # total and count of loss and of mae


def test_callbacks_say_themselves_what_they_remember():
    model = learn(small.build())
    callbacks = [keras.callbacks.CSVLogger("unused"), Counts(5)]
    arrays, about = state.capture(model, callbacks, metrics=False)
    again = Counts()
    state.restore(model, [again], arrays, json.loads(json.dumps(about)))
    assert again.values["count"] == 5
    assert again.values["none"] == []
    np.testing.assert_array_equal(again.values["arrays"][0], np.arange(3))


def test_what_keras_s_own_callbacks_decide_by_comes_back(tmp_path):
    def make():
        return [
            keras.callbacks.EarlyStopping("loss", restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau("loss"),
            keras.callbacks.ModelCheckpoint(
                str(tmp_path / "a.keras"), "loss", save_best_only=True
            ),
        ]

    model = small.build(keras.optimizers.Adam(0.01))
    before, after = make(), make()
    data = small.Pairs().dataset()
    model.fit(data, callbacks=before, verbose=0, epochs=2, shuffle=False)
    arrays, about = state.capture(model, before, metrics=False)
    state.restore(model, after, arrays, json.loads(json.dumps(about)))
    for now, then in zip(after, before, strict=True):
        assert now.best == then.best > 0
    assert after[0].best_epoch == before[0].best_epoch
    for now, then in zip(
        after[0].best_weights, before[0].best_weights, strict=True
    ):
        np.testing.assert_array_equal(now, then)


def test_it_says_what_does_not_fit():
    def build(*layers):
        model = keras.Sequential([keras.Input((3,)), *layers])
        model.compile("adam", "mse")
        model.optimizer.build(model.trainable_variables)
        return model

    dense, dropout = keras.layers.Dense, keras.layers.Dropout
    model = build(dense(8), dropout(0.5), dense(1))
    _, about = state.capture(model, [Counts()], metrics=False)
    same = build(dense(8), dropout(0.5), dense(1))
    assert state.differences(same, [Counts()], about) == []
    other = build(dense(4), dense(1))
    assert state.differences(other, [], about) == [
        "the model has 4 variables now and had 5 then",
        "the variable sequential/dense/kernel (3, 4) float32 was "
        "sequential/dense/kernel (3, 8) float32",
        "the variable adam/sequential_dense_kernel_momentum (3, 4) float32 "
        "was adam/sequential_dense_kernel_momentum (3, 8) float32",
        "the callbacks that remember are [] now and were ['Counts'] then",
    ]
