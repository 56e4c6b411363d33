"""What `--diagnose` adds to a training.

Imports Keras and matplotlib when it runs.
"""

# Rows of the validation data that are looked at.
ROWS = 16


def callbacks(config, validation, run):
    """The callbacks of `--diagnose`: a list, empty without the flag.

    Args:
        config: a Config with `diagnose`.
        validation: batches with a place for each, such as a
            `pipelines.examples.Examples`; or a `tf.data.Dataset` of batches.
        run: a `tracking.Run`.
    """
    if config.diagnose is None:
        return []
    return [_diagnose(config, validation, run)]


def check(config, validation, model):
    """Refuses diagnostics that do not suit the model, before it is trained.

    Args:
        config, validation: as for `callbacks`.
        model: the built model.

    Raises:
        ValueError: an unknown name, or a diagnostic that does not suit.
    """
    if config.diagnose is None:
        return
    try:
        _diagnose(config, validation, run=None).check(model)
    except ValueError as error:
        raise ValueError(f"--diagnose {config.diagnose}: {error}") from error


def _diagnose(config, validation, run):
    from rnnzoo.diagnostics.callback import Diagnose

    names = [name.strip() for name in config.diagnose.split(",")]
    return Diagnose(names, some_rows(validation), run)


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
