"""Any Keras cell behind the contract of ours."""

import functools
import inspect

import keras

from rnnzoo.cells.cell import Cell


class KerasCell(Cell):
    """Lets a cell written for `keras.layers.RNN` run wherever ours do.

    `rnnzoo.cells.get`, and so `Recurrent`, `Stack` and `rnnzoo.build`, wrap
    such a cell by themselves. Equations, weights and states are the wrapped
    cell's, so its docstring tells them.

    Args:
        cell: a Keras layer with `call(inputs, states)` and `state_size`, for
            example `keras.layers.GRUCell(8)`.

    Raises:
        ValueError: no such layer; states that are not vectors; a class that
            Keras could not load again.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent(keras.layers.GRUCell(8))
    y = layer(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, cell, **kwargs):
        check_keras_cell(cell)
        kwargs.pop("units", None)
        output_size = getattr(cell, "output_size", None)
        sizes = keras.tree.flatten(cell.state_size)
        kwargs.setdefault("dtype", cell.dtype_policy)
        super().__init__(output_size or sizes[0], **kwargs)
        self.cell = cell

    @property
    def carry_size(self):
        return keras.tree.flatten(self.cell.state_size)

    def initial_carry(self, batch_size):
        initial = getattr(self.cell, "get_initial_state", None)
        if initial is None:
            return super().initial_carry(batch_size)
        return keras.tree.flatten(initial(batch_size=batch_size))

    def build(self, input_shape):
        super().build(input_shape)
        if not self.cell.built:
            self.cell.build(input_shape)
            self.cell.built = True

    def draw_noise(self, batch_size, training=False):
        # Keras's own cells draw their masks at the first step and keep them;
        # they are told to forget those of the last sequence, and draw before
        # the loop.
        width = self.input_dim
        for cell in getattr(self.cell, "cells", [self.cell]):
            size = keras.tree.flatten(cell.state_size)[0]
            if hasattr(cell, "get_dropout_mask"):
                cell.reset_dropout_mask()
                cell.reset_recurrent_dropout_mask()
                # Some draw whether or not they are training.
                ones = functools.partial(
                    keras.ops.ones, dtype=cell.compute_dtype
                )
                cell.get_dropout_mask(ones((batch_size, width)))
                cell.get_recurrent_dropout_mask(ones((batch_size, size)))
            width = getattr(cell, "output_size", size)
        return () if training else None

    def project(self, inputs, training=False):
        return inputs

    def step(self, projected, states, noise=None):
        accepted = inspect.signature(self.cell.call).parameters
        if "training" in accepted:
            training = {"training": noise is not None}
        else:
            training = {}
        sizes = self.cell.state_size
        if not isinstance(sizes, int):  # one state comes in a list as well
            states = keras.tree.pack_sequence_as(sizes, states)
        output, new = self.cell(projected, list(states), **training)
        return output, keras.tree.flatten(new)

    def get_config(self):
        config = super().get_config()
        for name in ("units", "recurrent_dropout", "seed"):
            del config[name]
        cell = keras.saving.serialize_keras_object(self.cell)
        return {**config, "cell": cell}

    @classmethod
    def from_config(cls, config):
        cell = keras.saving.deserialize_keras_object(config.pop("cell"))
        return cls(cell, **config)


def check_keras_cell(cell):
    """Raises `ValueError` where `cell` is none, or could not be loaded."""
    is_layer = isinstance(cell, keras.layers.Layer)
    if not (is_layer and hasattr(cell, "state_size")):
        raise ValueError(
            "A cell must be a name of `rnnzoo.list_cells()`, an instance of a "
            "subclass of `rnnzoo.Cell`, or a Keras layer with `state_size` "
            f"and `call(inputs, states)`. Received: cell={cell!r}"
        )
    sizes = cell.state_size
    sizes = list(sizes) if isinstance(sizes, list | tuple) else [sizes]
    # A tuple among them is the shape of one state; a list, a cell's own list.
    if not all(
        isinstance(size, int)
        or (isinstance(size, list) and all(isinstance(n, int) for n in size))
        for size in sizes
    ):
        raise ValueError(
            "The states of a cell must be vectors (batch, n); flatten others. "
            f"Received: {type(cell).__name__}.state_size={cell.state_size!r}"
        )
    kind = type(cell)
    registered = keras.saving.get_registered_object(
        keras.saving.get_registered_name(kind)
    )
    if registered is None and not kind.__module__.startswith("keras."):
        raise ValueError(
            f"Keras could not load a model with the cell {kind.__name__}: its "
            "class is not registered. Decorate the class with "
            "@keras.saving.register_keras_serializable(), or derive it from "
            "`rnnzoo.Cell`, which registers itself."
        )
