import json

import pytest

from rnnzoo.training import sweeps
from tests.training.found import found

PLAN = sweeps.Plan("digits", {"cell": ["gru", "lstm"], "seed": ["1", "2"]})


def test_the_runs_of_the_first_seed_come_first():
    assert PLAN.points() == [
        {"cell": "gru", "seed": "1"},
        {"cell": "lstm", "seed": "1"},
        {"cell": "gru", "seed": "2"},
        {"cell": "lstm", "seed": "2"},
    ]


def test_a_point_becomes_flags():
    plan = sweeps.Plan(
        "a", {"xla": ["yes", "no"], "units": ["8"]}, ("--x", "1")
    )
    assert [plan.words(point) for point in plan.points()] == [
        ["--x", "1", "--xla", "--units", "8"],
        ["--x", "1", "--no-xla", "--units", "8"],
    ]


def test_a_run_is_called_by_what_differs():
    plan = sweeps.Plan(
        "a", {"cell": ["gru", "lru"], "u": ["1", "2"], "v": ["3"]}
    )
    assert plan.label(plan.points()[3]) == "lru u=2"
    assert sweeps.point_name(plan.points()[3]) == "cell=lru u=2 v=3"
    (point,) = sweeps.Plan("a", {"cell": ["gru"]}).points()
    assert sweeps.Plan("a", {"cell": ["gru"]}).label(point) == "gru"


@pytest.mark.parametrize(
    ("settings", "flags", "same"),
    [
        ({"seed": ["1", "2", "3"], "cell": ["elman"]}, (), True),
        ({"cell": ["gru"], "seed": ["1"], "epochs": ["2"]}, (), False),
        ({"cell": ["gru"], "seed": ["1"]}, ("--epochs", "2"), False),
        ({"cell": ["gru"], "seed": ["1"], "units": ["1", "2"]}, (), False),
    ],
)
def test_more_cells_and_seeds_go_on_with_a_sweep(settings, flags, same):
    other = sweeps.Plan("digits", settings, flags)
    assert (other.name == PLAN.name) == same


def test_a_sweep_is_called_after_its_recipe():
    assert PLAN.name.startswith("digits-")
    plan = sweeps.Plan("my/own.py", {"cell": ["gru"]})
    assert plan.name.startswith("own-")


def test_the_newest_sweep_of_a_name_is_found():
    runs = [
        found(3, tags={sweeps.SWEEP: "b-12"}),
        found(2, tags={sweeps.SWEEP: "a-1-2"}),
        found(1, tags={sweeps.SWEEP: "a-1"}),
        found(0),
    ]
    assert sweeps.latest("a-1", runs) == "a-1-2"
    assert sweeps.latest("b-1", runs) is None
    assert sweeps.next_id("a-1", None) == "a-1"
    assert sweeps.next_id("a-1", "a-1") == "a-1-2"
    assert sweeps.next_id("a-1", "a-1-9") == "a-1-10"


def test_tags_come_by_the_environment(monkeypatch):
    monkeypatch.delenv(sweeps.TAGS, raising=False)
    assert sweeps.tags() == {}
    environment = sweeps.environment("a-1", {"seed": "1", "cell": "gru"})
    assert json.loads(environment[sweeps.TAGS]) == {
        "rnnzoo.sweep_id": "a-1",
        "rnnzoo.sweep_point": "cell=gru seed=1",
    }
    monkeypatch.setenv(sweeps.TAGS, environment[sweeps.TAGS])
    assert sweeps.tags()["rnnzoo.sweep_id"] == "a-1"
