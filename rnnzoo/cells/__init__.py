"""The recurrent cells: one published cell per file."""

import inspect

import keras

from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import one_of, positive_integer
from rnnzoo.cells.elman import Elman
from rnnzoo.cells.gru import GRU
from rnnzoo.cells.jordan import Jordan
from rnnzoo.cells.keras_cell import KerasCell
from rnnzoo.cells.linear_cell import LinearCell, MatrixCell
from rnnzoo.cells.lstm import LSTM
from rnnzoo.cells.min_gru import MinGRU
from rnnzoo.cells.mlstm import MLSTM
from rnnzoo.cells.rwkv4 import RWKV4

__all__ = [
    "CELLS",
    "Cell",
    "Elman",
    "GRU",
    "Jordan",
    "KerasCell",
    "LSTM",
    "LinearCell",
    "MLSTM",
    "MatrixCell",
    "MinGRU",
    "RWKV4",
    "clone",
    "get",
]

# The name is the name of the cell's file.
CELLS = {
    "elman": Elman,
    "gru": GRU,
    "jordan": Jordan,
    "lstm": LSTM,
    "min_gru": MinGRU,
    "mlstm": MLSTM,
    "rwkv4": RWKV4,
}

ALIASES = {"mingru": "min_gru", "simple_rnn": "elman", "rwkv": "rwkv4"}

DEFAULT_UNITS = 128


def get(cell, units=None, recurrent_dropout=0.0, dtype=None):
    """The cell that a name or an instance stands for.

    Args:
        cell: str, a name of `rnnzoo.list_cells()`; or an instance of a
            subclass of `rnnzoo.Cell`; or a Keras cell such as
            `keras.layers.GRUCell(8)`.
        units: int or None. Size of a cell that is given by name, 128 if None.
        recurrent_dropout: float. As above, for a cell given by name.
        dtype: dtype policy of a cell that is given by name.

    Returns:
        An instance of `rnnzoo.Cell`; a new one if a name was given.

    Raises:
        ValueError: an unknown name; `units` that contradict the instance; an
            option that has to be set on the instance.

    Example:

    ```python
    cell = rnnzoo.cells.get("gru", units=8)
    ```
    """
    if isinstance(cell, str):
        name = cell.lower().replace("-", "_")
        name = one_of("cell", ALIASES.get(name, name), tuple(CELLS))
        units = DEFAULT_UNITS if units is None else units
        return CELLS[name](
            positive_integer("units", units),
            recurrent_dropout=recurrent_dropout,
            dtype=dtype,
        )
    if inspect.isclass(cell):
        raise ValueError(
            f"`cell` must be an instance. Received: the class {cell.__name__}. "
            f"Write {cell.__name__}(units) instead."
        )
    if not isinstance(cell, Cell):
        cell = KerasCell(cell)
    if units not in (None, cell.units):
        raise ValueError(
            f"`units` contradicts the cell. Received: units={units} and a "
            f"{type(cell).__name__} of {cell.units} units. Leave `units` out."
        )
    if recurrent_dropout not in (0.0, cell.recurrent_dropout):
        raise ValueError(
            f"Received: recurrent_dropout={recurrent_dropout} beside an "
            "instance of a cell. Set it on the instance."
        )
    return cell


def clone(cell):
    """A new, unbuilt cell of the same class and options, with a new name."""
    config = unbuilt(cell.get_config())
    config.pop("name", None)
    try:
        return type(cell).from_config(config)
    except TypeError as error:
        raise ValueError(
            f"{type(cell).__name__} cannot be made again from its "
            f"`get_config()`: {error}. Add each argument of `__init__` to it."
        ) from error


def serialize(cell):
    return unbuilt(keras.saving.serialize_keras_object(cell))


def deserialize(config):
    return keras.saving.deserialize_keras_object(config)


def unbuilt(config):
    """`config` without what ties a cell inside of it to its original.

    With its `build_config` a copy would come built for the inputs of its
    template; with its `shared_object_id` Keras would, while it loads a model,
    take each copy for the one object.
    """
    if isinstance(config, dict):
        return {
            key: unbuilt(value)
            for key, value in config.items()
            if key not in ("build_config", "shared_object_id")
        }
    return [unbuilt(c) for c in config] if isinstance(config, list) else config
