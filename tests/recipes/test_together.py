"""Several processes train what one device does, and survive a killed one."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "tests.recipes.together"]


def run(folder, *flags, processes=None):
    """A training in a folder: exit status, what it printed."""
    folder.mkdir(exist_ok=True)
    before = []
    if processes is not None:
        before = [sys.executable, "-m", "rnnzoo", "workers", str(processes)]
        before.append("--")
    done = subprocess.run(
        [*before, *PROGRAM, *flags],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=500,
    )
    return done.returncode, done.stdout, done.stderr


def left(folder, worker=0):
    return json.loads((folder / f"worker-{worker}" / "left.json").read_text())


def apart(found, expected):
    pairs = zip(found, expected, strict=True)
    return max(np.abs(np.subtract(a, b)).max() for a, b in pairs)


@pytest.mark.slow
def test_with_a_worker_killed_two_train_to_the_weights_of_one_device(tmp_path):
    status, _, err = run(tmp_path / "one", "--strategy", "one")
    assert status == 0, err
    two = tmp_path / "two"
    # In the second epoch. "auto" is "multiworker" in one of several.
    status, out, err = run(two, "--kill_at", "6", processes=2)
    assert status == 0, err
    assert "workers: worker 1 was killed by SIGKILL; the others end" in err
    assert "error: Worker 0 has lost another one, and ends" in err
    assert "(1 of at most 3 times)" in err
    assert "Going on from epoch 2, step 2 of 4" in out
    assert "worker 0 of 2 is done" in out
    assert "worker 1 of 2" not in out + err
    expected = left(tmp_path / "one")
    for worker in range(2):
        found = left(two, worker)
        assert found["steps"] == expected["steps"] == 12
        assert apart(found["weights"], expected["weights"]) <= 1e-6
        assert apart([found["outputs"]], [expected["outputs"]]) <= 1e-6
    numbers = left(two)["metrics"]
    assert sorted(numbers) == ["2", "3"]  # of the second process
    for epoch in numbers:
        assert numbers[epoch] == pytest.approx(
            expected["metrics"][epoch], abs=1e-5
        )
    assert list((two / "unfinished").iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_in_one_worker_stops_all_after_the_same_step(tmp_path):
    status, _, err = run(tmp_path, "--stop_at", "6", processes=2)
    assert status == 130
    assert err.count("Stopped.") == 2
    (place,) = (tmp_path / "unfinished").iterdir()
    names = sorted(path.stem for path in place.glob("*.npz"))
    assert [int(name) for name in names] == [5, 6]
