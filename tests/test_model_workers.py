"""What several processes train is what one device trains."""

import json
import os
import subprocess
import sys

import pytest

from tests.cells.tools import ROOT
from tests.test_model_replicas import hold


@pytest.mark.slow
def test_workers_train_as_one_device():
    """In batches of 4, 3, 2 rows and 1, with Adam, weights and metrics.

    tests/recipes/test_together.py has masks, clipping and momentum.
    """
    done = subprocess.run(
        [sys.executable, "-m", "rnnzoo", "workers", "2", "--"]
        + [sys.executable, "-m", "tests.replicas", "workers"]
        + ["buckets"],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    cases = json.loads(done.stdout.splitlines()[-1])
    assert sorted(cases) == ["buckets"]
    for found in cases.values():
        hold(found)
