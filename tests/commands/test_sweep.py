import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

from rnnzoo.__main__ import main
from rnnzoo.commands import sweep_check
from rnnzoo.training import runs, sweeps

ROOT = pathlib.Path(__file__).parents[2]
RECIPE = "swept.py"


@pytest.fixture
def here(tmp_path, monkeypatch, empty_store):
    """A folder with a recipe of its own and a store without runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(pathlib.Path(__file__).with_name(RECIPE), tmp_path)
    shutil.copytree(empty_store, tmp_path / "mlruns")
    return tmp_path


def sweep(capsys, line):
    status = main(["sweep", RECIPE, *line.split()])
    return status, *capsys.readouterr()


def points():
    """What was trained, the newest last: (point, status) of each."""
    return [(run.tags[sweeps.POINT], run.status) for run in runs.recent()[::-1]]


@pytest.mark.slow
def test_each_combination_is_trained_once_and_ranked(here, capsys):
    status, out, err = sweep(capsys, "units=2,1 seed=1")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    name = lines[0].split()[1].removesuffix(":")
    assert lines[0] == f"Sweep {name}: 2 runs, 1 at a time"
    assert lines[1].startswith("[1/2] units=2: test/loss 2.1, after ")
    assert lines[1].endswith(" left")
    assert lines[2].startswith("[2/2] units=1: test/loss 1.1, after ")
    assert not lines[2].endswith(" left")
    assert points() == [
        ("seed=1 units=2", "FINISHED"),
        ("seed=1 units=1", "FINISHED"),
    ]
    logs = sorted((here / "mlruns" / "sweeps" / name).iterdir())
    assert [log.read_text() for log in logs] == ["units 1\n", "units 2\n"]
    assert f"&viewStateShareKey={name}-groups" in lines[-2]

    # With another seed it goes on.
    status, out, _ = sweep(capsys, "units=2,1 seed=1,2 --jobs 2")
    lines = out.splitlines()
    assert lines[:2] == [
        f"Sweep {name}: 4 runs, 2 at a time",
        "2 of them ended before; --fresh trains them anew",
    ]
    assert lines[3].startswith("[4/4] units=")
    assert {point for point, _ in points()[2:]} == {
        "seed=2 units=1",
        "seed=2 units=2",
    }
    table = [line.split() for line in lines if line[:3] in ("1  ", "2  ")]
    assert [row[2:7] for row in table] == [
        ["1", "2", "1.150", "±", "0.071"],
        ["2", "2", "2.150", "±", "0.071"],
    ]


def test_a_run_that_fails_is_kept_and_the_others_go_on(here, capsys):
    status, out, _ = sweep(capsys, "units=4,5,1")
    assert status == 1
    first, second, third = out.splitlines()[1:4]
    assert "units=4: failed (There is no room.), see mlruns/sweeps/" in first
    assert "failed (the process was killed by SIGKILL), see" in second
    assert "units=1: test/loss 1.1" in third
    assert points() == [
        ("units=4", "FAILED"),
        ("units=5", "FAILED"),
        ("units=1", "FINISHED"),
    ]
    _, killed, before = runs.recent()
    assert before.tags["error"] == "There is no room."
    assert before.params() == {"units": "4", "seed": "1", "fresh": "False"}
    assert killed.tags["error"] == "the process was killed by SIGKILL"
    assert "Without test/loss: 2 failed." in out


@pytest.mark.slow
def test_what_has_failed_is_tried_again(here, capsys):
    assert sweep(capsys, "units=4,1")[0] == 1
    text = pathlib.Path(RECIPE).read_text().replace("units == 4", "units == 40")
    pathlib.Path(RECIPE).write_text(text)
    status, out, _ = sweep(capsys, "units=4,1")
    assert status == 0
    assert "1 of them ended before" in out
    assert "[2/2] units=4: test/loss 4.1, after" in out
    # That it had failed once is no matter any more.
    assert "failed" not in out
    assert sorted(points()) == [
        ("units=1", "FINISHED"),
        ("units=4", "FAILED"),
        ("units=4", "FINISHED"),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("unit=1,2", "unit=1: unknown flag --unit; did you mean --units?"),
        ("units=1,x,y seed=1", "Nothing was started. units=x: argument --unit"),
        ("seed=1,1.5", "seed=1.5: argument --seed: '1.5' is not a whole"),
    ],
)
def test_unknown_values_fail_before_anything_starts(here, capsys, line, words):
    status, out, err = sweep(capsys, line)
    assert (status, out) == (1, "")
    assert words in err
    assert points() == []


def test_all_mistakes_are_told_at_once(here, capsys):
    _, _, err = sweep(capsys, "units=x,1,y seed=1,2")
    assert "'x' is not" in err and "'y' is not" in err
    assert err.count("'x' is not") == 1


def test_what_is_no_recipe_is_refused(here):
    pathlib.Path("train.py").write_text("print('trains for hours')\n")
    with pytest.raises(ValueError, match="train.py is no recipe, which hands"):
        sweep_check.command("train.py")
    with pytest.raises(ValueError, match="no file other.py: give a recipe"):
        sweep_check.command("other.py")
    with pytest.raises(ValueError, match="there is no folder recipes here"):
        sweep_check.command("digits")
    pathlib.Path("recipes").mkdir()
    pathlib.Path("recipes", "digits.py").write_text("start.command(main)\n")
    words = [sys.executable, "-m", "recipes.digits"]
    assert sweep_check.command("digits") == words
    with pytest.raises(ValueError, match="'digit'; did you mean digits. There"):
        sweep_check.command("digit")


def test_what_does_not_start_is_told(here):
    pathlib.Path("broken.py").write_text(
        "import nothing_of_that_name\n#start.command("
    )
    plan = sweeps.Plan("broken.py", {"seed": ["1"]})
    with pytest.raises(ValueError, match="broken.py cannot be started: Modul"):
        sweep_check.checked(plan)


def start(*words):
    return subprocess.Popen(
        [sys.executable, "-m", "rnnzoo", "sweep", RECIPE, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(log):
    """Until a run has begun."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if any(p.read_text() for p in pathlib.Path().rglob(log)):
            if any(status == "RUNNING" for _, status in points()):
                return
        time.sleep(0.2)
    raise TimeoutError(log)


@pytest.mark.slow
def test_ctrl_c_stops_what_runs_and_starts_nothing_else(here):
    process = start("units=6,1")
    wait_for("units=6.log")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert out.splitlines()[-1] == "Stopped. The same command goes on."
    assert points() == [("units=6", "KILLED")]


@pytest.mark.slow
def test_a_sweep_that_is_killed_leaves_no_process_and_goes_on(here):
    process = start("units=6,1")
    wait_for("units=6.log")
    process.kill()
    process.communicate()
    # What it had started has got SIGTERM, and ends by itself.
    until = time.monotonic() + 30
    while points() != [("units=6", "KILLED")] and time.monotonic() < until:
        time.sleep(0.2)
    assert points() == [("units=6", "KILLED")]
    text = pathlib.Path(RECIPE).read_text().replace("units == 6", "units == 60")
    pathlib.Path(RECIPE).write_text(text)
    process = start("units=6,1")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "[2/2] units=1: test/loss 1.1" in out
    assert points()[1:] == [("units=6", "FINISHED"), ("units=1", "FINISHED")]
    assert "stopped" not in out


@pytest.mark.slow
def test_a_run_is_never_trained_twice_at_a_time(here):
    first, second = (start("units=6") for _ in range(2))
    wait_for("units=6.log")
    time.sleep(3)
    assert points() == [("units=6", "RUNNING")]
    for process in (first, second):
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        process.communicate()
