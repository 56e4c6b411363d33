import os
import signal
import subprocess
import sys
import time

import mlflow
import pytest

from rnnzoo.training.search import crew, trials


def start(root, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.training.searching", str(root), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(root, *words, status=0):
    process = start(root, *words)
    said = process.communicate(timeout=300)[0]
    assert process.returncode == status, said
    return said


def runs(root, kind):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("toy")
    return client.search_runs(
        [experiment.experiment_id], f"tags.`rnnzoo.kind` = '{kind}'"
    )


@pytest.mark.slow
def test_workers_share_the_trials_of_a_search_also_when_one_dies(root):
    said = run(root, "2", "once")
    assert "best: 8" in said
    assert said.count("was killed by SIGKILL, and is started again") == 1
    (parent,) = runs(root, "search")
    trials = runs(root, "trial")
    units = sorted(int(trial.data.params["units"]) for trial in trials)
    assert units == [8, 16, 24, 32, 40, 48]
    search_id = parent.data.tags["rnnzoo.search_id"]
    for trial in trials:
        assert trial.info.status == "FINISHED"
        assert trial.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert trial.data.tags["rnnzoo.search_id"] == search_id
    assert parent.data.metrics["val/loss"] == 8
    for name in ("worker-0", "worker-1"):
        assert f"[{name}] === Trial" in said
    assert not [*(root / "unfinished").iterdir()]


@pytest.mark.slow
def test_a_trial_that_kills_its_worker_again_and_again_is_given_up(root):
    said = run(root, "1", "dies")
    assert said.count("is started again") == 3
    reason = "its process was killed by SIGKILL 3 times"
    assert f"{reason}: was there too little memory?" in said
    assert "best: 8" in said
    statuses = {
        t.data.params["units"]: t.info.status for t in runs(root, "trial")
    }
    assert len(statuses) == 6
    assert statuses.pop("24") == "FAILED"
    assert {*statuses.values()} == {"FINISHED"}


@pytest.mark.slow
def test_all_are_started_again_without_their_chief(root):
    said = run(root, "1", "chief")
    assert "the chief was killed by SIGKILL" in said
    assert "all workers are started again" in said
    assert "best: 8" in said
    assert len(runs(root, "trial")) == 6


@pytest.mark.slow
def test_a_search_killed_in_workers_goes_on_alone(root):
    process = start(root, "1", "waits")
    deadline = time.monotonic() + 120
    while not (root / "happened").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGTERM)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 130, said
    statuses = sorted(t.info.status for t in runs(root, "trial"))
    assert statuses == ["FINISHED", "FINISHED", "KILLED"]
    said = run(root, "0", "waits")
    assert "Going on after 2 trials" in said
    assert "best: 8" in said
    assert [t.info.status for t in runs(root, "trial")] == ["FINISHED"] * 6


@pytest.mark.slow
def test_an_error_of_the_recipe_comes_before_all_workers(root):
    said = run(root, "1", "wrong", status=1)
    assert "ValueError: no such space" in said
    assert "[worker-0]" not in said


def test_chief_and_workers_find_each_other(tmp_path):
    found = crew.Crew(2, tmp_path, "a:7000", label="b-1f-")
    assert found._workers == ["worker-b-1f-0", "worker-b-1f-1"]
    assert (found._host, found._port) == ("a", "7000")
    alone = crew.Crew(1, tmp_path)
    assert (alone._host, alone._workers) == ("127.0.0.1", ["worker-0"])


def test_a_trial_is_that_of_the_worker_that_has_it_now(tmp_path):
    records = trials.Records(tmp_path)
    for number, name in ((1, "worker-0"), (2, "worker-1")):
        records.keep(trials.Trial(number, {}, None, worker=name))
    assert records.of_worker("worker-1")[0] == 2
    # All are started again, and the first gets the trial of the second.
    records.release()
    assert records.of_worker("worker-0") == (None, {})
    trial = trials.Trial(2, {}, None, worker="worker-0")
    records.recall(trial)
    records.keep(trial)
    assert records.of_worker("worker-0")[0] == 2


def test_a_worker_that_dies_without_a_trial_ends_the_search(
    tmp_path, monkeypatch, capsys
):
    alone = crew.Crew(1, tmp_path)
    started = []
    monkeypatch.setattr(alone, "_start", started.append)
    for _ in range(2):
        alone._died("worker-0", -signal.SIGSEGV)
    assert started == ["worker-0"] * 2
    with pytest.raises(ValueError, match="SIGSEGV 3 times before it had a tr"):
        alone._died("worker-0", -signal.SIGSEGV)
    assert capsys.readouterr().err.count("is started again") == 2


def test_a_notebook_has_no_command_to_run_again(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    with pytest.raises(ValueError, match="in a cell with ! before it"):
        crew.Crew(2, tmp_path)
