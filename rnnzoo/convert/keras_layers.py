"""Weights from and to the recurrent layers of `keras.layers`."""

import keras
from keras import ops

from rnnzoo.cells import GRU, LSTM, Elman
from rnnzoo.convert.filling import filled, form, read
from rnnzoo.layers import Recurrent, Stack

NAMES = ("kernel", "recurrent_kernel", "bias")
THEIRS = {
    Elman: keras.layers.SimpleRNN,
    GRU: keras.layers.GRU,
    LSTM: keras.layers.LSTM,
}
CELLS = {
    keras.layers.SimpleRNNCell: Elman,
    keras.layers.GRUCell: GRU,
    keras.layers.LSTMCell: LSTM,
}
# What Keras calls the functions that are no option of ours.
ACTIVATIONS = {"activation": "tanh", "recurrent_activation": "sigmoid"}
FLAGS = (
    "return_sequences",
    "return_state",
    "go_backwards",
    "stateful",
    "unroll",
    "zero_output_for_mask",
)


def from_keras(layers, layer=None):
    """Weights of a `keras.layers.LSTM`, `GRU` or `SimpleRNN`, or of several.

    Weights only: dropout and flags such as `return_sequences` are not taken
    over. Where a layer has no biases, ours are zero.

    Args:
        layers: a built layer of Keras, `keras.layers.Bidirectional` around
            one that joins its outputs, or a list of these, the lowest first.
        layer: `rnnzoo.layers.Recurrent`, `Block` or `Stack`, built or not; a
            new `Stack` if None.

    Returns:
        The layer. Where it was built, its own weights were overwritten.

    Raises:
        ValueError: other layers, layers that one `Stack` cannot hold, or a
            `layer` that computes something else.

    Example:

    ```python
    lstm = keras.layers.LSTM(8, return_sequences=True)
    y = lstm(np.ones((2, 5, 3)))
    stack = rnnzoo.convert.from_keras(lstm)
    assert np.allclose(stack(np.ones((2, 5, 3))), y, atol=1e-6)
    ```
    """
    several = layers if isinstance(layers, list | tuple) else [layers]
    if not several:
        raise ValueError("Received: no layers. Pass at least one.")
    levels = [directions(theirs) for theirs in several]
    cells = [[unbuilt(d.cell) for d in level] for level in levels]
    forms = {form(cell) for level in cells for cell in level}
    if len(forms) > 1 or len({len(level) for level in levels}) > 1:
        raise ValueError(
            "All layers of a stack have the same cell, units and directions. "
            f"Received: {[', '.join(map(form, level)) for level in cells]}. "
            "Convert them one by one."
        )
    backwards = [getattr(one, "go_backwards", False) for one in several]
    if set(backwards) != {getattr(layer, "go_backwards", False)}:
        raise ValueError(
            "A layer that reads backwards fills one that does: pass "
            "layer=rnnzoo.layers.Recurrent(..., go_backwards=True). Received: "
            f"go_backwards={backwards} and layer={layer!r}."
        )
    weights = [[own_weights(d.cell) for d in level] for level in levels]
    return filled(layer, cells[0][0], weights)


def to_keras(layer):
    """New layers of `keras.layers` with the weights of one of ours.

    Args:
        layer: `rnnzoo.layers.Recurrent`, `Block` or `Stack`, built, with the
            cell `lstm`, `gru` or `elman`.

    Returns:
        For a `Stack` a list of layers, the lowest first; else one. Blocks
        return sequences, a bidirectional one is a
        `keras.layers.Bidirectional`. Dropout is not taken over.

    Raises:
        ValueError: a layer that has no counterpart there, or no weights yet.

    Example:

    ```python
    stack = rnnzoo.layers.Stack("gru", units=8, num_layers=2)
    stack.build((None, None, 3))
    network = keras.Sequential(rnnzoo.convert.to_keras(stack))
    y = network(np.ones((2, 5, 3)))   # (2, 5, 8)
    ```
    """
    cell, levels = read(layer)
    if type(cell) not in THEIRS:
        raise ValueError(
            f"keras.layers has no {type(cell).__name__}. Convert a layer with "
            "the cell lstm, gru or elman."
        )
    if isinstance(layer, Stack):
        return [
            like_block(block, weights, return_state=False)
            for block, weights in zip(layer.blocks, levels, strict=True)
        ]
    if isinstance(layer, Recurrent):
        flags = {name: getattr(layer, name) for name in FLAGS}
        return built(like(cell, **flags), levels[0])
    return like_block(layer, levels[0], layer.return_state)


