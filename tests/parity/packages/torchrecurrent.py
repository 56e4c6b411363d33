"""Fixtures from torchrecurrent: the classic cells.

Options are off their defaults, so that each has an effect. Biases that the
paper does not have are zero. In fixtures whose name ends with `_without_...`,
weights are set to what makes the package's error vanish, so that the rest can
be compared.
"""

import importlib

import torch
import torchrecurrent as package

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save, states

NO_BIAS = {"bias": False, "recurrent_bias": False}
ANTISYMMETRIC = {"epsilon": 0.3, "gamma": 0.2}

# The package does not export its highway cell, whose module imports a class
# that is gone and whose constructor calls a method that never was: neither
# does any of the cell's computing.
package.base.BaseRecurrentLayer = torch.nn.Module
rhn_cell = importlib.import_module("torchrecurrent.cells.rhn_cell")
rhn_cell.RHNCellUnit.init_weights = lambda self: None
SCRN = {"alpha": 0.9, "context_bias": False, **NO_BIAS}

# Fixture: class and arguments beyond the sizes.
CELLS = {
    "antisymmetric_rnn": (package.AntisymmetricRNNCell, ANTISYMMETRIC),
    "antisymmetric_rnn_gated": (
        package.GatedAntisymmetricRNNCell,
        ANTISYMMETRIC,
    ),
    "brc": (package.BRCell, {}),
    "cifg_lstm_peepholes": (package.PeepholeLSTMCell, {}),
    "cornn": (package.coRNNCell, {"dt": 0.3, "gamma": 0.8, "epsilon": 0.6}),
    "fast_grnn": (package.FastGRNNCell, {}),
    "fast_grnn_without_tanh": (
        package.FastGRNNCell,
        {"nonlinearity": "sigmoid"},
    ),
    "fast_rnn": (package.FastRNNCell, {}),
    "fast_rnn_new": (package.FastRNNCell, {}),
    "indrnn": (package.IndRNNCell, {"nonlinearity": "relu"}),
    "intersection_rnn": (package.IntersectionRNNCell, {}),
    "janet": (package.JANETCell, {}),
    "lem": (package.LEMCell, {"dt": 0.8}),
    "lem_without_z": (package.LEMCell, {"dt": 0.8}),
    "ligru": (package.LiGRUCell, {}),
    "lstm_1997": (package.OriginalLSTMCell, {}),
    "mgu": (package.MGUCell, {}),
    "multiplicative_lstm": (
        package.MultiplicativeLSTMCell,
        {"recurrent_bias": False},
    ),
    "mut1": (package.MUT1Cell, {}),
    "mut1_without_w": (package.MUT1Cell, {}),
    "mut2": (package.MUT2Cell, {}),
    "mut2_without_w": (package.MUT2Cell, {}),
    "mut3": (package.MUT3Cell, {}),
    "nas": (package.NASCell, {"bias": False}),
    "nas_without_product": (package.NASCell, {"bias": False}),
    "nbrc": (package.NBRCell, {}),
    "peephole_lstm": (package.PeepholeLSTMCell, {}),
    "ran": (package.RANCell, {}),
    "rhn": (rhn_cell.RHNCell, {"depth": 3, "couple_carry": True}),
    "rhn_uncoupled": (rhn_cell.RHNCell, {"depth": 2, "couple_carry": False}),
    "scrn": (package.SCRNCell, SCRN),
    "scrn_without_r": (package.SCRNCell, SCRN),
    "trnn": (package.TRNNCell, {}),
    "ugrnn": (package.UGRNNCell, {}),
}

# Cells that add the input to a state.
AS_MANY_FEATURES_AS_UNITS = ("intersection_rnn", "mut1", "mut2")

# Cells that carry two states and return them as a pair.
PAIRS = (
    *("cifg_lstm_peepholes", "cornn", "janet", "lem", "lstm_1997"),
    *("multiplicative_lstm", "nas", "peephole_lstm", "ran", "scrn"),
)


def main():
    for name in CELLS:
        run(name)


def run(name):
    kind, options = CELLS[name]
    stem = name.split("_without_")[0]
    features = UNITS if stem in AS_MANY_FEATURES_AS_UNITS else FEATURES
    cell = kind(features, UNITS, **options)
    keep = constants(cell, name)
    randomise(cell)
    with torch.no_grad():
        for constant, value in keep.items():
            getattr(cell, constant).copy_(value)
        if name in ADJUSTMENTS:
            ADJUSTMENTS[name](cell)
    x = normal(BATCH, STEPS, features, seed=1)
    initial = states(2 if stem in PAIRS else 1, UNITS)
    if stem == "janet":
        # Its two states are one, but for those that it is given.
        initial = [initial[0], initial[0]]
    state, outputs = initial, []
    for t in range(STEPS):
        if stem in PAIRS:
            state = cell(x[:, t], tuple(state))
            outputs.append(state[0])
        elif stem == "intersection_rnn":
            output, new = cell(x[:, t], state[0])
            state = [new]
            outputs.append(output)
        else:
            state = [cell(x[:, t], state[0])]
            outputs.append(state[0])
    save(name, x, torch.stack(outputs, 1), cell, initial, state)


def constants(cell, name):
    """Parameters that keep the value they start from."""
    names = KEPT.get(name, ())
    return {name: getattr(cell, name).detach().clone() for name in names}


def block(weight, n):
    """The n-th block of `UNITS` rows; writing to it changes the weight."""
    return weight[n * UNITS : (n + 1) * UNITS]


def tie_gates(cell):
    """f = 1 - i: the weights of f are those of i with the other sign."""
    for weight in cell.parameters():
        block(weight, 1).copy_(-block(weight, 0))


def mut_without_w(n):
    def vanish(cell):
        block(cell.weight_ih, n).copy_(torch.eye(UNITS))
        block(cell.bias_ih, n).zero_()

    return vanish


def nas_without_product(cell):
    for weight in cell.parameters():
        block(weight, 3).zero_()


# Fixture: parameters of the package that are constants in the paper, or whose
# start is what is compared.
KEPT = {
    "fast_rnn_new": ("alpha", "beta"),
    "janet": ("beta",),
    "scrn": ("alpha",),
    "scrn_without_r": ("alpha",),
}

# Fixture: what to do with the random weights.
ADJUSTMENTS = {
    "brc": lambda cell: block(cell.bias_ih, 2).zero_(),
    "cifg_lstm_peepholes": tie_gates,
    "lem_without_z": lambda cell: cell.weight_ch.zero_(),
    "multiplicative_lstm": lambda cell: block(cell.bias_ih, 0).zero_(),
    "mut1_without_w": mut_without_w(2),
    "mut2_without_w": mut_without_w(1),
    "nas_without_product": nas_without_product,
    "nbrc": lambda cell: block(cell.bias_ih, 2).zero_(),
    "scrn_without_r": lambda cell: block(cell.weight_hh, 0).zero_(),
    "trnn": lambda cell: block(cell.bias_ih, 0).zero_(),
}


if __name__ == "__main__":
    main()
