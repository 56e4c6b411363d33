"""The last lines of a training: where its results are."""

import os
import pathlib
import shlex
import sys


def pointers(run, text, command="generate"):
    """How to look at a run, where its model is, and how to use it.

    Args:
        run: a `tracking.Run` that has been entered and has its model.keras.
        text: str, or the path of a file. What the model may be tried on.
        command: str. Of `python -m rnnzoo`, what uses it.

    Returns:
        str, several lines; each command can be pasted into a shell.
    """
    model = _short(run.directory / "model.keras")
    if isinstance(text, pathlib.Path):
        text = _short(text)
    words = [_short(sys.executable), "-m", "rnnzoo", command, _name(run)]
    if text.startswith("-"):
        words.append("--")
    return "\n".join(
        [
            f"The run    {_where(run)}",
            f"The model  {model}",
            f"To use it  {shlex.join([*words, text])}",
        ]
    )


def _name(run):
    """What `python -m rnnzoo` finds it by, from here."""
    here = run.root.resolve() == pathlib.Path("mlruns").resolve()
    if run.url is not None and (run.served or here):
        return run.run_id[:8]
    return _short(run.directory)


def _where(run):
    if run.url is None:
        return f"{_short(run.directory)} (not in MLflow)"
    if run.served:
        return run.url
    command = "make ui"
    if not pathlib.Path("Makefile").is_file():
        database = f"sqlite:///{run.root.resolve() / 'mlflow.db'}"
        command = f"mlflow ui --backend-store-uri {shlex.quote(database)}"
    return f"{command}, then {run.url}"


def _short(path):
    """`path` from here where that is shorter, as in mlruns/..."""
    path = os.path.abspath(path)
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative
