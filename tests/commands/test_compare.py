import dataclasses

import pytest

from rnnzoo.__main__ import main
from rnnzoo.commands import compare_links
from rnnzoo.training import runs, sweeps
from tests.training.found import found, three_cells


@pytest.fixture
def shown(monkeypatch, capsys):
    """A function of runs and arguments to (status, stdout, stderr)."""
    # They are in no store.
    monkeypatch.setattr(runs.Found, "history", lambda run, name: [])
    monkeypatch.setattr(compare_links, "show", lambda *what: None)

    def call(listed, *arguments):
        monkeypatch.setattr(runs, "recent", lambda: listed)
        status = main(["compare", *arguments])
        return status, *capsys.readouterr()

    return call


def cells(out):
    """The second column of each line of a table."""
    return [line.split()[1] for line in out.splitlines() if line[:1].isdigit()]


def test_the_recipe_of_the_newest_run_is_ranked(shown):
    other = dataclasses.replace(found(0, {"test/accuracy": 0.1}), recipe="b")
    status, out, err = shown([*three_cells(), other])
    assert (status, err) == (0, "")
    assert out.startswith("toy on toys: test/accuracy, the highest first, of 9")
    assert cells(out) == ["lstm", "gru", "elman"]
    _, out, _ = shown([*three_cells(), other], "b")
    assert cells(out) == ["gru"]
    _, out, _ = shown([*three_cells(), other], "b", "toy")
    assert out.count(" on toys: ") == 2


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("cell=gru,elman", ["gru", "elman"]),
        ("cell=GRU", ["gru"]),
        ("seed=1.0", ["lstm", "gru", "elman"]),
        ("rnnzoo.headline=test/accuracy", ["lstm", "gru", "elman"]),
    ],
)
def test_runs_are_chosen_by_their_settings(shown, where, expected):
    _, out, _ = shown(three_cells(), "--where", where)
    assert cells(out) == expected


def test_several_settings_must_all_hold(shown):
    _, out, _ = shown(three_cells(), "--where", "cell=gru,lstm", "seed=3")
    assert "of 2 runs" in out


def test_the_latest_sweep_is_chosen(shown):
    swept = [
        found(n, {"test/accuracy": 0.5}, {sweeps.SWEEP: name}, cell=cell)
        for n, name, cell in ((9, "a-2", "gru"), (8, "b-1", "lstm"))
    ]
    listed = [found(10, {"test/accuracy": 0.1}, cell="mgu"), *swept]
    assert cells(shown(listed, "--sweep", "latest")[1]) == ["gru"]
    assert cells(shown(listed, "--sweep", "b")[1]) == ["lstm"]
    status, _, err = shown(listed, "--sweep", "c")
    assert status == 1
    assert "There is no sweep 'c' here; there are a-2, b-1; `python" in err


def test_tiny_runs_are_left_out_unless_asked_for(shown):
    tiny = found(99, {"test/accuracy": 0.9}, cell="lru", smoke="True")
    listed = [tiny, *three_cells()]
    assert "lru" not in cells(shown(listed)[1])
    assert cells(shown(listed, "--where", "smoke=true")[1]) == ["lru"]
    # Where there is nothing else, they are better than nothing.
    assert cells(shown([tiny])[1]) == ["lru"]


def test_another_metric_has_its_own_direction(shown):
    listed = [
        dataclasses.replace(
            run, metrics={"val/loss": 1 - run.metrics["test/accuracy"]}
        )
        for run in three_cells()
    ]
    _, out, _ = shown(listed, "--metric", "val/loss")
    assert "val/loss, the lowest first" in out
    assert cells(out) == ["lstm", "gru", "elman"]
    _, out, _ = shown(listed, "--metric", "val/loss", "--best", "max")
    assert cells(out) == ["elman", "gru", "lstm"]


def test_trials_are_compared_by_what_they_searched_for(shown):
    trials = [
        dataclasses.replace(
            found(n, {"best/loss": loss}, cell=cell), kind="trial", tags={}
        )
        for n, loss, cell in ((1, 0.5, "gru"), (2, 0.2, "lstm"))
    ]
    _, out, _ = shown([*trials, *three_cells()], "--kind", "trial")
    assert "best/loss, the lowest first" in out
    assert cells(out) == ["lstm", "gru"]


