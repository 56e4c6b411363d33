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
GENERATE = {"translation", "language_model"}
pytestmark = pytest.mark.slow

# Nothing but MLflow is told where to look.
LOAD = """
import json, sys
from mlflow import pyfunc, set_tracking_uri
set_tracking_uri("sqlite:///mlruns/mlflow.db")
said = {}
for name, run in json.loads(sys.argv[1]).items():
    model = pyfunc.load_model(f"runs:/{run}/model")
    said[name] = model.predict(model.input_example)
with open("served.json", "w") as file:
    json.dump(said, file)
"""


def call(folder, *arguments):
    process = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert process.returncode == 0, process.stderr[-4000:]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("recipes")


@pytest.fixture(scope="module")
def found(folder):
    """What the runs of tests/recipes/runs.py have, by recipe and kind."""
    call(folder, "-m", "tests.recipes.runs", str(folder), *NAMES)
    return json.loads((folder / "found.json").read_text())


@pytest.fixture(scope="module")
def served(folder, found):
    """What their models say of their own examples in a new process."""
    runs = {name: found[name]["whole"]["run"] for name in found}
    call(folder, "-c", LOAD, json.dumps(runs))
    return json.loads((folder / "served.json").read_text())


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
    assert {"samples.txt", "samples.png"} & set(run["files"])
    classifies = "test/macro_f1" in run["metrics"]
    assert ("confusion_matrix.png" in run["files"]) == classifies
    attends = name in ("captioning", "translation")
    maps = {"attention", "attention.png"} & set(run["files"])
    assert bool(maps) == attends
    assert ("prediction.json" in run["files"]) == (name not in GENERATE)


@pytest.mark.parametrize("name", NAMES)
def test_mlflow_serves_what_the_command_says(found, served, name):
    (text,) = served[name]
    said = found[name]["said"]
    if name == "forecasting":  # The command tells the file beside each line.
        lines = [line.split("\t")[1:] for line in said.splitlines()]
        table = [line.split("\t") for line in text.splitlines()]
        assert [row[0] for row in table] == [row[0] for row in lines]
        assert table[0] == lines[0]
        for row, expected in zip(table[1:], lines[1:], strict=True):
            numbers = [*map(float, expected[1:])]
            assert [*map(float, row[1:])] == pytest.approx(numbers, rel=1e-4)
    else:
        assert text.rstrip("\n") == said.rstrip("\n")


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
    assert runs["parts"]["run"] == runs["cut"]["run"]
    for key in ("train/loss", "val/loss", "best/epoch"):
        assert runs["parts"]["metrics"][key] == pytest.approx(
            runs["whole"]["metrics"][key], rel=1e-6
        )
    # Each epoch is there, and there once.
    epochs = [*range(1, int(runs["whole"]["params"]["epochs"]) + 1)]
    for run in (runs["whole"], runs["parts"]):
        assert run["history"] == run["points"] == epochs


@pytest.mark.parametrize("name", NAMES)
def test_two_replicas_learn_what_one_does(found, name):
    runs = found[name]
    assert runs["mirrored"]["status"] == "FINISHED"
    one = runs.get("one", runs["whole"])
    # Sums in another order, over tens of steps at a high rate.
    assert runs["mirrored"]["metrics"]["val/loss"] == pytest.approx(
        one["metrics"]["val/loss"], rel=2e-3
    )
