"""The rows of the conformance table: what is built, what it is fed."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest

import rnnzoo
from tests.architectures.own_cell import OwnCell

UNITS = 8

# One of each kind: a loop, a scan over vectors, one over matrices, the delta
# rule with a look-back.
KINDS = ("gru", "min_gru", "mlstm", "rwkv7")

FOREIGN = {
    "own": lambda: OwnCell(UNITS),
    "keras": lambda: keras.layers.GRUCell(UNITS, recurrent_dropout=0.1),
}

CELLS = (*rnnzoo.list_cells(), *FOREIGN)
OTHERS = tuple(cell for cell in CELLS if cell not in KINDS)

# Of tests of all cells, the fast tier runs these. The delta rule takes longest
# to trace; tests/cells and a row of the conformance table have it there.
FAST = KINDS[:3]

EVERY_CELL = [
    cell if cell in FAST else pytest.param(cell, marks=pytest.mark.slow)
    for cell in CELLS
]


# The names, where another kind of cell has nothing to show.
EVERY_NAME = [
    name if name in FAST else pytest.param(name, marks=pytest.mark.slow)
    for name in rnnzoo.list_cells()
]


def cells_with(*options, fully="gru"):
    """All cells with `options`, as parameters `(cell, option, ...)`.

    One of each kind has all of their combinations, every other cell has one,
    in turn. The fast tier runs the cell `fully` with all, and the others of
    `FAST` with one.
    """
    parameters = []
    options = list(itertools.product(*options))
    for number, cell in enumerate((*KINDS, *OTHERS)):
        for place, option in enumerate(options):
            turn = place == number % len(options)
            if cell in KINDS or turn:
                fast = cell == fully or (cell in FAST and turn)
                marks = () if fast else pytest.mark.slow
                parameters.append(pytest.param(cell, *option, marks=marks))
    return parameters


def names_with(*options):
    """As `cells_with`, of cells that have a name."""
    return [p for p in cells_with(*options) if p.values[0] not in FOREIGN]


EVERY_ATTENTION = cells_with((None, "additive", "multiplicative"), fully=None)

STACK = {"num_layers": 2, "residual": True, "pre_norm": True, "dropout": 0.1}

# Off their defaults, all of them.
OPTIONS = {
    "many_to_one": {
        "vocabulary": 11,
        "num_outputs": 3,
        "head": "sigmoid",
        "pooling": "attention",
        "bidirectional": True,
        **STACK,
    },
    "one_to_many": {
        "input_shape": (2, 2),
        "vocabulary": 9,
        "condition": "every_step",
        "tied": True,
        "label_smoothing": 0.1,
        "max_length": 6,
        **STACK,
    },
    "one_to_one": {
        "input_shape": (2, 2),
        "num_outputs": 3,
        "head": "regression",
        **STACK,
    },
    "seq2seq": {
        "source_vocabulary": 11,
        "target_vocabulary": 9,
        "attention": "additive",
        "tied": "target",
        "label_smoothing": 0.1,
        "max_length": 6,
        **STACK,
    },
    "synced": {"vocabulary": 11, "num_outputs": 3, **STACK},
}

# What the only step of `one_to_one`, from a zero state, does not depend on.
ONLY_OF_THE_PAST = {
    "beta",
    "decay",
    "decay_down",
    "decay_up",
    "factor_kernel",
    "factor_recurrent_kernel",
    "key_kernel",
    "key_mix",
    "nu",
    "recurrent_kernel",
    "recurrent_kernel_1",
    "recurrent_scale",
    "removal",
    "theta",
    "time_decay",
    "time_first",
}

SOURCE = np.array([[4, 5, 6, 7, 8], [9, 10, 4, 0, 0], [5, 0, 0, 0, 0]])
TARGET = np.array([[4, 5, 6, 7, 8, 2], [5, 4, 2, 0, 0, 0], [8, 2, 0, 0, 0, 0]])


def cell_options(cell):
    """The arguments that choose a cell, by name or as an instance."""
    if cell in FOREIGN:
        return {"cell": FOREIGN[cell]()}
    if not isinstance(cell, str):
        return {"cell": cell}
    return {"cell": cell, "units": UNITS}


def build(architecture, cell="gru", **options):
    """A small model with the options of its row, and others."""
    options = {**OPTIONS[architecture], **cell_options(cell), **options}
    if architecture != "one_to_one" and cell in rnnzoo.list_cells():
        options.setdefault("recurrent_dropout", 0.1)
    return rnnzoo.build(architecture, **options)


def feed(architecture, seed=0):
    """`(x, y, sample_weight)` of three rows, two of them padded."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, 2, 2)).astype("float32")
    labels = rng.integers(0, 2, (3, 3))
    classes = rng.integers(0, 3, SOURCE.shape)
    by_row, by_step = rng.uniform(size=3), rng.uniform(size=TARGET.shape)
    return {
        "many_to_one": (SOURCE, labels, by_row),
        "one_to_many": ({"source": values, "target": TARGET}, None, by_step),
        "one_to_one": (values, labels.astype("float32"), by_row),
        "seq2seq": ({"source": SOURCE, "target": TARGET}, None, by_row),
        "synced": (SOURCE, classes, by_step[:, :5]),
    }[architecture]


