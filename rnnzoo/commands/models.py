"""The trained model that a command line names."""

import pathlib
import sys


def find(word):
    """What RUN stands for; what is a path, is one.

    Args:
        word: str. See `flags.texts`.

    Returns:
        (pathlib.Path of the .keras file, function from the name of a file
        beside it to its path, or None without).

    Raises:
        ValueError: no such run, or one without a model.
    """
    path = pathlib.Path(word)
    if path.is_dir():
        path = path / "model.keras"
        if not path.is_file():
            raise ValueError(
                f"The folder {word} has no model.keras: give that of a run "
                "whose training has ended, or a .keras file."
            )
    if path.is_file():

        def beside(name):
            other = path.with_name(name)
            return other if other.is_file() else None

        return path, beside
    from rnnzoo.training import runs

    run, path = runs.find(word)
    if run.run_id != word:
        print(f"run {run.label}: {run.recipe} {run.name}", file=sys.stderr)
    return path, run.file
