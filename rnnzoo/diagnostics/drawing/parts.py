"""Layers as the parts of a description."""

import keras

from rnnzoo.cells import CellWrapper
from rnnzoo.cells.keras_cell import KerasCell
from rnnzoo.diagnostics.drawing.description import Part
from rnnzoo.layers import Block, WordEncoder

_HEADS = {
    "softmax": ("softmax", "classes"),
    "sigmoid": ("sigmoid", "labels"),
    "regression": ("linear", "values"),
    "crf": ("scores", "labels"),
    "ctc": ("softmax", "labels and blank"),
}
_ENDINGS = {
    "crf": ("CRF", "labels decided together"),
    "ctc": ("CTC", "repeats merged, blanks dropped"),
}


def cell_name(cell):
    """What a cell is called: "GRU", "Zoneout(LSTM)"."""
    if isinstance(cell, CellWrapper):
        return f"{type(cell).__name__}({cell_name(cell.cell)})"
    if isinstance(cell, KerasCell):
        cell = cell.cell
    return type(cell).__name__.removesuffix("Cell")


def recurrent(cell, weights, bidirectional=False, **options):
    """The part of a recurrent layer.

    Args:
        cell: a cell, of ours or of Keras.
        weights: int. Of the layer.
        bidirectional: bool.
        **options: further fields of `Part`.
    """
    sizes = keras.tree.flatten(cell.state_size)
    name = cell_name(cell)
    units = getattr(cell, "units", sizes[0])
    state = "h"
    if "LSTM" in name and len(sizes) == 2:
        state = "h, c"
    options = {
        "label": name,
        "detail": f"{units} units" + " each" * bidirectional,
        "state": state,
        **options,
    }
    return Part(
        kind="recurrent",
        weights=weights,
        bidirectional=bidirectional,
        **options,
    )


def stack(layer):
    """The parts of a `Stack`, the lowest first."""
    parts = [block(inner) for inner in layer.blocks]
    if layer.norm is not None:
        weights = layer.norm.count_params()
        parts.append(Part(kind="norm", label="layer norm", weights=weights))
    return tuple(parts)


def block(layer):
    """The part of a `Block`, or of what a paper puts around its cell."""
    cell = layer.forward.cell
    weights = layer.count_params()
    if isinstance(layer, Block):
        return recurrent(
            cell,
            weights,
            bool(layer.bidirectional),
            norm=bool(layer.pre_norm),
            skip=bool(layer.residual),
        )
    detail = f"{layer.units} units"
    return recurrent(
        cell, weights, label=f"{cell_name(cell)} block", detail=detail
    )


def embedding(layer, label="embedding"):
    return Part(
        kind="embedding",
        label=label,
        detail=f"{layer.input_dim:,} × {layer.output_dim}",
        weights=layer.count_params(),
    )


def front(layer):
    """What makes features of frames, or of words and their characters."""
    label, detail = "network", "of each step"
    if isinstance(layer, WordEncoder):
        label, detail = "embedding", "of words and characters"
    elif "Frame" in type(layer).__name__:
        label, detail = "CNN", "of each frame"
    return Part(
        kind="embedding",
        label=label,
        detail=detail,
        weights=layer.count_params(),
    )


def head(layer):
    label, what = _HEADS[layer.kind]
    return Part(
        kind="head",
        label=label,
        detail=f"{layer.units:,} {what}",
        weights=layer.count_params(),
    )


def ending(layer):
    """What a head of whole sequences decides at the end, or None."""
    if layer.kind not in _ENDINGS:
        return None
    label, detail = _ENDINGS[layer.kind]
    return Part(kind="ending", label=label, detail=detail)


def pooling(layer):
    """What makes one vector of all steps; None where it is the last one."""
    if layer.mode == "last":
        if not layer.bidirectional:
            return None
        return Part(kind="pooling", label="last of each direction")
    return Part(
        kind="pooling",
        label=f"{layer.mode} over time",
        weights=layer.count_params(),
    )
