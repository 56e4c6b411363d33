"""What `--diagnose` adds to a training.

Imports Keras and matplotlib when it runs.
"""

# Rows of the validation data that are looked at.
ROWS = 16


def checked(config, validation, model):
    """What looks at a model while it learns, and has looked once.

    Args:
        config: a Config with `diagnose`.
        validation: batches with a place for each, such as a
            `pipelines.examples.Examples`; or a `tf.data.Dataset` of batches.
        model: the built model.

    Returns:
        A list of callbacks for `into`, empty without the flag.

    Raises:
        ValueError: an unknown name, or a diagnostic that does not suit the
            model.
    """
    if config.diagnose is None:
        return []
    from rnnzoo.diagnostics.callback import Diagnose

    names = [name.strip() for name in config.diagnose.split(",")]
    try:
        look = Diagnose(names, some_rows(validation))
        look.check(model)
    except ValueError as error:
        raise ValueError(f"--diagnose {config.diagnose}: {error}") from error
    return [look]


def into(run, looking):
    """The callbacks of `checked`, which keep what they see in a run."""
    for look in looking:
        look.run = run
    return looking


def some_rows(validation, rows=ROWS):
    """A few rows of validation data, as arrays.

    They come from the batch in the middle, because the shortest are first.
    Rows of a text that goes on stand for themselves.
    """
    import keras
    import numpy as np

    if hasattr(validation, "dataset"):
        validation = validation.dataset(0, len(validation) // 2)
    batch = next(iter(validation.take(1)))
    batch = keras.tree.map_structure(lambda x: np.asarray(x)[:rows], batch)
    inputs = batch[0] if isinstance(batch, tuple) else batch
    if isinstance(inputs, dict):
        inputs.pop("begins", None)
    return batch
