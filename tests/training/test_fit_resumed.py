import keras
import pytest

from rnnzoo.training import fit as training
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


def fit(root, *callbacks, save_minutes=0.0, model=None, run=None, **options):
    model = model or small.build()
    run = run or small.Run()
    session = resume.Session(
        "test", {"a": 1}, root, save_minutes=save_minutes, **options
    )
    with session:
        training.fit(
            model,
            small.Pairs(),
            small.validation(),
            run=run,
            epochs=small.EPOCHS,
            session=session,
            callbacks=callbacks,
        )
    return model, run


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
