import dataclasses
import os
import pathlib
import shutil

import pytest

from rnnzoo.training import runs, tracking


class Saved:
    """A model of which only the file matters."""

    def save(self, path):
        pathlib.Path(path).write_text("model")


def run(root, recipe, name, model=True, **options):
    with tracking.Run(recipe, name, {}, root, **options) as made:
        made.log_metrics({"test/bleu": 30.0})
        if model:
            made.log_model(Saved())
    return made


@pytest.fixture(scope="module")
def trained(tmp_path_factory, empty_store):
    """A store with four runs, from the oldest to the newest, and a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        root = tmp_path_factory.mktemp("runs") / "mlruns"
        shutil.copytree(empty_store, root)
        made = [
            run(root, "translation", "gru-1"),
            run(root, "speech", "lstm-1"),
            run(root, "translation", "gru-1", model=False),
            run(root, "translation", "gru-2", kind="trial"),
        ]
        folder = root / "untracked" / "translation-x"
        folder.mkdir(parents=True)
        (folder / "model.keras").write_text("model")
        os.utime(folder / "model.keras", (1, 1))
        yield root, made


@pytest.fixture(autouse=True)
def local(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_recent_runs_come_newest_first(trained):
    root, made = trained
    listed = runs.recent(root)
    expected = [each.run_id for each in reversed(made)] + ["translation-x"]
    assert [each.run_id for each in listed] == expected
    newest = listed[0]
    assert (newest.recipe, newest.name) == ("translation", "gru-2")
    assert (newest.kind, newest.status) == ("trial", "FINISHED")
    assert newest.metrics["test/bleu"] == 30.0
    assert newest.directory == made[-1].directory
    assert newest.label == made[-1].run_id[:8]
    assert listed[-1].label == "translation-x"


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("latest", 1),
        ("latest:translation", 0),
        ("latest:speech", 1),
        ("lstm-1", 1),
        ("gru-1", 0),  # of two, the one that has a model
    ],
)
def test_a_run_is_found_by_its_name(trained, word, number):
    root, made = trained
    found, path = runs.find(word, root)
    assert found.run_id == made[number].run_id
    assert path == made[number].directory / "model.keras"


def test_a_run_is_found_by_its_id_and_its_beginning(trained):
    root, made = trained
    for each in (made[0], made[1], made[3]):  # a trial as well
        for word in (each.run_id, each.run_id[:12]):
            assert runs.find(word, root)[0].run_id == each.run_id


def test_an_untracked_run_is_found_by_its_folder(trained):
    root, _ = trained
    path = root / "untracked" / "translation-x" / "model.keras"
    assert runs.find("translation-x", root)[1] == path


def test_a_run_without_a_model_says_so(trained):
    root, made = trained
    words = f"{made[2].run_id[:8]} .gru-1. has no model.keras .status: FINISHED"
    with pytest.raises(ValueError, match=words):
        runs.find(made[2].run_id, root)


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("lstm-2", "run 'lstm-2'; did you mean lstm-1. The newest runs: .*gru"),
        ("gru-2", "did you mean gru-1"),  # a trial has an id only
        ("qqqq", "or run 'qqqq'. The newest .*`python -m rnnzoo list` shows"),
        (
            "latest:dates",
            "There is no run for 'latest:dates'; .* of speech, translation",
        ),
    ],
)
def test_no_such_run_names_others(trained, word, words):
    with pytest.raises(ValueError, match=words):
        runs.find(word, trained[0])


def test_the_beginning_of_two_ids_is_refused(trained, monkeypatch):
    newest = runs.recent(trained[0])[0]
    listed = [
        dataclasses.replace(newest, run_id=f"abcd{number}" + "0" * 27)
        for number in range(2)
    ]
    monkeypatch.setattr(runs, "recent", lambda root: listed)
    with pytest.raises(ValueError, match="'abcd' is the beginning of 2 runs"):
        runs.find("abcd", "mlruns")
    assert runs.find("abcd1", "mlruns")[0] is listed[1]


def test_no_runs_at_all(tmp_path):
    assert runs.recent(tmp_path) == []
    with pytest.raises(ValueError, match="no run 'latest', and no other in"):
        runs.find("latest", tmp_path)
    assert list(tmp_path.iterdir()) == []  # no database is made


def test_a_broken_store_is_told(tmp_path):
    (tmp_path / "mlflow.db").write_text("no database at all, but some text")
    with pytest.raises(ValueError, match="mlflow.db cannot be read .*Error"):
        runs.recent(tmp_path)
