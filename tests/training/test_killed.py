import random
import subprocess
import sys

import pytest

# More would be killed after the end.
RANDOM_SECONDS = 0.8


def run(folder, *moments):
    finished = subprocess.run(
        [sys.executable, "-m", "tests.training.killed", folder, *moments],
        capture_output=True,
        text=True,
        timeout=600,
    )
    said = finished.stdout + finished.stderr
    assert finished.returncode == 0, said
    return said


@pytest.mark.slow
def test_killed_while_it_writes_a_checkpoint_it_ends_the_same(tmp_path):
    said = run(tmp_path, "writing 15")
    assert "writing 15: killed" in said
    assert "Going on from epoch 2, step 2 of 12" in said


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_the_same(tmp_path):
    seed = random.randrange(1000)
    moments = random.Random(seed)
    seconds = [moments.uniform(0, RANDOM_SECONDS) for _ in range(5)]
    said = run(tmp_path, *[f"seconds {number}" for number in seconds])
    assert said.count(": killed") >= 1, f"seed {seed}"
