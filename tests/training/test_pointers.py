import pathlib
import shlex
import sys

import pytest

from rnnzoo.training.pointers import pointers

PAGE = "http://127.0.0.1:5000/#/experiments/1/runs/abc"


class Run:
    """What `pointers` reads of a `tracking.Run`."""

    def __init__(self, folder, url=PAGE, served=False):
        self.directory = pathlib.Path(folder)
        self.root = pathlib.Path("mlruns")
        self.url = url
        self.served = served


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Makefile").write_text("ui:\n")
    return tmp_path


def lines(run, use="model.generate(['4 March'])"):
    return dict(line.split("  ", 1) for line in pointers(run, use).split("\n"))


def test_paths_are_short_inside_the_checkout(checkout):
    said = lines(Run(checkout / "mlruns" / "abc"))
    assert said["The run"].strip() == f"make ui, then {PAGE}"
    assert said["The model"] == "mlruns/abc/model.keras"


def test_the_last_line_can_be_pasted_into_a_shell(checkout):
    for use in ("model.generate(['4 March'])", "model.generate(['\"$!\"'])"):
        python, flag, code = shlex.split(
            lines(Run(checkout / "abc"), use)["To use it"]
        )
        assert pathlib.Path(checkout, python) == pathlib.Path(sys.executable)
        assert flag == "-c"
        assert code == (
            "import keras, rnnzoo; "
            "model = keras.saving.load_model('abc/model.keras'); "
            f"print({use})"
        )


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
