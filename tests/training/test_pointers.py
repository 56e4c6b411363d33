import pathlib
import shlex
import sys

import pytest

from rnnzoo.commands import parser
from rnnzoo.training.pointers import pointers

PAGE = "http://127.0.0.1:5000/#/experiments/1/runs/abc"


class Run:
    """What `pointers` reads of a `tracking.Run`."""

    def __init__(self, folder, url=PAGE, served=False):
        self.directory = pathlib.Path(folder)
        self.root = pathlib.Path("mlruns")
        self.url = url
        self.run_id = "0123456789abcdef" * 2
        self.served = served


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Makefile").write_text("ui:\n")
    return tmp_path


def lines(run, text="4 March"):
    said = pointers(run, text).split("\n")
    return dict(line.split("  ", 1) for line in said)


def test_paths_are_short_inside_the_checkout(checkout):
    said = lines(Run(checkout / "mlruns" / "abc"))
    assert said["The run"].strip() == f"make ui, then {PAGE}"
    assert said["The model"] == "mlruns/abc/model.keras"


@pytest.mark.parametrize("text", ["4 March", 'l\'été "$!"', "-5 degrees"])
def test_the_last_line_can_be_pasted_into_a_shell(checkout, text):
    run = Run(checkout / "mlruns" / "abc")
    python, *words = shlex.split(lines(run, text)["To use it"])
    assert pathlib.Path(checkout, python) == pathlib.Path(sys.executable)
    assert words[:2] == ["-m", "rnnzoo"]
    values = parser.parse(words[2:])
    assert (values.command, values.run) == ("generate", "01234567")
    assert values.text == [text]


def test_a_run_that_would_not_be_found_here_is_its_folder(checkout):
    away = Run(checkout / "else" / "abc")
    away.root = checkout / "else"
    assert lines(away)["To use it"].endswith("generate else/abc '4 March'")
    away.served = True
    assert lines(away)["To use it"].endswith("generate 01234567 '4 March'")
    untracked = Run(checkout / "mlruns" / "untracked" / "a", url=None)
    words = "generate mlruns/untracked/a '4 March'"
    assert lines(untracked)["To use it"].endswith(words)


def test_without_a_makefile_mlflow_is_named(checkout):
    (checkout / "Makefile").unlink()
    root = checkout / "mlruns"
    assert lines(Run(root / "abc"))["The run"].strip() == (
        f"mlflow ui --backend-store-uri sqlite:///{root}/mlflow.db, then {PAGE}"
    )


def test_a_server_needs_no_command(checkout):
    url = "http://10.0.0.1/#/experiments/1/runs/abc"
    said = lines(Run("abc", url, served=True))
    assert said["The run"].strip() == url


def test_an_untracked_run_is_a_folder(checkout):
    said = lines(Run(checkout / "mlruns" / "untracked" / "a", url=None))
    assert said["The run"].strip() == "mlruns/untracked/a (not in MLflow)"
