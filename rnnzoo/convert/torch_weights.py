"""Weights from and to `torch.nn`, which is not imported for it."""

import keras
import numpy as np

from rnnzoo.cells import GRU, LSTM, Elman, ProjectedLSTM
from rnnzoo.convert.filling import directions_of, filled, form, read

PARTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
# What `torch.nn.RNN` may be built with.
NONLINEARITIES = ("tanh", "relu")
# Blocks r z n to blocks z r h, and back.
SWAP = (1, 0, 2)


def from_torch(source, layer=None):
    """Weights of a `torch.nn.LSTM`, `GRU` or `RNN`, stacked or bidirectional.

    Kind and sizes are read from the weights. Weights only: the dropout of the
    module is not taken over. Where the module has no biases, ours are zero;
    an LSTM with `proj_size` becomes the cell `projected_lstm`.

    Args:
        source: the module, or its `state_dict()`: names to tensors or arrays.
            A `state_dict` does not tell the nonlinearity of an `RNN`; it is
            that of `layer`, or tanh.
        layer: `rnnzoo.layers.Recurrent`, `Block` or `Stack`, built or not; a
            new `Stack` if None.

    Returns:
        The layer. Where it was built, its own weights were overwritten.

    Raises:
        ValueError: names or shapes that are not of one such module; a layer
            that computes something else.

    Example:

    ```python
    # torch.nn.GRU(3, 8).state_dict()
    state_dict = {
        "weight_ih_l0": np.ones((24, 3)),
        "weight_hh_l0": np.ones((24, 8)),
        "bias_ih_l0": np.zeros(24),
        "bias_hh_l0": np.zeros(24),
    }
    stack = rnnzoo.convert.from_torch(state_dict)
    y = stack(np.ones((2, 5, 3)))   # (2, 5, 8)
    model = rnnzoo.build("many_to_one", input_dim=3, encoder=stack)
    ```
    """
    activation = getattr(source, "nonlinearity", None)
    if hasattr(source, "state_dict"):
        source = source.state_dict()
    arrays = {name: as_array(values) for name, values in source.items()}
    levels = grouped(arrays)
    cell = cell_of(levels[0][0], activation or own_activation(layer))
    levels = [[ours(cell, part) for part in level] for level in levels]
    return filled(layer, cell, levels)


def to_torch(layer):
    """The weights of a layer under the names of `torch.nn`'s modules.

    `module.load_state_dict({k: torch.from_numpy(v) for k, v in ...})` loads
    them into a `torch.nn.LSTM`, `GRU` or `RNN` of the same sizes. Where that
    adds two biases and our cell has one, the second is zero.

    Args:
        layer: `rnnzoo.layers.Recurrent`, `Block` or `Stack`, built, with the
            cell `lstm`, `gru`, `elman` or `projected_lstm`.

    Returns:
        Dict of arrays, in the order of PyTorch: `weight_ih_l0`,
        `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, and so on.

    Raises:
        ValueError: a layer that has no counterpart there, or no weights yet.

    Example:

    ```python
    stack = rnnzoo.layers.Stack("lstm", units=8, num_layers=2)
    stack.build((None, None, 3))
    state_dict = rnnzoo.convert.to_torch(stack)
    state_dict["weight_ih_l1"]   # (32, 8)
    ```
    """
    cell, levels = read(layer)
    check_counterpart(layer, cell)
    return {
        f"{name}_l{n}{'_reverse' * backward}": values
        for n, level in enumerate(levels)
        for backward, weights in enumerate(level)
        for name, values in theirs(cell, weights).items()
    }


# === Reading names ===


