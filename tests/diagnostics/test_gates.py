import inspect
import re

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics.gates import gate_values, gates

X = np.random.default_rng(0).normal(size=(3, 6, 4)).astype("float32")
PATH = "encoder/stack/block_0/forward"

# The gates of each cell, options at their defaults; () for a cell that has
# none, or none with two ends.
GATES = {
    # Has one as an option.
    "antisymmetric_rnn": (),
    "brc": ("c",),
    "cifg_lstm": ("i", "f", "o"),
    "cornn": (),
    "elman": (),
    "esn": (),
    "fast_grnn": ("z",),
    # Two scalars for all steps.
    "fast_rnn": (),
    "gru": ("z", "r"),
    "hgrn": ("mu",),
    "indrnn": (),
    "intersection_rnn": ("d", "g"),
    "janet": ("i", "f"),
    "jordan": (),
    "layernorm_gru": ("z", "r"),
    "layernorm_lstm": ("i", "f", "o"),
    "lem": ("d", "e"),
    "ligru": ("z",),
    "lru": (),
    "lstm": ("i", "f", "o"),
    "lstm_1997": ("i", "o"),
    "mgu": ("f",),
    "min_gru": ("z",),
    "min_lstm": ("f", "i"),
    # i has no upper end.
    "mlstm": ("o", "f"),
    "multiplicative_lstm": ("i", "f", "o"),
    "mut1": ("z", "r"),
    "mut2": ("z", "r"),
    "mut3": ("z", "r"),
    "nas": ("a_1", "a_6"),
    "nbrc": ("c",),
    "peephole_lstm": ("i", "f", "o"),
    "projected_lstm": ("i", "f", "o"),
    "qrnn": ("f", "i", "o"),
    "ran": ("i", "f"),
    "rg_lru": ("i", "r"),
    "rhn": ("t", "c"),
    "rwkv4": ("r",),
    "rwkv6": ("w",),
    "rwkv7": ("a",),
    # One constant for all steps.
    "scrn": (),
    "slstm": ("f", "o"),
    "sru": ("f", "r"),
    "trnn": ("f",),
    "ugrnn": ("g",),
}


def reader(cell, **options):
    if isinstance(cell, str):
        options.setdefault("units", 8)
    return rnnzoo.build("synced", input_dim=4, cell=cell, **options)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_every_cell_says_which_gates_it_has():
    assert sorted(GATES) == rnnzoo.list_cells()


@pytest.mark.parametrize("cell", [c for c in GATES if GATES[c]])
def test_gates_have_the_letters_of_the_equations_and_their_range(cell):
    (values,) = gate_values(reader(cell), (5 * X,)).values()
    assert tuple(values) == GATES[cell]
    docstring = inspect.getdoc(rnnzoo.cells.CELLS[cell])
    for letter, value in values.items():
        assert len(value) == 18 and value.ndim == 2
        assert 0 <= value.min() < value.max() <= 1 or cell == "rwkv7"
        # On the left of an equation.
        stem = letter.split("_")[0]
        left = rf"(?m)^[^=\n]*\b{stem}_[tl1-8]\b[^=\n]* ="
        assert re.search(left, docstring)


@pytest.mark.parametrize("cell", [c for c in GATES if not GATES[c]])
def test_cells_without_gates_are_refused_by_their_name(cell):
    name = rnnzoo.cells.CELLS[cell].__name__
    with pytest.raises(ValueError, match=f"{name}, which show none"):
        gates(reader(cell), (X,))


def test_gates_of_an_lstm_are_those_of_numpy():
    model = reader("lstm", units=5)
    mask = np.arange(6) < np.array([[6], [2], [4]])
    (values,) = gate_values(model, ({"inputs": X, "mask": mask},)).values()
    W, U, b = (np.array(w) for w in model.encoder.stack.get_weights())
    h = c = np.zeros((3, 5))
    expected = {"i": [], "f": [], "o": []}
    for t in range(6):
        i, f, g, o = np.split(X[:, t] @ W + h @ U + b, 4, axis=1)
        i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        for letter, gate in (("i", i), ("f", f), ("o", o)):
            expected[letter].append(gate[mask[:, t]])
    for letter, rows in expected.items():
        np.testing.assert_allclose(
            values[letter], np.concatenate(rows), atol=1e-6
        )


def test_gates_of_a_parallel_cell_are_those_of_numpy():
    model = reader("min_gru", units=5)
    (values,) = gate_values(model, (X,)).values()
    W, b = (np.array(w) for w in model.encoder.stack.get_weights())
    z = sigmoid((X @ W + b)[..., :5])
    np.testing.assert_allclose(
        values["z"], z.swapaxes(0, 1).reshape(18, 5), atol=1e-6
    )


