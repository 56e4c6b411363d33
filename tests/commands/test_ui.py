import os
import shutil
import socket
import sys

import pytest

from rnnzoo.__main__ import main
from rnnzoo.training import sweeps, tracking


@pytest.fixture
def here(tmp_path, monkeypatch, empty_store):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copytree(empty_store, tmp_path / "mlruns")
    return tmp_path


@pytest.fixture
def started(monkeypatch):
    """The commands that this process would have become."""
    commands = []
    monkeypatch.setattr(os, "execv", lambda path, line: commands.append(line))
    return commands


def search(recipe, *scores):
    tags = {"rnnzoo.search_id": "s-1"}
    for number, score in enumerate(scores):
        params = {"cell": "gru", "units": number, "dataset": "toys"}
        with tracking.Run(
            recipe, str(number), params, kind="trial", tags=tags
        ) as run:
            run.log_metrics({"best/loss": score})


def train(recipe, cell, score):
    params = {"cell": cell, "seed": 1, "dataset": "toys", "smoke": False}
    tags = {"rnnzoo.headline": "test/loss", "rnnzoo.direction": "min"}
    with tracking.Run(recipe, cell, params, tags=tags) as run:
        run.log_metrics({"val/loss": score}, step=1)
        run.log_metrics({"test/loss": score})


def test_each_recipe_has_links_to_its_runs(here, started, capsys):
    train("toy", "gru", 0.5)
    train("toy", "lstm", 0.3)
    train("other", "gru", 0.3)
    search("other", 0.1, 0.2)
    status = main(["ui", "--port", "54321"])
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    lines = [line.split("  http") for line in out.splitlines()]
    assert [line[0].rstrip() for line in lines] == [
        "Ready in seconds; Ctrl-C ends it. Open in a browser:",
        "  other",
        "    toys, by cell",
        "    toys, each run",
        "    search s-1, by cell, units",
        "    search s-1, each run",
        "  toy",
        "    toys, by cell",
        "    toys, each run",
    ]
    assert "://127.0.0.1:54321/#/experiments/" in lines[1][1]
    assert lines[5][1].endswith("&viewStateShareKey=s-1-runs")
    assert lines[7][1].endswith("&viewStateShareKey=toys-groups")
    (command,) = started
    assert command[:4] == [sys.executable, "-m", "mlflow", "ui"]
    # Only this machine can reach it.
    assert command[4:8] == ["--host", "127.0.0.1", "--port", "54321"]
    assert f"sqlite:///{here}/mlruns/mlflow.db" in command


def test_a_comparison_ends_with_its_links(here, capsys, monkeypatch):
    tags = sweeps.environment("toy-1", {"cell": "gru"})[sweeps.TAGS]
    monkeypatch.setenv(sweeps.TAGS, tags)
    train("toy", "gru", 0.5)
    assert main(["compare", "--sweep", "latest"]) == 0
    *_, head, by_cell, each_run = capsys.readouterr().out.splitlines()
    assert head == "In MLflow, which `python -m rnnzoo ui` starts:"
    assert by_cell.startswith("  by cell   http://127.0.0.1:5000/#/experiments")
    assert each_run.endswith("&viewStateShareKey=toy-1-runs")


def test_a_server_elsewhere_shows_them(here, started, capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://a:1")
    monkeypatch.setattr("rnnzoo.commands.ui.links", lambda server: [server])
    assert main(["ui"]) == 0
    assert capsys.readouterr().out == "Open in a browser:\nhttp://a:1\n"
    assert started == []


def test_no_runs_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["ui"]) == 1
    assert "There are no runs here yet: `make demo`" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told(here, started, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert main(["ui", "--port", port]) == 1
    assert f"Port {port} is taken" in capsys.readouterr().err
    assert started == []
