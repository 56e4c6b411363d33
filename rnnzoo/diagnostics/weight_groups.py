"""Which weights read the input, which recur, and which make the output."""

import keras
from keras import ops

from rnnzoo.diagnostics.observation import recurrent_layers

# What Keras's own cells call the weights of their inputs.
_OF_INPUTS = ("kernel", "bias")


def cell_groups(cell):
    """dict from the id of a trainable weight to `"input"` or `"recurrent"`.

    Input weights are those that `project` uses. A cell that projects nothing,
    as those of Keras, has them under Keras's names.

    Args:
        cell: a built `rnnzoo.Cell`.
    """
    variables = cell.trainable_variables
    with Reads() as reads:
        shape = (1, cell.lookback + 1, cell.input_dim)
        cell.project(ops.zeros(shape, cell.compute_dtype))
    inputs = {id(v) for v in variables} & reads.ids
    if not inputs:
        inputs = {id(v) for v in variables if v.name in _OF_INPUTS}
    return {
        id(v): "input" if id(v) in inputs else "recurrent" for v in variables
    }


class Reads(keras.StatelessScope):
    """Notes the ids of all variables that are read."""

    def __init__(self):
        super().__init__()
        self.ids = set()

    def get_current_value(self, variable):
        self.ids.add(id(variable))
        return super().get_current_value(variable)


def output_layers(model):
    """The layers with weights that make the outputs, nothing recurrent.

    Args:
        model: a Keras model.

    Returns:
        A list: the head of a topology, or the last layers with weights of any
        functional model. Empty where there is none, or where it shares its
        weights with an embedding.
    """
    for owner in (model, getattr(model, "decoder", None)):
        head = getattr(owner, "head", None)
        if isinstance(head, keras.layers.Layer):
            return [head]
    recurrent = {id(layer) for layer in recurrent_layers(model).values()}
    found = []
    pending = list(getattr(model, "outputs", None) or [])
    while pending:
        operation, node, _ = pending.pop()._keras_history
        if not getattr(operation, "trainable_variables", []):
            pending += operation._inbound_nodes[node].input_tensors
        elif operation not in found:
            parts = operation._flatten_layers()
            if not any(id(part) in recurrent for part in parts):
                found.append(operation)
    return found
