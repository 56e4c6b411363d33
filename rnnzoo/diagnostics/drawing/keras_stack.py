"""A plain Keras model, one layer after the other, as a description."""

import dataclasses

import keras

from rnnzoo.diagnostics.drawing import parts
from rnnzoo.diagnostics.drawing.description import Description, Part, Side
from rnnzoo.layers import SequencePooling, Stack
from rnnzoo.layers.recurrent_block import RecurrentBlock

# What changes no drawing: it has no weights, or is there in training only.
_PASSED = (
    keras.layers.Dropout,
    keras.layers.GaussianNoise,
    keras.layers.InputLayer,
    keras.layers.Masking,
    keras.layers.SpatialDropout1D,
)
_POOLINGS = {
    keras.layers.Flatten: "all steps",
    keras.layers.GlobalAveragePooling1D: "mean over time",
    keras.layers.GlobalMaxPooling1D: "max over time",
    SequencePooling: None,
}


def describe(model):
    """The `Description` of a stack of layers.

    Raises:
        ValueError: layers that are not one after the other; no recurrent one.
    """
    layers = _in_order(model)
    recurrent = [layer for layer in layers if _recurrent(layer)]
    if not recurrent:
        raise ValueError(
            f"The model {model.name!r} has no recurrent layer to draw. "
            "Expected one of the five topologies, or a stack with "
            "rnnzoo.layers.Recurrent, keras.layers.LSTM or others in it."
        )
    steps, above, pooling, whole = [], [], None, True
    for layer in layers:
        if not whole:
            above.append(_above(layer))
        elif isinstance(layer, tuple(_POOLINGS)):
            pooling, whole = _pooling(layer), False
        elif _recurrent(layer):
            steps += _recurrent_parts(layer)
            whole = getattr(layer, "return_sequences", True)
            if not whole and steps[-1].bidirectional:
                pooling = Part(kind="pooling", label="last of each direction")
        else:
            steps.append(_part(layer))
    common = {
        "weights": model.count_params(),
        "pooling": pooling,
    }
    length = model.inputs[0].shape[1]
    if whole:
        if steps[-1].kind != "recurrent":
            steps[-1] = dataclasses.replace(steps[-1], kind="head")
        side = Side(parts=tuple(steps), length=length, answers=True)
        return Description(topology="synced", reader=side, **common)
    return Description(
        topology="many_to_one",
        reader=Side(parts=tuple(steps), length=length),
        head=_head(above),
        **common,
    )


def _in_order(model):
    """The layers of a stack, those that are drawn.

    Raises:
        ValueError: the model is none.
    """
    operations = list(getattr(model, "layers", []))
    if not isinstance(model, keras.Sequential):
        if not hasattr(model, "inputs") or len(model.outputs) != 1:
            raise ValueError(_no_stack(model, "has no graph of one output"))
        for layer in operations:
            nodes = getattr(layer, "_inbound_nodes", [])
            sources = [len(node.parent_nodes) for node in nodes]
            if len(sources) > 1 or sources[0] > 1:
                raise ValueError(
                    _no_stack(model, f"branches at the layer {layer.name!r}")
                )
    if not model.built:
        raise ValueError(_no_stack(model, "is not built yet"))
    return [layer for layer in operations if not isinstance(layer, _PASSED)]


def _no_stack(model, reason):
    return (
        f"The model {model.name!r} {reason}, and only a built stack can be "
        "drawn, one layer after the other from one input to one output, or "
        "one of the five topologies."
    )


def _recurrent(layer):
    if isinstance(layer, keras.layers.Bidirectional):
        return True
    return isinstance(layer, keras.layers.RNN | Stack | RecurrentBlock)


def _recurrent_parts(layer):
    if isinstance(layer, Stack):
        return parts.stack(layer)
    if isinstance(layer, RecurrentBlock):
        return (parts.block(layer),)
    inner, both = layer, isinstance(layer, keras.layers.Bidirectional)
    if both:
        inner = layer.forward_layer
    return (parts.recurrent(inner.cell, layer.count_params(), both),)


def _part(layer):
    if isinstance(layer, keras.layers.Embedding):
        return parts.embedding(layer)
    inner = getattr(layer, "layer", layer)  # of TimeDistributed
    units = getattr(inner, "units", None)
    return Part(
        kind="norm" if "Normalization" in type(inner).__name__ else "embedding",
        label=_words(inner),
        detail=f"{units} units" if units else "",
        weights=layer.count_params(),
    )


def _words(layer):
    activation = getattr(layer, "activation", None)
    name = getattr(activation, "__name__", "linear")
    if isinstance(layer, keras.layers.Dense):
        return "dense" if name == "linear" else f"dense, {name}"
    return type(layer).__name__


def _above(layer):
    """The part of a layer above a vector.

    Raises:
        ValueError: it reads sequences.
    """
    if _recurrent(layer):
        raise ValueError(
            f"The layer {layer.name!r} reads a sequence again after the model "
            "has made one vector of it, which `draw` has no drawing for."
        )
    return _part(layer)


def _head(parts):
    """The box of the only output: one layer, or several together."""
    if not parts:
        return None
    label = parts[-1].label.removeprefix("dense, ")
    if len(parts) > 1:
        label = f"{len(parts)} layers, {label}"
    return dataclasses.replace(
        parts[-1],
        kind="head",
        label=label,
        weights=sum(part.weights for part in parts),
    )


def _pooling(layer):
    if isinstance(layer, SequencePooling):
        return parts.pooling(layer)
    for kind, label in _POOLINGS.items():
        if isinstance(layer, kind):
            return Part(kind="pooling", label=label)
    return None
