"""`python -m rnnzoo generate`: texts from texts, with a trained run."""

from rnnzoo import console
from rnnzoo.commands import lines, models


def generate(values):
    """Reads, generates and writes; see `flags.generate` for the options.

    Of a language model, what is written goes on with the text that is read.

    Raises:
        ValueError: nothing to read, no such run, a model that does not
            generate texts from texts.
    """
    texts = lines.read(values)
    if values.output is not None:
        lines.check_output(values.output)
    path, _ = models.find(values.run)
    console.start_tensorflow()
    from rnnzoo.training import evaluation, generation

    model = _load(path)
    found = generation.generate(
        model,
        texts,
        batch_size=values.batch_size,
        show=True,
        beam_width=values.beam_width,
        max_length=values.max_length,
        length_penalty=values.length_penalty,
        n_best=values.n_best,
        **_drawing(values),
    )
    if values.n_best is not None:
        written = evaluation.n_best_table(texts, found)
    elif len(found) == 1 and _goes_on(model):
        # One text may have several lines; there is no other to take them for.
        written = found[0] + "\n"
    else:
        written = evaluation.lines(found)
    lines.put(written, values.output, f"{len(texts):,} texts")


def _drawing(values):
    """The options that draw tokens at random, as far as they are given."""
    names = ("temperature", "top_k", "top_p", "seed")
    given = {name: getattr(values, name) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def _load(path):
    """The model in a file, if it generates texts from texts."""
    from rnnzoo.serving import loading

    model = loading.load(path)
    if getattr(model, "source_vocabulary", None) is None and not _goes_on(
        model
    ):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, which reads no texts to "
            "write others: `generate` needs a model that was built with "
            "vocabularies, such as one of recipes.translation or "
            "recipes.language_model; `python -m rnnzoo predict` may do for "
            "this one. In Python: "
            f"keras.saving.load_model({str(path)!r})."
        )
    return model


def _goes_on(model):
    """Whether it is a language model of strings."""
    if getattr(model, "vocabulary", None) is None:
        return False
    if not hasattr(model, "check_writes"):
        return False
    try:
        model.check_writes()
    except ValueError:
        return False
    return True
