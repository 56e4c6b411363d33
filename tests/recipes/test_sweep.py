"""A sweep over a recipe, as a user starts it."""

import os
import pathlib
import subprocess
import sys

import pytest

from rnnzoo.training import runs, sweeps

ROOT = pathlib.Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def test_cells_of_a_recipe_are_ranked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").symlink_to(ROOT / "recipes")
    words = ["digits", "cell=gru,elman", "seed=1,2", "smoke=yes"]
    process = subprocess.run(
        [sys.executable, "-m", "rnnzoo", "sweep", *words, "--jobs", "2"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert (process.returncode, process.stderr) == (0, "")
    table = [
        line.split()
        for line in process.stdout.splitlines()
        if line[:3] in ("1  ", "2  ")
    ]
    assert {row[1] for row in table} == {"gru", "elman"}
    assert {row[2] for row in table} == {"2"}
    best, *_, worst = sorted(float(row[3]) for row in table)[::-1]
    assert [float(row[3]) for row in table] == [best, worst]
    found = runs.recent()
    assert len(found) == 4
    assert {run.tags[sweeps.POINT] for run in found} == {
        f"cell={cell} seed={seed} smoke=yes"
        for cell in ("gru", "elman")
        for seed in (1, 2)
    }
    assert {run.params()["units"] for run in found} == {"16"}


def test_a_cell_that_is_none_is_told_before_anything_starts(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").symlink_to(ROOT / "recipes")
    process = subprocess.run(
        [sys.executable, "-m", "rnnzoo", "sweep", "digits", "cell=gru,lstn"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert (process.returncode, process.stdout) == (1, "")
    assert "lstn: Unknown cell: 'lstn'. Did you mean 'lstm'?" in process.stderr
    assert not (tmp_path / "mlruns").exists()
