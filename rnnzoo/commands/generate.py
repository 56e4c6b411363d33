"""`python -m rnnzoo generate`: texts from texts, with a trained run."""

import pathlib
import sys

from rnnzoo import console
from rnnzoo.commands import lines


def generate(values):
    """Reads, generates and writes; see `parser` for the options.

    Raises:
        ValueError: nothing to read, no such run, a model that does not
            generate texts from texts.
    """
    texts = lines.read(values)
    if values.output is not None:
        lines.check_output(values.output)
    path = _model_file(values.run)
    console.start_tensorflow()
    from rnnzoo.training import evaluation, generation

    found = generation.generate(
        _load(path),
        texts,
        batch_size=values.batch_size,
        show=True,
        beam_width=values.beam_width,
        max_length=values.max_length,
        length_penalty=values.length_penalty,
        n_best=values.n_best,
    )
    if values.n_best is None:
        written = evaluation.lines(found)
    else:
        written = evaluation.n_best_table(texts, found)
    if values.output is None:
        print(written, end="")
    else:
        lines.write(written, values.output)
        print(f"{len(texts):,} texts -> {values.output}", file=sys.stderr)


def _model_file(word):
    """The .keras file that RUN stands for; what is a path, is one."""
    path = pathlib.Path(word)
    if path.is_file():
        return path
    if path.is_dir():
        model = path / "model.keras"
        if model.is_file():
            return model
        raise ValueError(
            f"The folder {word} has no model.keras: give that of a run whose "
            "training has ended, or a .keras file."
        )
    from rnnzoo.training import runs

    run, path = runs.find(word)
    if run.run_id != word:
        print(f"run {run.label}: {run.recipe} {run.name}", file=sys.stderr)
    return path


def _load(path):
    """The model in a file, if it generates texts from texts."""
    import keras

    import rnnzoo.architectures  # noqa: F401  # tells Keras our classes

    try:
        model = keras.saving.load_model(path, compile=False)
    except Exception as error:  # of any kind, from zip, JSON, HDF5 or Keras
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            f"{path} cannot be loaded: {reason[0]} A file that rnnzoo saved "
            "is expected; if its model has parts of your own, load it in "
            "Python after importing them."
        ) from error
    if getattr(model, "source_vocabulary", None) is None:
        raise ValueError(
            f"{path} holds a {type(model).__name__}, which reads no texts: "
            "`generate` needs a model that was built with vocabularies, such "
            "as one of recipes.translation. In Python: "
            f"keras.saving.load_model({str(path)!r})."
        )
    return model