def as_array(values):
    """An array of a tensor of PyTorch, or of what else NumPy reads."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return np.asarray(values)


def grouped(arrays):
    """For each layer a list of directions: dicts of part to array.

    Raises:
        ValueError: names or shapes that are not those of one module.
    """
    parts = [part for part in PARTS if f"{part}_l0" in arrays]
    num_layers = sum(f"weight_ih_l{n}" in arrays for n in range(len(arrays)))
    ends = ["", "_reverse"] if "weight_ih_l0_reverse" in arrays else [""]
    names = [
        [{part: f"{part}_l{n}{end}" for part in parts} for end in ends]
        for n in range(num_layers)
    ]
    expected = {"weight_ih_l0", "weight_hh_l0"}
    if "bias_ih" in parts or "bias_hh" in parts:
        expected |= {"bias_ih_l0", "bias_hh_l0"}
    for level in names:
        expected.update(name for d in level for name in d.values())
    missing, further = expected - set(arrays), set(arrays) - expected
    if missing or further:
        raise ValueError(
            "The names must be those of the state_dict of one torch.nn.LSTM, "
            "GRU or RNN: weight_ih_l0, weight_hh_l0, and so on. Missing: "
            f"{sorted(missing) or 'none'}. Not expected: "
            f"{sorted(further) or 'none'}. Take one module's names out of a "
            "larger state_dict, without what stands before them."
        )
    levels = [
        [{part: arrays[d[part]] for part in parts} for d in level]
        for level in names
    ]
    check_shapes(levels)
    return levels


def check_shapes(levels):
    """Raises `ValueError` for arrays that are not of one module."""
    first = levels[0][0]
    rows, features = two_sizes("weight_ih_l0", first["weight_ih"])
    _, width = two_sizes("weight_hh_l0", first["weight_hh"])
    units = width
    if "weight_hr" in first:
        _, units = two_sizes("weight_hr_l0", first["weight_hr"])
    if rows not in (units, 3 * units, 4 * units):
        raise ValueError(
            "weight_ih must have 4 rows for each unit (LSTM), 3 (GRU) or 1 "
            f"(RNN). Received: {rows} rows for {units} units."
        )
    for n, level in enumerate(levels):
        shapes = {
            "weight_ih": (rows, features),
            "weight_hh": (rows, width),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
            "weight_hr": (width, units),
        }
        features = width * len(level)
        for direction in level:
            for part, array in direction.items():
                if array.shape != shapes[part]:
                    raise ValueError(
                        f"{part}_l{n} must have the shape {shapes[part]} to "
                        f"fit the other weights. Received: {array.shape}."
                    )


def two_sizes(name, array):
    if array.ndim != 2:
        raise ValueError(
            f"{name} must be a matrix. Received: the shape {array.shape}."
        )
    return array.shape


# === Cells ===


def cell_of(direction, activation):
    """An unbuilt cell, told by shapes."""
    rows = len(direction["weight_ih"])
    if "weight_hr" in direction:
        projection_units, units = direction["weight_hr"].shape
        return ProjectedLSTM(units, projection_units, peepholes=False)
    units = direction["weight_hh"].shape[1]
    if rows == units:
        return Elman(units, activation=activation)
    return {3: GRU, 4: LSTM}[rows // units](units)


def own_activation(layer):
    """The nonlinearity that a `state_dict` does not tell."""
    if layer is None:
        return "tanh"
    cell = directions_of(layer)[0][0].cell
    check_counterpart(layer, cell)
    return getattr(cell, "activation", "tanh")


def check_counterpart(layer, cell):
    """Raises `ValueError` where PyTorch has no such cell or layer."""
    known = [keras.activations.get(name) for name in NONLINEARITIES]
    reason = None
    if getattr(cell, "activation", known[0]) not in known:
        reason = "torch.nn.RNN knows tanh and relu alone"
    elif not getattr(cell, "reset_after", True):
        reason = "torch.nn.GRU resets after the product: reset_after=True"
    elif getattr(cell, "peepholes", False):
        reason = "torch.nn.LSTM has no peepholes: peepholes=False"
    elif getattr(layer, "go_backwards", False):
        reason = "torch.nn reads backwards in a bidirectional module alone"
    if reason is not None:
        raise ValueError(f"{reason}. Received: {form(cell)} in {layer!r}.")


# === Layouts ===


def ours(cell, direction):
    """Weights of one direction, in our layout."""
    rows = len(direction["weight_ih"])
    biases = [
        direction.get(name, np.zeros(rows)) for name in ("bias_ih", "bias_hh")
    ]
    weights = {
        "kernel": swapped(cell, direction["weight_ih"]).T,
        "recurrent_kernel": swapped(cell, direction["weight_hh"]).T,
        "bias": sum(biases),
    }
    if isinstance(cell, GRU):
        weights["bias"] = np.stack([swapped(cell, b) for b in biases])
    if "weight_hr" in direction:
        weights["projection_kernel"] = direction["weight_hr"].T
    return weights


def theirs(cell, weights):
    """Weights of one direction, in PyTorch's layout."""
    biases = weights["bias"], np.zeros_like(weights["bias"])
    if isinstance(cell, GRU):
        biases = [swapped(cell, b) for b in weights["bias"]]
    direction = {
        "weight_ih": swapped(cell, weights["kernel"].T),
        "weight_hh": swapped(cell, weights["recurrent_kernel"].T),
        "bias_ih": biases[0],
        "bias_hh": biases[1],
    }
    if "projection_kernel" in weights:
        direction["weight_hr"] = weights["projection_kernel"].T
    return {
        name: np.ascontiguousarray(values) for name, values in direction.items()
    }


def swapped(cell, array):
    """Rows with the first two blocks of a GRU in the other order."""
    if not isinstance(cell, GRU):
        return array
    parts = np.split(array, len(SWAP))
    return np.concatenate([parts[n] for n in SWAP])
