"""The last lines of a training: where its results are."""

import os
import pathlib
import shlex
import sys


def pointers(run, use):
    """How to look at a run, where its model is, and how to use it.

    Args:
        run: a `tracking.Run` that has been entered and has its model.keras.
        use: str. What a user does with `model`, as one Python expression.

    Returns:
        str, several lines; each command can be pasted into a shell.
    """
    model = _short(run.directory / "model.keras")
    code = (
        f"import keras, rnnzoo; model = keras.saving.load_model({model!r}); "
        f"print({use})"
    )
    return "\n".join(
        [
            f"The run    {_where(run)}",
            f"The model  {model}",
            f"To use it  {_short(sys.executable)} -c {_quoted(code)}",
        ]
    )


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


def _quoted(code):
    """For a shell; in double quotes, easier to read, where that is safe."""
    if any(character in code for character in '"$`\\!'):
        return shlex.quote(code)
    return f'"{code}"'


def _short(path):
    """`path` from here where that is shorter, as in mlruns/..."""
    path = os.path.abspath(path)
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative
