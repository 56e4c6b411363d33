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


def load(path):
    """The model in a file.

    Raises:
        ValueError: it cannot be loaded.
    """
    import keras

    import rnnzoo.architectures  # noqa: F401  # tells Keras our classes

    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # of any kind, from zip, JSON, HDF5 or Keras
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            f"{path} cannot be loaded: {reason[0]} A file that rnnzoo saved "
            "is expected; if its model has parts of your own, load it in "
            "Python after importing them."
        ) from error
