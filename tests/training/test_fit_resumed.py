import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

import rnnzoo
from rnnzoo.pipelines.continuous import ContinuousText
from rnnzoo.training import fit as fitting
from rnnzoo.training import resume
from tests.training import small


class Killed(BaseException):
    """As far as a test can be killed and go on."""


class At(keras.callbacks.Callback):
    """Raises at one moment: (event, epoch, batch)."""

    def __init__(self, error, event, epoch, batch=None):
        super().__init__()
        self.error = error
        self.moment = (event, epoch, batch)

    def reached(self, event, batch=None):
        if (event, self.epoch, batch) == self.moment:
            raise self.error

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        self.reached("epoch begins")

    def on_train_batch_begin(self, batch, logs=None):
        self.reached("step begins", batch)

    def on_train_batch_end(self, batch, logs=None):
        self.reached("step ends", batch)

    def on_test_begin(self, logs=None):
        self.reached("validation")

    def on_epoch_end(self, epoch, logs=None):
        self.reached("epoch ends")


def train(session, *callbacks, model=None, run=None, training=None):
    model = model or small.build()
    fitting.fit(
        model,
        training or small.Pairs(),
        small.validation(),
        run=run or small.Run(),
        epochs=small.EPOCHS,
        session=session,
        callbacks=callbacks,
    )
    return model


def fit(root, *callbacks, run=None, save_minutes=0.0, fresh=False, **options):
    run = run or small.Run()
    with resume.Session(
        "test", {"a": 1}, root, save_minutes=save_minutes, fresh=fresh
    ) as session:
        return train(session, *callbacks, run=run, **options), run


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory):
    model, run = fit(tmp_path_factory.mktemp("unkilled"))
    return small.state(model), run.by_epoch()


def moments():
    """Where a training can end; all but a few of them are slow."""
    fast = {
        ("step begins", 0, 3): Killed,
        ("validation", 1, None): KeyboardInterrupt,
        ("step ends", 1, 1): KeyboardInterrupt,
        ("epoch ends", 2, None): Killed,
    }
    for moment in [
        ("epoch begins", 0, None),
        ("step ends", 0, 0),
        ("step begins", 0, 3),
        ("step ends", 0, 3),
        ("validation", 0, None),
        ("epoch ends", 0, None),
        ("epoch begins", 1, None),
        ("step ends", 1, 1),
        ("validation", 1, None),
        ("epoch ends", 2, None),
    ]:
        for error in (Killed, KeyboardInterrupt):
            marks = () if fast.get(moment) is error else pytest.mark.slow
            words = "-".join(map(str, (*moment, error.__name__)))
            yield pytest.param(moment, error, marks=marks, id=words)


@pytest.mark.parametrize("moment, error", list(moments()))
def test_every_moment_can_be_gone_on_from(tmp_path, unkilled, moment, error):
    run = small.Run()
    with pytest.raises(error):
        fit(tmp_path, At(error(), *moment), run=run)
    model, run = fit(tmp_path, At(None, "never", 0), run=run)
    assert small.state(model) == unkilled[0]
    assert run.by_epoch() == unkilled[1]
    assert not any((tmp_path / "unfinished").iterdir())


def test_ctrl_c_inside_a_step_waits_for_its_end(tmp_path, unkilled):
    """The signal comes while TensorFlow runs, from a thread of its own."""
    sent = []

    def interrupt(x):
        # Once: a second one is not held back, wherever it comes.
        if not sent:
            sent.append(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return x

    class Interrupting(small.Pairs):
        def dataset(self, epoch=0, batch=0):
            dataset = super().dataset(epoch, batch)
            if epoch != 1:
                return dataset
            return dataset.map(
                lambda x, y: (
                    tf.ensure_shape(
                        tf.numpy_function(interrupt, [x], "float32"), [None, 3]
                    ),
                    y,
                )
            )

    run = small.Run()
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, run=run, training=Interrupting(), save_minutes=60)
    assert sent
    model, run = fit(tmp_path, run=run)
    assert small.state(model) == unkilled[0]
    assert run.by_epoch() == unkilled[1]


def test_what_had_ended_is_not_trained_again(tmp_path, capsys):
    """Killed while the test set is scored, after an early end."""

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    place = resume.Session("test", {"a": 1}, tmp_path)
    with pytest.raises(Killed), place:
        ended = train(place, Stop())
        raise Killed
    assert list(place.directory.glob("*.npz"))
    run = small.Run()
    with place:
        again = train(place, Stop(), run=run)
    assert small.state(again) == small.state(ended)
    assert run.by_epoch() == "{}"
    assert run.models == 1
    assert (
        "Going on from the end of epoch 2, kept in" in capsys.readouterr().out
    )


def test_another_model_is_refused_and_nothing_overwritten(tmp_path):
    with pytest.raises(Killed):
        fit(tmp_path, At(Killed(), "epoch begins", 1))
    other = small.build(keras.optimizers.SGD(0.1))
    run = small.Run()
    with pytest.raises(ValueError, match="optimizer has 2 variables") as e:
        fit(tmp_path, model=other, run=run)
    assert "or give --fresh to start anew" in str(e.value)
    assert run.models == 0
    model, _ = fit(tmp_path, fresh=True)
    assert model.optimizer.iterations == small.EPOCHS * small.STEPS


def test_a_full_disk_ends_the_training_with_its_sentence(
    tmp_path, monkeypatch, capsys
):
    def full(*arguments):
        raise OSError("no space for a checkpoint")

    monkeypatch.setattr(resume.Session, "save", full)
    run = small.Run()
    run.log_model = full
    with pytest.raises(OSError, match="no space for a checkpoint"):
        fit(tmp_path, run=run)
    said = capsys.readouterr().err
    assert "not kept: no space for a checkpoint" in said
    assert not any((tmp_path / "unfinished").iterdir())


def test_a_data_set_without_places_cannot_be_resumed(tmp_path):
    place = resume.Session("test", {}, tmp_path)
    with pytest.raises(ValueError, match="cannot be entered in the middle"):
        train(place, training=small.validation())


@pytest.mark.slow
def test_carried_states_are_gone_on_from(tmp_path):
    """Of a language model, killed between two batches of one document."""
    rng = np.random.default_rng(0)
    documents = [rng.integers(4, 9, n).tolist() for n in (17, 30, 4, 25)]

    def train(root, *callbacks):
        keras.utils.set_random_seed(3)
        model = rnnzoo.build(
            "synced", vocabulary=9, num_outputs=9, units=4, carried_rows=2
        )
        model.compile()
        with resume.Session("test", {"a": 1}, root, save_minutes=0) as session:
            fitting.fit(
                model,
                ContinuousText(documents, 2, 4, shuffle_seed=1),
                ContinuousText(documents, 2, 4).dataset(),
                run=small.Run(),
                epochs=2,
                session=session,
                callbacks=callbacks,
            )
        return small.state(model)

    expected = train(tmp_path / "whole")
    with pytest.raises(Killed):
        train(tmp_path / "killed", At(Killed(), "step ends", 1, 3))
    assert train(tmp_path / "killed") == expected
