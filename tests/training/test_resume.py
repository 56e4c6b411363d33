import dataclasses
import os

import numpy as np
import pytest

from rnnzoo.training import resume
from tests.training import small


@dataclasses.dataclass(frozen=True)
class Config:
    units: int = 8
    limit: int | None = None
    fresh: bool = False


DATA = {"steps": 4, "source_vocabulary": "ab12"}


def session(root, config=None, recipe="test", **options):
    return resume.Session(recipe, config or Config(), root, **options)


def leave_a_checkpoint(root, run_id="abc", **options):
    with pytest.raises(KeyboardInterrupt), session(root, **options) as place:
        place.begin(small.Run(run_id=run_id), DATA)
        place.save(5, {"weights": np.arange(3)}, {"epoch": 1})
        raise KeyboardInterrupt


def test_the_same_settings_go_on_with_the_same_run(tmp_path):
    leave_a_checkpoint(tmp_path)
    with session(tmp_path) as place:
        assert place.run_id == "abc"
        arrays, about = place.load()
        place.begin(small.Run(), DATA)
    assert about == {"epoch": 1}
    np.testing.assert_array_equal(arrays["weights"], np.arange(3))


def test_settings_tell_trainings_apart(tmp_path):
    first = session(tmp_path).directory
    assert first.parent == tmp_path / "unfinished"
    assert first.name.startswith("test-")
    assert session(tmp_path, Config(fresh=True)).directory == first
    assert session(tmp_path, dataclasses.asdict(Config())).directory == first
    others = [
        session(tmp_path, Config(units=9)).directory,
        session(tmp_path, recipe="other").directory,
        session(tmp_path, Config(fresh=True), ignore=()).directory,
        session(tmp_path, ignore=("fresh", "units")).directory,
    ]
    assert len({first, *others}) == 5


@pytest.mark.parametrize(
    "error, kept",
    [
        (None, False),
        (FloatingPointError, False),
        (KeyboardInterrupt, True),
        (OSError, True),
        (ValueError, True),
    ],
)
def test_what_is_left_of_a_training(tmp_path, error, kept):
    leave_a_checkpoint(tmp_path)
    with session(tmp_path) as place:
        directory = place.directory
    assert not directory.exists()
    leave_a_checkpoint(tmp_path)
    try:
        with session(tmp_path):
            if error is not None:
                raise error
    except BaseException as caught:
        assert isinstance(caught, error)
    assert directory.exists() is kept


def test_without_a_checkpoint_nothing_is_left(tmp_path):
    with pytest.raises(KeyboardInterrupt), session(tmp_path) as place:
        place.begin(small.Run(), DATA)
        raise KeyboardInterrupt
    assert not place.directory.exists()


def test_fresh_starts_anew(tmp_path):
    leave_a_checkpoint(tmp_path)
    with session(tmp_path, fresh=True) as place:
        assert place.run_id is None
        assert place.load() is None


def test_other_data_are_refused(tmp_path):
    leave_a_checkpoint(tmp_path)
    with pytest.raises(ValueError) as error, session(tmp_path) as place:
        place.begin(small.Run(), {"steps": 4, "source_vocabulary": "cd34"})
    assert str(error.value) == (
        f"The checkpoints in {place.directory} belong to another training: "
        "source_vocabulary is cd34 now and was ab12 then. The data or the "
        "code has changed since. Put it back as it was, or give --fresh to "
        "start anew."
    )
    leave_a_checkpoint(tmp_path)  # it is still there, and still fits


def test_two_processes_cannot_train_the_same(tmp_path):
    # That the lock dies with its holder: test_killed.py.
    with session(tmp_path) as place, pytest.raises(ValueError) as error:
        session(tmp_path).__enter__()
    assert str(error.value) == (
        f"Another process ({os.getpid()}) runs with the same settings, in "
        f"{place.directory}. Wait for it or end it; for a second one "
        "change a setting, such as --seed."
    )
    with session(tmp_path):
        pass  # it is free again
