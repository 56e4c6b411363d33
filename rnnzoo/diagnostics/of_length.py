"""A batch made longer or shorter."""

import keras
import numpy as np


def of_length(model, batch, length):
    """A batch whose sequences go on from their beginning, or are cut.

    Args:
        model: a functional Keras model. Its inputs with an unknown number of
            steps get another length; targets and weights do so where the
            outputs have such an axis too, and they have as many steps.
        batch: `(x, y)` or `(x, y, sample_weight)`, as the model is trained
            on, as arrays; x alone, where it has its targets.
        length: int. Number of steps.

    Returns:
        `(x, y, sample_weight)`, arrays and None.

    Raises:
        ValueError: a model that reads no sequences.
    """
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)
    dynamic = by_name(_is_dynamic, model.input)
    given = by_name(np.asarray, x)
    names = [name for name in given if dynamic.get(name)]
    if not names:
        raise ValueError(
            "Only what reads or writes sequences of any length can be given "
            f"another. Received: the model {model.name!r}, whose inputs have "
            f"the shapes {by_name(lambda part: part.shape, model.input)}."
        )
    timesteps = given[names[0]].shape[1]
    for name in names:
        given[name] = _resized(given[name], length)
    if not isinstance(x, dict):
        given = keras.tree.pack_sequence_as(x, list(given.values()))

    def beside(array):
        if array is None:
            return None
        array = np.asarray(array)
        if per_step(model) and array.shape[1:2] == (timesteps,):
            return _resized(array, length)
        return array

    return given, beside(y), beside(sample_weight)


def per_step(model):
    """Whether the outputs have an axis of any number of steps."""
    return all(map(_is_dynamic, keras.tree.flatten(model.output)))


def by_name(function, parts):
    """dict from name to what the function makes of each input.

    Inputs that are not in a dict are numbered, or `"inputs"` if alone.
    """
    if not isinstance(parts, dict):
        flat = keras.tree.flatten(parts)
        if len(flat) == 1:
            parts = {"inputs": flat[0]}
        else:
            parts = dict(enumerate(flat))
    return {name: function(part) for name, part in parts.items()}


def _is_dynamic(symbol):
    return len(symbol.shape) > 1 and symbol.shape[1] is None


def _resized(array, length):
    repeats = -(-length // array.shape[1])
    return np.concatenate([array] * repeats, axis=1)[:, :length]
