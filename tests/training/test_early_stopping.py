import json

import keras
import numpy as np
import pytest

from rnnzoo.training import fit as fitting
from rnnzoo.training import resume
from rnnzoo.training.early_stopping import EarlyStopping
from tests.training import small


class Script(keras.callbacks.Callback):
    """Says what the metrics of each epoch are, and dies where it is told."""

    def __init__(self, values, name="val_score", killed_after=None):
        super().__init__()
        self.values = values
        self.name = name
        self.killed_after = killed_after
        self.weights = {}

    def on_epoch_end(self, epoch, logs=None):
        logs[self.name] = self.values[epoch]
        self.weights[epoch + 1] = self.model.get_weights()

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.killed_after:
            raise KeyboardInterrupt


def train(values, stop, root=None, epochs=None, **options):
    """(model, script, epochs that there were)."""
    model, script, run = small.build(), Script(values, **options), small.Run()

    def learn(session):
        fitting.fit(
            model,
            small.Pairs(),
            small.validation(),
            run=run,
            epochs=epochs or len(values),
            session=session,
            callbacks=[script, stop],
        )

    if root is None:
        learn(None)
    else:
        with resume.Session("test", {}, root) as session:
            learn(session)
    return model, script, max(run.metrics)


def same(weights, others):
    return all(map(np.array_equal, weights, others))


def test_it_ends_after_epochs_without_progress_at_the_best_weights(capsys):
    stop = EarlyStopping("val/score", patience=2, mode="max")
    model, script, epochs = train([0.1, 0.4, 0.3, 0.4, 0.9, 1.0], stop)
    assert (epochs, stop.best_epoch, stop.best) == (4, 2, 0.4)
    assert same(model.get_weights(), script.weights[2])
    assert not same(model.get_weights(), script.weights[4])
    said = "no progress for 2 epochs; the weights kept are those of epoch 2, "
    assert said + "val/score 0.4\n" in capsys.readouterr().out


def test_a_training_to_its_end_keeps_the_best_weights_too(capsys):
    stop = EarlyStopping("val/score", patience=None, mode="min")
    model, script, epochs = train([3.0, 2.0, 4.0, 5.0, 6.0], stop)
    assert (epochs, stop.best_epoch) == (5, 2)
    assert same(model.get_weights(), script.weights[2])
    assert "\nthe weights kept are those of epoch 2" in capsys.readouterr().out


def test_little_by_little_is_progress_and_less_is_none():
    steps = [1.0, 0.95, 0.89, 0.85, 0.82, 0.79]
    stop = EarlyStopping("val/score", 2, min_delta=0.1, mode="min")
    assert train(steps, stop)[2] == 5
    # The best weights are those of the lowest value, progress or not.
    assert stop.best_epoch == 5


@pytest.mark.slow
def test_nan_is_no_progress():
    stop = EarlyStopping("val/score", 2, mode="min")
    nan = float("nan")
    assert train([nan, 1.0, nan, nan, 0.5], stop)[2] == 4
    assert stop.best_epoch == 2


@pytest.mark.parametrize(
    "killed_after", [3, pytest.param(1, marks=pytest.mark.slow)]
)
def test_killed_and_gone_on_with_it_ends_the_same(tmp_path, killed_after):
    values = [0.1, 0.5, 0.3, 0.2, 0.1, 0.9]
    options = {"patience": 3, "mode": "max"}
    whole, _, epochs = train(
        values, EarlyStopping("val/score", **options), tmp_path / "a"
    )
    assert epochs == 5
    with pytest.raises(KeyboardInterrupt):
        train(
            values,
            EarlyStopping("val/score", **options),
            tmp_path / "b",
            killed_after=killed_after,
        )
    stop = EarlyStopping("val/score", **options)
    again, _, epochs = train(values, stop, tmp_path / "b")
    assert (epochs, stop.best_epoch) == (5, 2)
    assert small.state(again) == small.state(whole)


@pytest.mark.slow
def test_its_state_is_fit_for_a_checkpoint():
    stop = EarlyStopping("val/score", mode="min")
    assert json.loads(json.dumps(stop.get_state())) == stop.get_state()
    train([1.0, 2.0], stop)
    state = stop.get_state()
    assert all(isinstance(w, np.ndarray) for w in state.pop("weights"))
    assert json.loads(json.dumps(state)) == state


@pytest.mark.parametrize(
    ("monitor", "sign"),
    [
        ("val/loss", -1),
        ("val/perplexity", -1),
        ("val/mean_absolute_error", -1),
        ("val/bits_per_character", -1),
        ("val/accuracy", 1),
        ("val/macro_f1", 1),
        ("val/bleu_lowercased", 1),
        ("val/exact_match", 1),
    ],
)
def test_a_name_tells_what_is_better(monitor, sign):
    assert EarlyStopping(monitor).sign == sign


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patience": 0}, "patience=0 and min_delta=0.0; patience must be"),
        ({"min_delta": -1.0}, "min_delta=-1.0"),
        ({"mode": "low"}, "mode='low'; give 'auto', 'min' or 'max'"),
        ({"monitor": "val/score"}, "'val/score' is better, its name does not"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        EarlyStopping(**options)


def test_a_metric_that_is_not_there_is_told():
    with pytest.raises(ValueError, match="Did you mean 'val/mae'") as error:
        train([1.0], EarlyStopping("val_mae"))
    assert "There are train/loss, train/mae, val/loss" in str(error.value)
