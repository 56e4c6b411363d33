import dataclasses
import json
import os
import pathlib
import subprocess
import sys

import pytest

from recipes import digits
from recipes.common import checking
from rnnzoo.training import sweeps

ROOT = pathlib.Path(__file__).parents[2]


def answer(*asked, arguments=()):
    words = json.dumps([line.split() for line in asked])
    return json.loads(checking.answer(digits.Config, [*arguments], words))


def test_settings_that_make_sense_are_told():
    first, second = answer(
        "--cell lstm --seed 3",
        "--balance --size none --cell min-gru",
        arguments=["--limit", "7"],
    )
    assert (
        first["config"].items()
        >= {
            "cell": "lstm",
            "seed": "3",
            "limit": "7",
            "balance": "False",
            "units": "256",
        }.items()
    )
    assert (second["config"]["balance"], second["config"]["size"]) == (
        "True",
        "none",
    )
    # Those that depend on others are not known yet.
    names = {field.name for field in dataclasses.fields(digits.Config)}
    assert names - first["config"].keys() == {"passes", "epochs"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--cel gru", "unknown flag --cel; did you mean --cell?"),
        ("--units x", "argument --units: 'x' is not a whole number"),
        ("--units 0", "--units is 0, where a whole number from 1 on"),
        ("--replicas 2", "--replicas does not work with --strategy auto"),
        ("--cell lstn", "Unknown cell: 'lstn'. Did you mean 'lstm'?"),
    ],
)
def test_those_that_do_not_are_told_with_the_reason(line, words):
    (found,) = answer(line)
    assert words in found["error"]


def test_a_recipe_answers_and_trains_nothing(tmp_path):
    asked = json.dumps([["--cell", "lstm"], ["--cell", "lstm", "--seed", "x"]])
    process = subprocess.run(
        [sys.executable, "-m", "recipes.digits", "--limit", "9"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), sweeps.CHECK: asked},
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stderr) == (0, "")
    (line,) = process.stdout.splitlines()
    good, bad = json.loads(line.removeprefix(sweeps.ANSWER))
    assert good["config"]["limit"] == "9"
    assert "'x' is not a whole number" in bad["error"]
    assert list(tmp_path.iterdir()) == []
