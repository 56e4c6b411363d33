import time

import pytest

from rnnzoo.__main__ import main
from rnnzoo.training import runs

MOMENT = time.mktime((2026, 3, 4, 5, 6, 0, 0, 0, -1))


def found(number, recipe="translation", kind="train", metrics=None):
    return runs.Found(
        run_id=f"{number:08x}" * 4,
        recipe=recipe,
        name=f"gru-{number}",
        kind=kind,
        status="FINISHED",
        started=MOMENT,
        metrics=metrics or {},
        directory=None,
    )


@pytest.fixture
def shown(monkeypatch, capsys):
    """A function of runs and arguments to (status, stdout, stderr)."""

    def call(listed, *arguments):
        monkeypatch.setattr(runs, "recent", lambda: listed)
        status = main(["list", *arguments])
        return status, *capsys.readouterr()

    return call


def test_runs_are_listed_with_their_scores(shown):
    scores = {"test/bleu": 28.314159, "test/chrf": 50.0, "val/loss": 0.1}
    scores["test/exact_match_by_locale/de"] = 1.0
    listed = [found(10, metrics=scores), found(2, kind="trial"), found(3)]
    status, out, err = shown(listed)
    assert (status, err) == (0, "")
    assert out.splitlines()[2:] == [
        "0000000a  translation  gru-10  2026-03-04 05:06  finished  "
        "bleu 28.31, chrf 50",
        "00000003  translation  gru-3   2026-03-04 05:06  finished",
    ]


def test_as_many_as_are_asked_for_of_one_recipe(shown):
    listed = [found(n, recipe=("speech", "dates")[n % 2]) for n in range(9)]
    status, out, _ = shown(listed, "speech", "--count", "2")
    lines = out.splitlines()
    assert status == 0
    assert [line.split()[2] for line in lines[2:4]] == ["gru-0", "gru-2"]
    assert lines[4:] == ["and 3 older ones: --count shows them"]


def test_no_runs_is_a_mistake(shown):
    status, out, err = shown([])
    assert (status, out) == (1, "")
    assert "There are no runs here. Runs are looked for in ./mlruns" in err
    _, _, err = shown([found(1)], "dates")
    assert "no runs of 'dates' here; there are runs of translation. Run" in err