# === The loss, without Keras ===


def log_softmax(logits):
    logits = logits - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def cross_entropy(outputs, y):
    return -np.take_along_axis(log_softmax(outputs), y[..., None], -1)[..., 0]


def binary_cross_entropy(outputs, y):
    p = 1 / (1 + np.exp(-outputs))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=-1)


def squared_error(outputs, y):
    return ((outputs - y) ** 2).mean(axis=-1)


LOSSES = {
    "softmax": cross_entropy,
    "sigmoid": binary_cross_entropy,
    "regression": squared_error,
}


def loss_sums(architecture, outputs, x, y, sample_weight=None):
    """`(sum of weighted losses, sum of weights)` in float64."""
    y = x["target"] if y is None else y
    valid = {"one_to_many": y, "seq2seq": y, "synced": x}.get(architecture)
    loss = LOSSES[OPTIONS[architecture].get("head", "softmax")]
    outputs = outputs.astype("float64")
    values = loss(outputs, y)
    smoothing = OPTIONS[architecture].get("label_smoothing", 0.0)
    if smoothing:
        spread = -log_softmax(outputs).mean(axis=-1)
        values = (1 - smoothing) * values + smoothing * spread
    weights = np.ones_like(values) if valid is None else valid != 0
    if sample_weight is not None:
        missing = values.ndim - sample_weight.ndim
        shape = sample_weight.shape + (1,) * missing
        weights = weights * sample_weight.reshape(shape)
    return (values * weights).sum(), weights.sum()


# === What a row did ===


@dataclass(frozen=True)
class Row:
    """A model that was built, trained by a step and saved."""

    architecture: str
    cell: str
    model: rnnzoo.Model
    initial: dict
    outputs: np.ndarray
    generated: list
    path: Path

    @property
    def feed(self):
        return feed(self.architecture)


def weights(model):
    """Values of all trainable weights, by path."""
    return {v.path: v.numpy() for v in model.trainable_variables}


def generate(model, architecture):
    """Ids by greedy search and by beam search, for models that write."""
    if architecture not in ("one_to_many", "seq2seq"):
        return []
    source = feed(architecture)[0]["source"]
    return [model.generate(source, beam_width=width) for width in (1, 3)]


def make(architecture, cell, run_eagerly, path):
    """Builds, trains a step, saves: a `Row`."""
    keras.utils.set_random_seed(3)
    model = build(architecture, cell)
    model.compile(optimizer=keras.optimizers.SGD(0.1), run_eagerly=run_eagerly)
    # Of a product of two weights that starts at zero, only one would move.
    rng = np.random.default_rng(4)
    for weight in model.trainable_variables:
        if not weight.numpy().any():
            weight.assign(rng.normal(0, 0.3, weight.shape))
    initial = weights(model)
    x, y, sample_weight = feed(architecture)
    model.fit(x, y, sample_weight=sample_weight, verbose=0)
    outputs = model.predict(x, verbose=0)
    generated = generate(model, architecture)
    model.save(path)
    return Row(architecture, cell, model, initial, outputs, generated, path)
