import math

import pytest

from rnnzoo.training import comparison, sweeps
from tests.training.found import found, three_cells

ACCURACY = ("test/accuracy", "max")


def compare(runs, **options):
    (one,) = comparison.compare(runs, *ACCURACY, **options)
    return one


def test_cells_are_ranked_by_the_mean_over_their_seeds():
    one = compare(three_cells())
    assert [group.settings for group in one.groups] == [
        {"cell": "lstm"},
        {"cell": "gru"},
        {"cell": "elman"},
    ]
    means = [group.mean for group in one.groups]
    assert means == pytest.approx([0.96, 0.92, 0.6])
    # The sample's: divided by n - 1.
    spreads = [group.spread for group in one.groups]
    assert spreads == pytest.approx([0.01, 0.02, 0.1])
    assert [group.seeds for group in one.groups] == [3, 3, 3]
    assert one.groups[0].runs[0].metrics["test/accuracy"] == 0.97
    assert one.groups[0].cost("model/num_params") == 2000.0
    assert one.groups[0].cost("perf/peak_memory_mb") is None
    assert (one.unscored, one.repeated, one.mixed) == ([], 0, {})


def test_the_lowest_is_the_best_where_that_is_said():
    (one,) = comparison.compare(three_cells(), "test/accuracy", "min")
    assert [str(group) for group in one.groups] == ["elman", "gru", "lstm"]
    assert one.groups[0].scores == [0.5, 0.6, 0.7]


def test_all_that_differs_makes_a_group_but_for_the_seed():
    runs = [
        found(n, {"test/accuracy": n / 10}, units=units, seed=str(n))
        for n, units in enumerate(["64", "128", "64", "128"])
    ]
    one = compare(runs)
    assert [group.settings for group in one.groups] == [
        {"cell": "gru", "units": "128"},
        {"cell": "gru", "units": "64"},
    ]
    assert one.groups[0].mean == pytest.approx(0.2)
    assert str(one.groups[0]) == "gru, units 128"


def test_what_is_asked_for_makes_a_group_and_the_rest_is_told():
    one = compare(
        [
            found(1, {"test/accuracy": 0.5}, units="64"),
            found(2, {"test/accuracy": 0.7}, units="128"),
            found(3, {"test/accuracy": 0.1}, units="8", cell="lstm"),
        ],
        by=["cell"],
    )
    assert [len(group.runs) for group in one.groups] == [2, 1]
    assert one.groups[0].seeds == 1
    assert one.groups[1].spread is None
    # Numbers by their size.
    assert one.mixed == {"units": ["8", "64", "128"]}


def test_runs_can_be_told_apart_by_a_tag():
    runs = [
        found(n, {"test/accuracy": 0.1 * n}, {"gpus": kind}, seed=str(n))
        for n, kind in enumerate(["none", "1 x A", "none"])
    ]
    one = compare(runs, by=["gpus"])
    assert [str(group) for group in one.groups] == ["gpus none", "gpus 1 x A"]


def test_how_a_command_was_run_makes_no_difference():
    runs = [
        found(1, {"test/accuracy": 0.5}, fresh="True", seed="1"),
        found(2, {"test/accuracy": 0.7}, fresh="False", seed="2"),
    ]
    assert len(compare(runs).groups) == 1


def test_a_setting_that_older_runs_do_not_know_makes_none():
    runs = [
        found(1, {"test/accuracy": 0.5}, seed="1"),
        found(2, {"test/accuracy": 0.7}, seed="2", newer="none"),
    ]
    assert len(compare(runs).groups) == 1
    runs += [found(3, {"test/accuracy": 0.7}, seed="3", newer="5")]
    settings = [group.settings["newer"] for group in compare(runs).groups]
    assert sorted(settings) == ["5", "n/a", "none"]


def test_data_sets_are_compared_each_by_itself():
    runs = [
        found(3, {"test/accuracy": 0.5}),
        found(2, {"test/accuracy": 0.9}, dataset="blocks"),
        found(1, {"test/accuracy": 0.1}, cell="lstm"),
    ]
    toys, blocks = comparison.compare(runs, *ACCURACY)
    assert (toys.recipe, toys.dataset, len(toys.groups)) == ("toy", "toys", 2)
    assert (blocks.dataset, len(blocks.groups)) == ("blocks", 1)


def test_of_runs_that_are_alike_the_newest_counts():
    runs = [
        found(2, {"test/accuracy": 0.7}),
        found(1, {"test/accuracy": 0.5}),
    ]
    one = compare(runs)
    assert (one.groups[0].scores, one.repeated) == ([0.7], 1)


def test_runs_without_a_score_are_told_unless_another_has_one():
    runs = [
        found(5, {"test/accuracy": math.nan}, seed="4"),
        found(4, status="FAILED", seed="3"),
        found(3, status="KILLED", seed="1"),
        found(2, {"test/accuracy": 0.7}, seed="1"),
    ]
    one = compare(runs)
    assert [run.name for run in one.unscored] == ["run-5", "run-4"]
    assert len(one.groups) == 1


def test_a_failure_before_all_was_known_is_told_by_its_place_in_a_sweep():
    place = {sweeps.SWEEP: "toy-1", sweeps.POINT: "seed=1"}
    other = {**place, sweeps.POINT: "seed=2"}
    runs = [
        found(3, {"test/accuracy": 0.7}, place, units="8"),
        found(2, tags=place, status="FAILED"),
        found(1, tags=other, status="FAILED", seed="2"),
    ]
    one = compare(runs)
    assert [run.name for run in one.unscored] == ["run-1"]


def test_what_is_nearer_than_the_spread_is_close():
    groups = compare(three_cells()).groups
    assert comparison.close(groups) == []
    runs = three_cells() + [
        found(n, {"test/accuracy": s}, cell="mgu", seed=str(n))
        for n, s in enumerate((0.8, 0.99, 0.99))
    ]
    assert [str(g) for g in comparison.close(compare(runs).groups)] == ["mgu"]
