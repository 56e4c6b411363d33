"""Workers that live and die together, as tiny processes."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

from rnnzoo.commands import group, parser, workers

ROOT = pathlib.Path(__file__).parents[2]

# What each worker runs: `index` is its number, `start` how often it was begun.
HEAD = """
import json, os, pathlib, signal, sys, time
index = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
place = pathlib.Path(f"starts-{index}")
start = len(place.read_text()) if place.exists() else 0
place.write_text("x" * (start + 1))
"""


def run(code, *options, count="2"):
    """Status of the supervisor, in this process."""
    line = ["workers", count, *options, "--", sys.executable, "-c", HEAD + code]
    return workers.start(parser.parse(line))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(workers, "_PAUSE", 0.0)
    return tmp_path


def starts():
    return [len(p.read_text()) for p in sorted(pathlib.Path().glob("starts-*"))]


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "has not come"
        time.sleep(0.02)


def test_each_worker_knows_its_place_and_the_first_is_heard(capfd):
    code = (
        "config = json.loads(os.environ['TF_CONFIG'])\n"
        "print(index, config['cluster'], os.environ['RNNZOO_WORKERS_WAIT'])\n"
        "print('error of', index, file=sys.stderr)\n"
        "print('no line break', end='', file=sys.stderr)"
    )
    assert run(code, "--wait", "7", count="3") == 0
    out, err = capfd.readouterr()
    assert re.fullmatch(
        r"0 \{'worker': \['127.0.0.1:(\d+)', '127.0.0.1:(\d+)', "
        r"'127.0.0.1:(\d+)'\]\} 7\n",
        out,
    )
    assert len({*re.findall(r":(\d+)'", out)}) == 3
    for index in (1, 2):
        assert f"[worker {index}] error of {index}\n" in err
        assert f"[worker {index}] no line break\n" in err
    assert "error of 0\n" in err.replace("[worker", "")


def test_when_one_dies_all_are_started_again(capfd):
    code = (
        "if index == 1 and start == 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "if start == 0:\n"
        "    time.sleep(0.3); sys.exit(75)"
    )
    assert run(code) == 0
    assert starts() == [2, 2]
    err = capfd.readouterr().err
    assert "worker 1 was killed by SIGKILL; the others end\n" in err
    assert "workers: all workers are started again (1 of at most 3" in err


def test_after_so_many_restarts_it_gives_up(capfd):
    code = "if index == 0: os.kill(os.getpid(), signal.SIGSEGV)"
    assert run(code, "--restarts", "2") == 1
    assert starts() == [3, 3]
    assert "workers: given up after 2 restarts" in capfd.readouterr().err


@pytest.mark.parametrize("status", [1, 2])
def test_an_error_of_its_own_is_not_repeated(status, capfd):
    assert run(f"sys.exit({status})") == status
    assert starts() == [1, 1]
    assert f"(status {status}), and is not" in capfd.readouterr().err


def test_those_that_do_not_notice_are_told_and_killed(monkeypatch, capfd):
    times = {"notice": 0.3, "end": 0.3}
    monkeypatch.setattr(
        workers, "Group", lambda *given: group.Group(*given, **times)
    )
    code = (
        "if index == 0:\n"
        "    signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "    pathlib.Path('pid').write_text(str(os.getpid()))\n"
        "    while True: time.sleep(60)\n"
        "while not pathlib.Path('pid').exists(): time.sleep(0.01)\n"
        "sys.exit(2)"
    )
    started = time.monotonic()
    assert run(code) == 2
    assert time.monotonic() - started < 10
    assert "worker 0 does not end, and is killed" in capfd.readouterr().err
    wait_for(lambda: gone(int(pathlib.Path("pid").read_text())))


def test_the_times_leave_a_minute_at_most():
    assert group.NOTICE + group.END < 60


def test_a_command_that_does_not_exist_is_told():
    with pytest.raises(ValueError, match="'nosuch' cannot be started .No such"):
        workers.start(parser.parse(["workers", "2", "--", "nosuch"]))


def test_one_process_on_each_host(capfd):
    line = "workers --hosts a:7000,b:7001 --index 1 --".split()
    code = HEAD + "print(os.environ['TF_CONFIG'], file=sys.stderr)"
    values = parser.parse([*line, sys.executable, "-c", code])
    assert workers.start(values) == 0
    assert starts() == [1]
    out, err = capfd.readouterr()
    assert out == ""
    assert err == (
        '[worker 1] {"cluster": {"worker": ["a:7000", "b:7001"]}, '
        '"task": {"type": "worker", "index": 1}}\n'
    )


# === As a process ===

ENDLESS = (
    HEAD
    + """
def stop(number, frame):
    pathlib.Path(f"stopped-{index}").write_text(str(number))
    sys.exit(130)
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, stop)
pathlib.Path(f"pid-{index}.part").write_text(str(os.getpid()))
os.replace(f"pid-{index}.part", f"pid-{index}")
time.sleep(60)
"""
)


def supervisor(folder):
    """One that runs two endless workers, and their process ids."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rnnzoo", "workers", "2", "--"]
        + [sys.executable, "-c", ENDLESS],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    files = [folder / f"pid-{index}" for index in range(2)]
    wait_for(lambda: all(file.exists() for file in files))
    return process, [int(file.read_text()) for file in files]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_stopping_it_stops_all(folder, name):
    number = getattr(signal, name)
    process, pids = supervisor(folder)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "workers: stopped; the same command goes on" in err
    assert all(gone(pid) for pid in pids)
    stopped = [(folder / f"stopped-{i}").read_text() for i in range(2)]
    assert stopped == [str(int(number))] * 2
    assert [p.name for p in folder.glob("starts-*")] and starts() == [1, 1]


def test_killing_it_leaves_no_worker(folder):
    process, pids = supervisor(folder)
    process.kill()
    process.communicate(timeout=20)
    wait_for(lambda: all(gone(pid) for pid in pids))
