"""One step of a model as a SavedModel and as a file for LiteRT."""

import pathlib
import tempfile

import keras
import tensorflow as tf

HALF = {"bfloat16", "float16"}


def write_saved_model(model, path, batch_size, frozen=False):
    """Writes what `rnnzoo.Model.export_step` describes.

    Args:
        model: a topology that steps.
        path: str.
        batch_size: int or None.
        frozen: bool. Whether weights are written as constants.
    """
    names = [f"state_{n}" for n in range(len(model.state_types))]
    variables = [] if frozen else [v.value for v in model.variables]
    constants = [(v, tf.constant(v.value)) for v in model.variables if frozen]

    def step(**given):
        inputs = model.by_part([given[name] for name in model.step_parts])
        with keras.StatelessScope(constants):
            outputs, new = model.advance(inputs, [given[n] for n in names])
        return {"outputs": outputs, **dict(zip(names, new, strict=True))}

    def initial_states(batch_size=batch_size):
        with keras.StatelessScope(constants):
            states = model.initial_states(batch_size)
        # A constant of its own for each: signatures are told by tensors.
        return {
            name: tf.identity(state)
            for name, state in zip(names, states, strict=True)
        }

    specs = {
        name: tf.TensorSpec([batch_size, *shape], dtype, name)
        for name, (shape, dtype) in model.step_parts.items()
    }
    for name, (size, dtype) in zip(names, model.state_types, strict=True):
        specs[name] = tf.TensorSpec([batch_size, size], dtype, name)
    free = {}
    if batch_size is None:
        free["batch_size"] = tf.TensorSpec([], "int32", "batch_size")
    signatures = {
        "serving_default": graph(step, specs),
        "initial_states": graph(initial_states, free),
    }
    module = tf.Module()
    module.weights = variables
    tf.saved_model.save(module, path, signatures)


def graph(function, specs):
    function = tf.function(function, autograph=False)
    return function.get_concrete_function(**specs)


def write_litert(model, path, batch_size):
    """As `write_saved_model`, for the LiteRT interpreter.

    The weights are constants: LiteRT's own variables fail when they are read.
    """
    if batch_size is None:
        raise ValueError(
            "LiteRT runs a batch of one size only. Received: batch_size=None. "
            "Pass the number of sequences that run side by side, often 1."
        )
    if any(None in shape for shape, _ in model.step_parts.values()):
        raise ValueError(
            "LiteRT runs steps of one size only, and words have any number "
            "of characters. Export this model as a SavedModel."
        )
    half = {layer.compute_dtype for layer in model.layers} & HALF
    if half:
        raise ValueError(
            "LiteRT's converter has no recurrence in half precision. Received: "
            f"a model that computes in {half.pop()}. Load its weights into one "
            "with dtype='float32', or export it as a SavedModel."
        )
    if not path.endswith(".tflite"):
        raise ValueError(
            "A file for LiteRT ends with '.tflite', as for `keras.Model."
            f"export`. Received: {path!r}"
        )
    with tempfile.TemporaryDirectory() as folder:
        write_saved_model(model, folder, batch_size, frozen=True)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=["serving_default", "initial_states"]
        )
        pathlib.Path(path).write_bytes(converter.convert())