def test_the_trials_of_a_search_are_chosen(shown):
    trials = [
        dataclasses.replace(
            found(n, {"best/loss": 0.1 * n}, cell=cell),
            kind="trial",
            tags={"rnnzoo.search_id": name},
        )
        for n, name, cell in (
            (3, "s2", "gru"),
            (2, "s2", "lru"),
            (1, "s1", "a"),
        )
    ]
    _, out, _ = shown([*trials, *three_cells()], "--search", "latest")
    assert cells(out) == ["lru", "gru"]
    assert cells(shown(trials, "--search", "s1")[1]) == ["a"]
    status, _, err = shown(trials, "--search", "x")
    assert status == 1
    assert "There is no search 'x' here; there are s2, s1; any recipe" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("tooy", "no runs of 'tooy' here; did you mean toy? There are runs of"),
        ("--by cel", "No run has the setting 'cel'; did you mean cell? There"),
        ("--where cel=a", "No run has the setting 'cel'; did you mean cell?"),
        ("--where cell=a", "No run has cell=a; there are runs with cell elman"),
        ("--metric test/acc", "metric 'test/acc'; did you mean test/accuracy?"),
        ("--kind trial", "There are no trials of searches here to compare"),
        ("--sweep latest", "There is no sweep 'latest' here; `python -m"),
    ],
)
def test_a_mistake_gets_one_sentence(shown, arguments, words):
    status, out, err = shown(three_cells(), *arguments.split())
    assert (status, out) == (1, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_run_that_failed_before_its_metric_was_known_is_told(shown):
    failed = dataclasses.replace(
        found(99, status="FAILED", cell="lru"), tags={"error": "OSError: full"}
    )
    _, out, _ = shown([failed, *three_cells()])
    assert out.endswith(
        "\n\nWithout test/accuracy: 1 failed.\n"
        "  00000063 (run-99): OSError: full\n"
    )


def test_no_runs_is_told_with_how_to_make_some(shown):
    status, _, err = shown([])
    assert status == 1
    assert "There are no runs here to compare" in err
    assert "python -m rnnzoo sweep digits cell=gru,lstm seed=1,2,3" in err


def test_no_scores_is_told_with_the_reason(shown):
    failed = found(1, tags={"error": "OSError: full"}, status="FAILED")
    status, _, err = shown([failed])
    assert status == 1
    assert "None of 1 runs has the metric that they are compared by" in err
    assert "OSError: full" in err


def test_pages_are_written_with_their_pictures(shown, tmp_path):
    folder = tmp_path / "new" / "comparison"
    status, _, err = shown(three_cells(), "--output", str(folder))
    assert status == 0
    assert err.strip() == str(folder / "comparison.md")
    page = (folder / "comparison.md").read_text("utf-8")
    assert "| 1 | lstm | 3 | 0.9600 ± 0.0100 |" in page
    # These runs have no curves.
    assert "![scores](scores.png)" in page
    assert "![costs](costs.png)" in page
    written = {path.name for path in folder.iterdir()}
    assert written == {"comparison.md", "scores.png", "costs.png"}
    assert (folder / "scores.png").read_bytes().startswith(b"\x89PNG")


def test_pictures_of_several_data_sets_have_names_of_their_own(shown, tmp_path):
    listed = [
        *three_cells(),
        found(0, {"test/accuracy": 0.9}, dataset="folder:a/b"),
    ]
    shown(listed, "--output", str(tmp_path))
    page = (tmp_path / "comparison.md").read_text("utf-8")
    assert "(scores-toy-toys-test_accuracy.png)" in page
    assert "(scores-toy-folder_a_b-test_accuracy.png)" in page
    for name in ("toys", "folder_a_b"):
        assert (tmp_path / f"scores-toy-{name}-test_accuracy.png").is_file()


def test_a_folder_that_is_a_file_is_refused(shown, tmp_path):
    (tmp_path / "file").write_text("")
    status, _, err = shown(three_cells(), "--output", str(tmp_path / "file"))
    assert status == 1
    assert "cannot be written: File exists. Give a folder" in err


def test_a_table_without_a_page_says_why(monkeypatch, capsys):
    def publish(*what):
        raise OSError("no such server")

    monkeypatch.setattr(compare_links, "publish", publish)
    compare_links.show([], {})
    assert "no page in MLflow (OSError: no such" in capsys.readouterr().out