# === From Keras ===


def directions(layer):
    """The recurrent layers in one layer of Keras, forward then backward.

    Raises:
        ValueError: it is none, joins directions otherwise, or is not built.
    """
    found = [layer]
    if isinstance(layer, keras.layers.Bidirectional):
        found = [layer.forward_layer, layer.backward_layer]
        if layer.merge_mode != "concat":
            raise ValueError(
                "Both directions must be joined end to end: "
                f"merge_mode='concat'. Received: {layer.merge_mode!r}."
            )
    for one in found:
        if type(getattr(one, "cell", None)) not in CELLS:
            raise ValueError(
                "Only keras.layers.LSTM, GRU, SimpleRNN, and Bidirectional "
                f"around one of them, can be read. Received: {one!r}"
            )
        if not one.built:
            raise ValueError(
                f"The layer {one.name} has no weights yet. Call it once, or "
                "`layer.build((None, None, features))`."
            )
    return found


def unbuilt(theirs):
    """A cell of ours that computes what a cell of Keras does.

    Raises:
        ValueError: none does.
    """
    kind = CELLS[type(theirs)]
    options = {"dtype": theirs.dtype_policy}
    if kind is Elman:
        return Elman(theirs.units, activation=theirs.activation, **options)
    for name, expected in ACTIVATIONS.items():
        received = getattr(theirs, name)
        if received is not keras.activations.get(expected):
            raise ValueError(
                f"{kind.__name__} has {name}={expected!r}, as its paper. "
                f"Received: {getattr(received, '__name__', received)!r}."
            )
    if kind is GRU:
        options["reset_after"] = theirs.reset_after
    return kind(theirs.units, **options)


def own_weights(theirs):
    """Weights of a cell of Keras: its layout is ours."""
    weights = {
        "kernel": theirs.kernel,
        "recurrent_kernel": theirs.recurrent_kernel,
    }
    if theirs.use_bias:
        weights["bias"] = theirs.bias
    else:
        twice = isinstance(theirs, keras.layers.GRUCell) and theirs.reset_after
        rows = (2,) if twice else ()
        weights["bias"] = ops.zeros((*rows, theirs.kernel.shape[-1]))
    return {name: ops.convert_to_numpy(w) for name, w in weights.items()}


# === To Keras ===


def like(cell, **flags):
    """An unbuilt layer of Keras for a cell of ours."""
    options = {"dtype": cell.dtype_policy}
    if isinstance(cell, Elman):
        options["activation"] = cell.activation
    if isinstance(cell, GRU):
        options["reset_after"] = cell.reset_after
    return THEIRS[type(cell)](cell.units, **options, **flags)


def like_block(block, weights, return_state):
    """The layer of Keras that does what a `Block` does."""
    flags = {
        "return_sequences": True,
        "return_state": return_state,
        "stateful": block.stateful,
        "zero_output_for_mask": True,
    }
    cell = block.forward.cell
    forward = like(cell, **flags)
    if not block.bidirectional:
        return built(forward, weights)
    backward = like(cell, go_backwards=True, **flags)
    return built(
        keras.layers.Bidirectional(forward, backward_layer=backward), weights
    )


def built(theirs, weights):
    """A layer of Keras, built, with `weights`, one dict for each direction."""
    theirs.build((None, None, len(weights[0]["kernel"])))
    for one, arrays in zip(directions(theirs), weights, strict=True):
        for name in NAMES:
            getattr(one.cell, name).assign(arrays[name])
    return theirs
