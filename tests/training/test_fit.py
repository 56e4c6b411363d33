import signal

import keras
import mlflow
import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.training import fit as training
from rnnzoo.training import tracking

ROWS = np.linspace(0.0, 1.0, 8, dtype="float32")[:, None]


def data(targets=ROWS):
    return tf.data.Dataset.from_tensor_slices((ROWS, targets)).batch(4)


def fit(root, *callbacks, targets=ROWS):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.25), "mse")
    run = tracking.Run("test", "name", {"epochs": 3}, root)
    error = None
    try:
        with run:
            metrics = training.fit(
                model,
                data(targets),
                data(),
                run=run,
                epochs=3,
                examples=8,
                callbacks=callbacks,
            )
            run.returned = metrics
    except BaseException as caught:  # handed to the test
        error = caught
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    return model, run, client.get_run(run.run_id), error


def same_weights(model, run):
    loaded = keras.saving.load_model(run.directory / "model.keras")
    for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_training_is_tracked_and_its_model_kept(root, capsys):
    class Extra(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_extra"] = epoch / 2

    model, run, found, error = fit(root, Extra())
    assert error is None
    assert found.info.status == "FINISHED"
    metrics = found.data.metrics
    assert run.returned.items() <= metrics.items()
    assert {"val/extra", "train/lr", "perf/fit_seconds"} < set(run.returned)
    loss = model.evaluate(data(), verbose=0)
    assert metrics["val/loss"] == pytest.approx(loss)
    assert metrics["val/extra"] == 1.0
    assert metrics["model/num_params"] == 2
    assert metrics["perf/examples_per_second"] > 0
    same_weights(model, run)
    out = capsys.readouterr().out
    assert "Epoch 3/3" in out
    assert "2/2 - " in out  # one line an epoch where there is no terminal


def test_ctrl_c_keeps_what_was_learnt(root, capsys):
    class CtrlC(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations == 3:
                raise KeyboardInterrupt

    model, run, found, error = fit(root, CtrlC())
    assert isinstance(error, KeyboardInterrupt)
    assert found.info.status == "KILLED"
    same_weights(model, run)
    saved = keras.saving.load_model(run.directory / "model.keras")
    assert int(saved.optimizer.iterations) == 3
    assert f"kept: {run.directory / 'model.keras'}" in capsys.readouterr().err


@pytest.mark.parametrize("work", ["reset_metrics", "test_function"])
def test_ctrl_c_waits_until_keras_is_done(root, monkeypatch, work):
    """Between two steps too, and while the model is evaluated."""
    done = []

    def interrupted(function):
        def call(*arguments):
            signal.raise_signal(signal.SIGINT)
            result = function(*arguments)
            done.append(work)
            return result

        return call

    if work == "reset_metrics":
        reset = interrupted(keras.Model.reset_metrics)
        monkeypatch.setattr(keras.Model, work, reset)
    else:
        make = keras.Model.make_test_function

        def make_interrupted(model, force=False):
            make(model, force)
            model.test_function = interrupted(model.test_function)

        monkeypatch.setattr(keras.Model, f"make_{work}", make_interrupted)
    model, run, found, error = fit(root)
    assert isinstance(error, KeyboardInterrupt)
    assert done == [work]
    assert found.info.status == "KILLED"
    same_weights(model, run)


def test_nan_fails_and_keeps_finite_weights(root):
    model, run, found, error = fit(root, targets=ROWS * np.nan)
    assert isinstance(error, FloatingPointError)
    assert found.info.status == "FAILED"
    assert "The loss became nan in epoch 1" in found.data.tags["error"]
    assert all(np.isfinite(w).all() for w in model.get_weights())
    same_weights(model, run)


def test_averaged_weights_are_due_after_the_last_epoch_only(root):
    """Although there is a call of `Model.fit` for each epoch."""

    def build():
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        adam = keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5)
        model.compile(adam, "mse")
        return model

    expected, model = build(), build()
    expected.fit(data(), epochs=3, shuffle=False, verbose=0)
    with tracking.Run("test", "name", {}, root) as run:
        options = {"run": run, "epochs": 3, "examples": 8}
        training.fit(model, data(), None, **options)
    for a, b in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
