import math
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.training.track import Track
from tests.training import small

ROWS = np.linspace(0.0, 1.0, 8, dtype="float32")[:, None]


class Pause(keras.callbacks.Callback):
    """Takes time that is no training."""

    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.1)


class Waiting(keras.Sequential):
    """Says that half of the time it has waited for data."""

    def train(self, track, **options):
        self.began = time.perf_counter()
        self.compile(keras.optimizers.SGD(0.25), "mse")
        pairs = {"validation_data": (ROWS, ROWS), "batch_size": 4, "verbose": 0}
        callbacks = [Pause(), track]
        self.fit(ROWS, ROWS, callbacks=callbacks, **pairs, **options)

    @property
    def input_seconds(self):
        return (time.perf_counter() - self.began) / 2


def model(kind=Waiting):
    return kind([keras.Input((1,)), keras.layers.Dense(1)])


def test_the_shared_names_in_every_epoch():
    run = small.Run()
    trained = model()
    trained.train(Track(run, examples=8), epochs=2)
    history = trained.history.history
    for epoch in (0, 1):
        assert run.metrics[epoch + 1] == {
            "train/loss": history["loss"][epoch],
            "val/loss": history["val_loss"][epoch],
            "train/lr": 0.25,
        }


def test_what_is_summed_up(capsys):
    run = small.Run()
    model().train(Track(run, examples=8), epochs=3)
    losses = [run.metrics[epoch]["val/loss"] for epoch in (1, 2, 3)]
    last = run.metrics[0]
    assert set(last) == {
        "best/epoch",
        "best/loss",
        "model/num_params",
        "perf/examples_per_second",
        "perf/first_step_seconds",
        "perf/fit_seconds",
        "perf/input_wait_share",
        "perf/peak_memory_mb",
        "perf/seconds_to_best",
        "perf/steps_per_second",
        "perf/train_seconds",
    }
    assert last["model/num_params"] == 2
    assert last["best/epoch"] == 1 + losses.index(min(losses))
    assert last["best/loss"] == min(losses)
    assert last["perf/seconds_to_best"] <= last["perf/fit_seconds"]
    train = last["perf/train_seconds"]
    assert train + 0.3 <= last["perf/fit_seconds"]
    assert last["perf/steps_per_second"] == pytest.approx(6 / train)
    assert last["perf/examples_per_second"] == pytest.approx(24 / train)
    assert last["perf/first_step_seconds"] <= train + 0.1
    # Half of all the time, of which training is only a part.
    waited = last["perf/input_wait_share"] * train
    assert waited == pytest.approx(last["perf/fit_seconds"] / 2, rel=0.05)
    assert 100 < last["perf/peak_memory_mb"] < 100_000
    said = capsys.readouterr().out
    assert said.startswith("3 epochs in ")
    assert f"lowest val/loss {min(losses):.4g} in epoch " in said
    assert "% of it waiting for input" in said


@pytest.mark.parametrize("waited", [None, math.nan])
def test_waiting_that_is_not_counted_is_not_logged(capsys, waited):
    kind = type("Kind", (keras.Sequential,), {"train": Waiting.train})
    if waited is not None:
        kind.input_seconds = waited
    run = small.Run()
    model(kind).train(Track(run, examples=8), epochs=1)
    assert "perf/input_wait_share" not in run.metrics[0]
    assert "waiting" not in capsys.readouterr().out


def test_the_fullest_gpu_is_told(monkeypatch, capsys):
    peaks = {"GPU:0": 2_000_000, "GPU:1": 3_000_000}
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: peaks)
    monkeypatch.setattr(
        tf.config.experimental,
        "get_memory_info",
        lambda name: {"current": 1, "peak": peaks[name]},
    )
    run = small.Run()
    track = Track(run, examples=8)
    track.set_model(model())
    track.on_train_begin()
    track.on_train_end()
    assert run.metrics[0]["perf/peak_gpu_memory_mb"] == 3.0


def test_a_resumed_training_is_summed_up_as_a_whole():
    """As if its first three epochs had been in a process before."""
    run = small.Run()
    first, second = Track(small.Run(), 8), Track(run, 8)
    model().train(first, epochs=3)
    state = first.get_state() | {"best": {"loss": -1.0, "epoch": 2}}
    state["best"]["seconds"] = 0.25

    class Resume(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 3:
                second.set_state(state)

    trained = model()
    trained.compile(keras.optimizers.SGD(0.25), "mse")
    trained.fit(
        ROWS,
        ROWS,
        batch_size=4,
        initial_epoch=3,
        epochs=4,
        verbose=0,
        callbacks=[Resume(), second],
    )
    last = run.metrics[0]
    assert last["perf/fit_seconds"] > state["seconds"]["fit"]
    assert last["perf/train_seconds"] > state["seconds"]["train"]
    steps = last["perf/steps_per_second"] * last["perf/train_seconds"]
    assert steps == pytest.approx(8)
    assert (last["best/loss"], last["best/epoch"]) == (-1.0, 2)
    assert last["perf/seconds_to_best"] == 0.25
