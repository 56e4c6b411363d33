"""Each recipe trains, goes on where it was stopped, and on two replicas."""

import json
import math
import os
import pathlib
import subprocess
import sys
from dataclasses import fields

import pytest

from tests.recipes.recipes import DESCRIBED, NAMES, SHARED, module

ROOT = pathlib.Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the runs of tests/recipes/runs.py have, by recipe and kind."""
    folder = tmp_path_factory.mktemp("recipes")
    process = subprocess.run(
        [sys.executable, "-m", "tests.recipes.runs", str(folder), *NAMES],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert process.returncode == 0, process.stderr[-4000:]
    return json.loads((folder / "found.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_it_trains_and_tests(found, name):
    run = found[name]["whole"]
    assert run["status"] == "FINISHED"
    tested = [key for key in run["metrics"] if key.startswith("test/")]
    assert tested
    assert all(math.isfinite(value) for value in run["metrics"].values())
    assert {
        "train/loss",
        "train/lr",
        "val/loss",
        "best/loss",
        "perf/input_wait_share",
        "perf/steps_per_second",
        "perf/peak_memory_mb",
        "model/num_params",
    } <= set(run["metrics"])
    assert {"curves.png", "model.keras", "params.json"} <= set(run["files"])
    generates = {"translation", "language_model"}
    assert ("prediction.json" in run["files"]) == (name not in generates)


@pytest.mark.parametrize("name", NAMES)
def test_its_run_has_the_names_that_all_have(found, name):
    """By which MLflow's pages compare runs, of one recipe or of several."""
    run = found[name]["whole"]
    params, metrics, tags = run["params"], run["metrics"], run["tags"]
    assert params.keys() >= {*SHARED, *DESCRIBED}
    assert "n/a" not in params.values()
    float(params["lr_log10"])
    # Machines and versions differ between runs that are alike.
    others = params.keys() - {f.name for f in fields(module(name).Config)}
    assert others <= DESCRIBED
    assert {"keras_version", "git_commit", "cpu_model"} <= tags.keys()
    assert tags["rnnzoo.headline"] in metrics
    # What is both is drawn twice and named once.
    assert not params.keys() & metrics.keys()


@pytest.mark.parametrize("name", NAMES)
def test_it_goes_on_where_it_was_stopped(found, name):
    runs = found[name]
    assert runs["cut"]["status"] == "KILLED"
    assert runs["parts"]["status"] == "FINISHED"
    assert runs["parts"]["runs"] == 1
    for key in ("train/loss", "val/loss", "best/epoch"):
        assert runs["parts"]["metrics"][key] == pytest.approx(
            runs["whole"]["metrics"][key], rel=1e-6
        )


@pytest.mark.parametrize("name", NAMES)
def test_two_replicas_learn_what_one_does(found, name):
    runs = found[name]
    assert runs["mirrored"]["status"] == "FINISHED"
    one = runs.get("one", runs["whole"])
    # Sums in another order, over tens of steps at a high rate.
    assert runs["mirrored"]["metrics"]["val/loss"] == pytest.approx(
        one["metrics"]["val/loss"], rel=2e-3
    )
