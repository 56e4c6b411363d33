import dataclasses
import json

import pytest

from rnnzoo.training import comparison, comparison_plots
from tests.training.found import three_cells


@pytest.fixture
def compared(tmp_path):
    """Three cells with three seeds each, and what they had in two epochs."""
    runs = []
    for run in three_cells():
        folder = tmp_path / run.run_id
        folder.mkdir()
        accuracy = run.metrics["test/accuracy"]
        lines = [
            {"step": step, "time": 0.0, "val/accuracy": accuracy * step / 2}
            for step in (1, 2)
        ]
        # The second epoch was stopped and made again.
        lines.insert(1, {"step": 2, "time": 0.0, "val/accuracy": 0.0})
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / "metrics.jsonl").write_text(text)
        runs.append(dataclasses.replace(run, directory=folder))
    (one,) = comparison.compare(runs, "test/accuracy", "max")
    return one


def test_each_seed_is_a_dot_and_each_cell_a_line(compared):
    figure = comparison_plots.scores(compared)
    (axes,) = figure.axes
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        "lstm",
        "gru",
        "elman",
    ]
    lines = [list(line.get_xdata()) for line in axes.lines]
    assert lines[0] == pytest.approx([0.96, 0.96])
    assert lines[1] == [0.97, 0.96, 0.95]
    assert len(lines) == 6
    bar = axes.patches[0]
    assert (bar.get_x(), bar.get_width()) == pytest.approx((0.95, 0.02))
    assert axes.get_xlabel() == "test/accuracy (higher is better)"
    # The best is above.
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_curves_are_means_with_a_band(compared):
    figure = comparison_plots.curves(compared)
    (axes,) = figure.axes
    assert axes.get_ylabel() == "val/accuracy"
    assert list(axes.lines[0].get_xdata()) == [1, 2]
    assert axes.lines[0].get_ydata() == pytest.approx([0.48, 0.96])
    band = axes.collections[0].get_paths()[0].get_extents()
    assert (band.y0, band.y1) == pytest.approx((0.475, 0.97))
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.get_texts()] == [
        "lstm",
        "gru",
        "elman",
    ]


def test_costs_are_drawn_as_far_as_they_are_known(compared):
    figure = comparison_plots.costs(compared)
    (axes,) = figure.axes  # nothing is known of seconds
    assert axes.get_xlabel() == "parameters"
    points = [c.lines[0].get_xydata()[0] for c in axes.containers]
    assert points[0] == pytest.approx((2000.0, 0.96))
    assert axes.get_xscale() == "linear"


def test_what_was_not_measured_is_not_drawn():
    runs = [
        dataclasses.replace(run, metrics={"test/accuracy": 0.5})
        for run in three_cells()
    ]
    (one,) = comparison.compare(runs, "test/accuracy", "max")
    assert comparison_plots.costs(one) is None
    bare = [dataclasses.replace(group, runs=()) for group in one.groups]
    assert (
        comparison_plots.curves(dataclasses.replace(one, groups=bare)) is None
    )
