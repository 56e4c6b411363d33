"""Where our layers keep their weights, and how they are given others.

Both libraries are read into the same form: for each layer, the lowest first,
a list of its directions, forward then backward; for each direction a dict of
arrays under the names and in the layout of our cells.
"""

from keras import ops

from rnnzoo.cells import GRU, LSTM, Elman, ProjectedLSTM
from rnnzoo.layers import Block, Recurrent, Stack

# The cells that can be converted, and their options that change the equations.
OPTIONS = {
    Elman: ("activation",),
    GRU: ("reset_after",),
    LSTM: (),
    ProjectedLSTM: ("projection_units", "peepholes"),
}


def directions_of(layer):
    """The `Recurrent` layers in `layer`: a list of directions for each level.

    Raises:
        ValueError: a layer that no other library has.
    """
    if isinstance(layer, Recurrent):
        levels = [[layer]]
    elif isinstance(layer, Block):
        levels = [layer.directions()]
    elif isinstance(layer, Stack) and layer.block is None:
        levels = [block.directions() for block in layer.blocks]
    else:
        raise ValueError(
            "Only a `Recurrent`, a `Block`, or a `Stack` without `block` can "
            f"be converted. Received: {layer!r}. Of a model, convert the stack "
            "in it, such as `model.encoder.stack` or `model.decoder.stack`."
        )
    for block in getattr(layer, "blocks", [layer]):
        for option in ("residual", "pre_norm"):
            if getattr(block, option, False):
                raise ValueError(
                    f"{option}=True has no counterpart in torch.nn or among "
                    "the recurrent layers of keras.layers. Convert a stack "
                    "without it."
                )
    cell = levels[0][0].cell
    if type(cell) not in OPTIONS:
        known = ", ".join(sorted(kind.__name__ for kind in OPTIONS))
        raise ValueError(
            f"Only these cells can be converted: {known}. "
            f"Received: a {type(cell).__name__}."
        )
    return levels


def form(cell):
    """What a cell computes, in words: its class, size and options."""
    options = {
        name: getattr(cell, name) for name in ("units", *OPTIONS[type(cell)])
    }
    words = (
        f"{name}={getattr(value, '__name__', value)}"
        for name, value in options.items()
    )
    return f"{type(cell).__name__}({', '.join(words)})"


def read(layer):
    """`(cell, levels)`: the first cell and all weights, in the common form."""
    levels = directions_of(layer)
    if not layer.built:
        raise ValueError(
            "The layer has no weights yet. Call it once, or "
            "`layer.build((None, None, features))`."
        )
    weights = [
        [
            {
                weight.name: ops.convert_to_numpy(weight)
                for weight in direction.cell.weights
            }
            for direction in level
        ]
        for level in levels
    ]
    return levels[0][0].cell, weights


def filled(layer, cell, levels):
    """`layer` with the weights `levels`, built if it was not.

    Args:
        layer: as for `directions_of`, or None for a new `Stack`.
        cell: an unbuilt cell, of the form that the weights are for.
        levels: the weights in the common form.

    Raises:
        ValueError: the weights are of another form or of other sizes.
    """
    if layer is None:
        layer = Stack(
            cell, num_layers=len(levels), bidirectional=len(levels[0]) == 2
        )
    targets = directions_of(layer)
    own = form(targets[0][0].cell), len(targets), len(targets[0])
    given = form(cell), len(levels), len(levels[0])
    if own != given:
        raise ValueError(
            f"The weights are of {described(*given)}. Received: a layer with "
            f"{described(*own)}. Leave `layer` out for a new one that fits."
        )
    if not layer.built:
        layer.build((None, None, len(levels[0][0]["kernel"])))
    pairs = []
    for n, level in enumerate(levels):
        for target, arrays in zip(targets[n], level, strict=True):
            for weight in target.cell.weights:
                pairs.append((weight, arrays[weight.name]))
                check_shape(n, weight, arrays[weight.name])
    for weight, array in pairs:
        weight.assign(array)
    return layer


def described(form, num_layers, num_directions):
    return (
        f"{form} in {num_layers} layer{'s' * (num_layers > 1)}, "
        f"{'bidirectional' if num_directions == 2 else 'one direction'}"
    )


def check_shape(level, weight, array):
    """Raises `ValueError` unless `array` is as large as `weight`."""
    if array.shape != tuple(weight.shape):
        raise ValueError(
            f"`{weight.name}` of layer {level} has the shape "
            f"{tuple(weight.shape)} (inputs first). Received: weights of the "
            f"shape {array.shape}. Build the layer for inputs and units of "
            "the same size, or leave `layer` out."
        )
