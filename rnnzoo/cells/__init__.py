"""The recurrent cells: one published cell per file."""

import inspect

import keras

from rnnzoo.cells.antisymmetric_rnn import AntisymmetricRNN
from rnnzoo.cells.brc import BRC
from rnnzoo.cells.cell import Cell
from rnnzoo.cells.checks import one_of, positive_integer
from rnnzoo.cells.cifg_lstm import CIFGLSTM
from rnnzoo.cells.cornn import CoRNN
from rnnzoo.cells.elman import Elman
from rnnzoo.cells.esn import ESN
from rnnzoo.cells.fast_grnn import FastGRNN
from rnnzoo.cells.fast_rnn import FastRNN
from rnnzoo.cells.gru import GRU
from rnnzoo.cells.hgrn import HGRN
from rnnzoo.cells.indrnn import IndRNN
from rnnzoo.cells.intersection_rnn import IntersectionRNN
from rnnzoo.cells.janet import JANET
from rnnzoo.cells.jordan import Jordan
from rnnzoo.cells.keras_cell import KerasCell
from rnnzoo.cells.layernorm_gru import LayerNormGRU
from rnnzoo.cells.layernorm_lstm import LayerNormLSTM
from rnnzoo.cells.lem import LEM
from rnnzoo.cells.ligru import LiGRU
from rnnzoo.cells.linear_cell import LinearCell
from rnnzoo.cells.lru import LRU
from rnnzoo.cells.lstm import LSTM
from rnnzoo.cells.lstm_1997 import LSTM1997
from rnnzoo.cells.matrix_cell import MatrixCell
from rnnzoo.cells.memoryless_cell import MemorylessCell
from rnnzoo.cells.mgu import MGU
from rnnzoo.cells.min_gru import MinGRU
from rnnzoo.cells.min_lstm import MinLSTM
from rnnzoo.cells.mlstm import MLSTM
from rnnzoo.cells.multiplicative_lstm import MultiplicativeLSTM
from rnnzoo.cells.mut1 import MUT1
from rnnzoo.cells.mut2 import MUT2
from rnnzoo.cells.mut3 import MUT3
from rnnzoo.cells.nas import NAS
from rnnzoo.cells.nbrc import NBRC
from rnnzoo.cells.peephole_lstm import PeepholeLSTM
from rnnzoo.cells.projected_lstm import ProjectedLSTM
from rnnzoo.cells.qrnn import QRNN
from rnnzoo.cells.ran import RAN
from rnnzoo.cells.rg_lru import RGLRU
from rnnzoo.cells.rhn import RHN
from rnnzoo.cells.rwkv4 import RWKV4
from rnnzoo.cells.rwkv6 import RWKV6
from rnnzoo.cells.rwkv7 import RWKV7
from rnnzoo.cells.scrn import SCRN
from rnnzoo.cells.slstm import SLSTM
from rnnzoo.cells.sru import SRU
from rnnzoo.cells.trnn import TRNN
from rnnzoo.cells.ugrnn import UGRNN
from rnnzoo.cells.wrappers.learned_initial_state import LearnedInitialState
from rnnzoo.cells.wrappers.reset import Reset
from rnnzoo.cells.wrappers.residual import Residual
from rnnzoo.cells.wrappers.wrapper import CellWrapper
from rnnzoo.cells.wrappers.zoneout import Zoneout

__all__ = [
    "AntisymmetricRNN",
    "BRC",
    "CELLS",
    "CIFGLSTM",
    "Cell",
    "CellWrapper",
    "CoRNN",
    "ESN",
    "Elman",
    "FastGRNN",
    "FastRNN",
    "GRU",
    "HGRN",
    "IndRNN",
    "IntersectionRNN",
    "JANET",
    "Jordan",
    "KerasCell",
    "LEM",
    "LRU",
    "LSTM",
    "LSTM1997",
    "LayerNormGRU",
    "LayerNormLSTM",
    "LearnedInitialState",
    "LiGRU",
    "LinearCell",
    "MGU",
    "MLSTM",
    "MUT1",
    "MUT2",
    "MUT3",
    "MatrixCell",
    "MemorylessCell",
    "MinGRU",
    "MinLSTM",
    "MultiplicativeLSTM",
    "NAS",
    "NBRC",
    "PeepholeLSTM",
    "ProjectedLSTM",
    "QRNN",
    "RAN",
    "RGLRU",
    "RHN",
    "RWKV4",
    "RWKV6",
    "RWKV7",
    "Reset",
    "Residual",
    "SCRN",
    "SLSTM",
    "SRU",
    "TRNN",
    "UGRNN",
    "Zoneout",
    "clone",
    "get",
]

# The name is the name of the cell's file.
CELLS = {
    "antisymmetric_rnn": AntisymmetricRNN,
    "brc": BRC,
    "cifg_lstm": CIFGLSTM,
    "cornn": CoRNN,
    "elman": Elman,
    "esn": ESN,
    "fast_grnn": FastGRNN,
    "fast_rnn": FastRNN,
    "gru": GRU,
    "hgrn": HGRN,
    "indrnn": IndRNN,
    "intersection_rnn": IntersectionRNN,
    "janet": JANET,
    "jordan": Jordan,
    "layernorm_gru": LayerNormGRU,
    "layernorm_lstm": LayerNormLSTM,
    "lem": LEM,
    "ligru": LiGRU,
    "lru": LRU,
    "lstm": LSTM,
    "lstm_1997": LSTM1997,
    "mgu": MGU,
    "min_gru": MinGRU,
    "min_lstm": MinLSTM,
    "mlstm": MLSTM,
    "multiplicative_lstm": MultiplicativeLSTM,
    "mut1": MUT1,
    "mut2": MUT2,
    "mut3": MUT3,
    "nas": NAS,
    "nbrc": NBRC,
    "peephole_lstm": PeepholeLSTM,
    "projected_lstm": ProjectedLSTM,
    "qrnn": QRNN,
    "ran": RAN,
    "rg_lru": RGLRU,
    "rhn": RHN,
    "rwkv4": RWKV4,
    "rwkv6": RWKV6,
    "rwkv7": RWKV7,
    "scrn": SCRN,
    "slstm": SLSTM,
    "sru": SRU,
    "trnn": TRNN,
    "ugrnn": UGRNN,
}

ALIASES = {
    "+rnn": "intersection_rnn",
    "antisymmetricrnn": "antisymmetric_rnn",
    "cifg": "cifg_lstm",
    "echo_state_network": "esn",
    "fastgrnn": "fast_grnn",
    "fastrnn": "fast_rnn",
    "hgru": "hgrn",
    "intersectionrnn": "intersection_rnn",
    "layer_norm_gru": "layernorm_gru",
    "layer_norm_lstm": "layernorm_lstm",
    "li_gru": "ligru",
    "lstmp": "projected_lstm",
    "mingru": "min_gru",
    "minimal_gated_unit": "mgu",
    "minlstm": "min_lstm",
    "nas_cell": "nas",
    "peephole": "peephole_lstm",
    "rglru": "rg_lru",
    "rwkv": "rwkv4",
    "simple_rnn": "elman",
    "t_rnn": "trnn",
}

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
