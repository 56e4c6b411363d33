import subprocess
import sys

import numpy as np
import pytest

from rnnzoo import memory

MB = 2**20
A_PEAK = (
    "import numpy as np; from rnnzoo.memory import peak_memory;"
    "before = peak_memory(); np.ones({0}, 'uint8'); np.ones(1);"
    "print(before, peak_memory())"
)


@pytest.mark.slow
def test_the_peak_of_a_process_is_not_that_of_its_parent():
    held = np.ones(1500 * MB, "uint8")
    command = [sys.executable, "-c", A_PEAK.format(300 * MB)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    before, after = (int(word) for word in done.stdout.split())
    # What it gave back still counts.
    assert 250 * MB < after - before < 330 * MB
    assert after < held.nbytes


@pytest.mark.parametrize(
    ("platform", "counted"), [("darwin", 5), ("freebsd", 5 * 1024)]
)
def test_without_a_status_it_asks_for_the_usage(
    monkeypatch, tmp_path, platform, counted
):
    class Usage:
        RUSAGE_SELF = 0

        @staticmethod
        def getrusage(who):
            assert who == 0
            return type("usage", (), {"ru_maxrss": 5})

    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    monkeypatch.setattr(memory, "resource", Usage)
    monkeypatch.setattr(memory.sys, "platform", platform)
    assert memory.peak_memory() == counted
    # A system of Linux's kind that leaves the line out.
    monkeypatch.setattr(memory, "STATUS", tmp_path / "status")
    memory.STATUS.write_text("Name:\tpython\n")
    assert memory.peak_memory() == counted


def test_without_either_it_does_not_know(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    monkeypatch.setattr(memory, "resource", None)
    assert memory.peak_memory() is None
