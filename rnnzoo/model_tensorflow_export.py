"""One step of a model as a SavedModel and as a file for LiteRT."""

import pathlib
import tempfile

import keras
import tensorflow as tf

HALF = {"bfloat16", "float16"}


def write_saved_model(model, path, batch_size, begin_parts, frozen=False):
    """Writes what `StepExporter.export_step` describes.

    Args:
        model: a topology that steps.
        path: str.
        batch_size: int or None.
        begin_parts: name -> (shape without the batch, dtype), what is read
            before the first step.
        frozen: bool. Whether weights are written as constants.
    """
    variables = [] if frozen else [v.value for v in model.variables]
    constants = [(v, tf.constant(v.value)) for v in model.variables if frozen]

    def begin(**given):
        size = given.pop("batch_size", batch_size)
        with keras.StatelessScope(constants):
            return of_their_own(model.begin_named(given, size))

    def step(**given):
        with keras.StatelessScope(constants):
            return of_their_own(model.step_named(given))

    if begin_parts or batch_size is not None:
        free = {}
    else:
        free = {"batch_size": tf.TensorSpec([], "int32", "batch_size")}
    begins = graph(begin, {**specs(begin_parts, batch_size), **free})
    given = {
        name: tf.TensorSpec(found.shape, found.dtype, name)
        for name, found in begins.structured_outputs.items()
    }
    steps = graph(step, {**specs(model.step_parts, batch_size), **given})
    module = tf.Module()
    module.weights = variables
    signatures = {"serving_default": steps, model.begin_name: begins}
    tf.saved_model.save(module, path, signatures)


def specs(parts, batch_size):
    return {
        name: tf.TensorSpec([batch_size, *shape], dtype, name)
        for name, (shape, dtype) in parts.items()
    }


def of_their_own(tensors):
    """A tensor of its own for each name: signatures are told by tensors."""
    return {name: tf.identity(tensor) for name, tensor in tensors.items()}


def graph(function, specs):
    function = tf.function(function, autograph=False)
    return function.get_concrete_function(**specs)


def write_litert(model, path, batch_size, begin_parts):
    """As `write_saved_model`, for the LiteRT interpreter.

    The weights are constants: LiteRT's own variables fail when they are read.
    """
    if batch_size is None:
        raise ValueError(
            "LiteRT runs a batch of one size only. Received: batch_size=None. "
            "Pass the number of sequences that run side by side, often 1."
        )
    if any(None in shape for shape, _ in begin_parts.values()):
        raise ValueError(
            "LiteRT reads sources of one length only. Received: "
            "source_length=None. Pass the length that sources are padded to."
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
        write_saved_model(model, folder, batch_size, begin_parts, frozen=True)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=["serving_default", model.begin_name]
        )
        pathlib.Path(path).write_bytes(converter.convert())
