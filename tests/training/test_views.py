import dataclasses
import json

import pytest

from rnnzoo.training import comparison, views
from tests.training.found import found, three_cells


@pytest.fixture(autouse=True)
def no_store(monkeypatch):
    """Runs that were validated in two epochs, and are in no store."""

    def history(run, name):
        last = run.metrics["test/accuracy"]
        return [(1, last - 0.1), (2, last)] if name == "val/accuracy" else []

    monkeypatch.setattr("rnnzoo.training.runs.Found.history", history)


def compare(runs, **options):
    (one,) = comparison.compare(runs, "test/accuracy", "max", **options)
    return one


def charts(state, kind):
    return [c for c in state["compareRunCharts"] if c["type"] == kind]


def test_groups_are_drawn_by_their_means():
    state = views.by_group(compare(three_cells()), "a filter")
    assert state["groupBy"] == {
        "aggregateFunction": "average",
        "groupByKeys": [{"mode": "param", "groupByData": "cell"}],
    }
    assert state["searchFilter"] == "a filter"
    assert state["orderByKey"] == "metrics.`test/accuracy`"
    assert state["orderByAsc"] is False
    assert state["runsHiddenMode"] == "SHOW_ALL"
    assert [c["metricKey"] for c in charts(state, "BAR")] == [
        "test/accuracy",
        "perf/steps_per_second",
    ]
    (line,) = charts(state, "LINE")
    # The axis begins where the curves do: at 0.4 and 0.97.
    assert line["metricKey"] == "val/accuracy"
    limits = line["range"]
    assert (limits["yMin"], limits["yMax"]) == pytest.approx((0.3715, 0.9985))
    (scatter,) = charts(state, "SCATTER")
    assert scatter["xaxis"]["key"] == "model/num_params"
    (parallel,) = charts(state, "PARALLEL")
    # Words have no mean.
    assert parallel["selectedParams"] == []
    assert parallel["selectedMetrics"] == ["model/num_params", "test/accuracy"]


def test_each_run_is_drawn_by_its_settings():
    runs = [
        found(
            n,
            {"test/accuracy": 0.1 * n},
            learning_rate=str(rate),
            lr_log10=str(n),
            units=str(n),
            seed=str(n),
        )
        for n, rate in enumerate((0.1, 0.01), start=1)
    ]
    state = views.each_run(compare(runs), "")
    assert state["groupBy"] is None
    (parallel,) = charts(state, "PARALLEL")
    assert parallel["selectedParams"] == ["cell", "lr_log10", "units"]
    assert parallel["selectedMetrics"] == ["test/accuracy"]
    assert parallel["showAllRuns"] is True
    # What is mixed in groups tells runs apart all the same.
    state = views.each_run(compare(runs, by=["cell"]), "")
    (parallel,) = charts(state, "PARALLEL")
    assert parallel["selectedParams"] == ["cell", "lr_log10", "units"]


def test_the_lowest_comes_first_where_it_is_the_best():
    (one,) = comparison.compare(three_cells(), "test/accuracy", "min")
    assert views.by_group(one, "")["orderByAsc"] is True


def test_all_charts_are_of_the_one_section():
    state = views.by_group(compare(three_cells()), "")
    (section,) = state["compareRunSections"]
    drawn = state["compareRunCharts"]
    assert {c["metricSectionId"] for c in drawn} == {section["uuid"]}
    assert len({c["uuid"] for c in drawn}) == len(drawn)


def test_a_view_is_a_tag_with_a_name():
    key, value = views.tag("a-groups", "a: by cell", {"groupBy": None}, 1.5)
    assert key == "mlflow.sharedViewState.a-groups"
    kept = json.loads(value)
    assert json.loads(kept.pop("state")) == {"groupBy": None}
    assert kept == {"name": "a: by cell", "createdAt": 1500, "updatedAt": 1500}


def test_a_curve_that_is_level_has_room():
    runs = [
        dataclasses.replace(run, metrics={"test/accuracy": 0.5})
        for run in three_cells()
    ]
    (line,) = charts(views.by_group(compare(runs), ""), "LINE")
    assert line["range"]["yMax"] > 0.5