def test_logarithms_of_gates_are_shown_as_gates():
    model = reader("mlstm")
    (values,) = gate_values(model, (X,)).values()
    cell = model.encoder.stack.blocks[0].forward.cell
    f = (X @ cell.gate_kernel + cell.gate_bias)[..., 4:]
    np.testing.assert_allclose(
        values["f"],
        sigmoid(np.array(f).swapaxes(0, 1).reshape(18, 4)),
        atol=1e-6,
    )


@pytest.mark.parametrize(
    ("cell", "letters", "widths"),
    [
        (rnnzoo.cells.AntisymmetricRNN(6, gated=True), "z", [6]),
        # A micro-step after the other.
        (rnnzoo.cells.RHN(6, depth=2, coupled=False), "tc", [12, 12]),
        (rnnzoo.cells.SRU(6, recurrent_gates=False), "fr", [6, 6]),
        (rnnzoo.cells.QRNN(6, pooling="f", kernel_size=3), "fi", [6, 6]),
        (rnnzoo.cells.Zoneout(rnnzoo.cells.GRU(6), 0.1), "zr", [6, 6]),
        (rnnzoo.cells.Reset(rnnzoo.cells.TRNN(6)), "f", [6]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_gates_of_other_forms_and_inside_of_wrappers(cell, letters, widths):
    (values,) = gate_values(reader(cell), (X,)).values()
    assert "".join(values) == letters
    assert [value.shape[1] for value in values.values()] == widths


def test_shares_are_counted_by_unit():
    model = reader("gru", units=3)
    layer = model.encoder.stack.blocks[0].forward
    W, U, b = layer.cell.weights
    W.assign(np.zeros(W.shape))
    U.assign(np.zeros(U.shape))
    # z is shut, open and half open; r switches with the first feature.
    b.assign([[-9, 9, 0, 0, 0, 0, 0, 0, 0], [0] * 9])
    kernel = np.zeros(W.shape)
    kernel[0, 3:6] = 1e3
    W.assign(kernel)
    figure, numbers = gates(model, (X,))
    assert numbers[f"shut/{PATH}/z"].tolist() == [1, 0, 0]
    assert numbers[f"open/{PATH}/z"].tolist() == [0, 1, 0]
    assert numbers[f"saturated/{PATH}/z"] == pytest.approx(2 / 3)
    assert numbers[f"mean/{PATH}/z"] == pytest.approx(0.5)
    positive = np.mean(X[..., 0] > 0)
    np.testing.assert_allclose(numbers[f"open/{PATH}/r"], [positive] * 3)
    np.testing.assert_allclose(numbers[f"shut/{PATH}/r"], [1 - positive] * 3)
    (panel,) = figure.subfigs
    assert panel.get_suptitle() == PATH
    first, second = panel.axes
    assert first.get_title() == "z: 67% saturated"
    assert second.get_title() == "r: 100% saturated"
    (points,) = first.collections
    assert points.get_offsets().tolist() == [[1, 0], [0, 1], [0, 0]]


def test_every_layer_has_a_row():
    source = np.array([[5, 6, 7], [8, 2, 0]])
    model = rnnzoo.build(
        "seq2seq", source_vocabulary=9, target_vocabulary=9, units=4
    )
    target = np.array([[5, 2], [2, 0]])
    figure, numbers = gates(model, ({"source": source, "target": target}, None))
    titles = [panel.get_suptitle() for panel in figure.subfigs]
    assert titles == [
        "encoder/reader/block_0/forward",
        "encoder/reader/block_0/backward",
        "decoder/decoder/writer/block_0/forward",
    ]
    assert all(f"open/{title}/z" in numbers for title in titles)


def test_a_cell_of_ones_own_shows_its_gates():
    class Leaky(rnnzoo.Cell):
        def project(self, inputs, training=False):
            return inputs

        def step(self, projected, states):
            (h,) = states
            rate = keras.ops.sigmoid(projected)
            self.show(rate=rate, rest=lambda: 1 - rate)
            h = h + rate * (1 - h)
            return h, [h]

    (values,) = gate_values(reader(Leaky(4)), (X,)).values()
    rate = sigmoid(X).swapaxes(0, 1).reshape(18, 4)
    np.testing.assert_allclose(values["rate"], rate, atol=1e-6)
    np.testing.assert_allclose(values["rest"], 1 - rate, atol=1e-6)


def test_nothing_is_computed_where_nobody_looks():
    cell = rnnzoo.cells.GRU(4)
    cell.show(z=lambda: 1 / 0)
