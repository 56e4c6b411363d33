"""Weights from and to `torch.nn`, held to the numbers of its modules."""

import keras
import numpy as np
import pytest
from keras import ops

import rnnzoo
from rnnzoo import cells, layers
from rnnzoo.convert import from_torch, to_torch
from tests.parity.modules.storage import cases, state_dict

CELLS = {
    "gru": lambda: cells.GRU(4),
    "lstm": lambda: cells.LSTM(4),
    "projected_lstm": lambda: cells.ProjectedLSTM(4, 2, peepholes=False),
    "relu": lambda: cells.Elman(4, activation="relu"),
    "tanh": lambda: cells.Elman(4),
}


class Tensor:
    """What `rnnzoo.convert` asks of a tensor of PyTorch."""

    def __init__(self, array):
        self.detach = self.cpu = lambda: self
        self.numpy = lambda: array


class Module:
    """What it asks of a module."""

    def __init__(self, arrays, nonlinearity="tanh"):
        self.nonlinearity = nonlinearity
        tensors = {name: Tensor(values) for name, values in arrays.items()}
        self.state_dict = lambda: tensors


def own(case, **options):
    """A `Stack` that computes what the module of a case does."""
    kind, num_layers, directions, _ = case.split("-")
    return layers.Stack(
        CELLS[kind](),
        num_layers=int(num_layers),
        bidirectional=directions == "2",
        return_state=True,
        **options,
    )


def torch_states(states, case):
    """Our states as PyTorch has them: h, then c, of all layers."""
    per_direction = 2 if "lstm" in case else 1
    return [np.stack(states[n::per_direction]) for n in range(per_direction)]


# Two layers of two directions each are the rest, and more.
RUN = [
    case if "-2-2-" in case else pytest.param(case, marks=pytest.mark.slow)
    for case in cases()
]


@pytest.mark.parametrize("case", RUN)
def test_outputs_and_states_are_those_of_the_module(case):
    theirs = cases()[case]
    stack = from_torch(state_dict(case), own(case))
    y, *states = stack(theirs["x"])
    np.testing.assert_allclose(y, theirs["y"], rtol=0, atol=1e-6)
    last = torch_states(states, case)
    for n, state in enumerate(last):
        np.testing.assert_allclose(
            state, theirs[f"last.{n}"], rtol=0, atol=1e-6
        )
    assert len(last) == sum(name.startswith("last.") for name in theirs)


@pytest.mark.parametrize("case", cases())
def test_weights_come_back(case):
    """Exactly: the same names, in order, and the same arrays.

    Of an LSTM and an RNN the biases come back as their sum, and without
    biases as zeros.
    """
    theirs = state_dict(case)
    arrays = to_torch(from_torch(theirs, own(case)))
    names = [name for name in arrays if name in theirs]
    assert names == list(theirs)
    for name, values in arrays.items():
        assert values.flags["C_CONTIGUOUS"]
        expected = theirs.get(name)
        if "bias" in name and not case.endswith("1"):
            assert name not in theirs
            expected = np.zeros_like(values)
        elif "bias_ih" in name and "gru" not in case:
            other = theirs[name.replace("ih", "hh")]
            expected = expected + other
        elif "bias_hh" in name and "gru" not in case:
            expected = np.zeros_like(values)
        np.testing.assert_array_equal(values, expected)


def test_a_new_stack_is_told_by_the_shapes():
    for case in (
        "gru-2-2-1",
        "lstm-2-1-1",
        "projected_lstm-1-2-1",
        "tanh-1-1-1",
    ):
        stack = from_torch(state_dict(case))
        expected = own(case)
        assert type(stack.blocks[0].forward.cell) is type(
            expected.blocks[0].forward.cell
        )
        expected.build((None, None, 3))
        assert [w.shape for w in stack.weights] == [
            w.shape for w in expected.weights
        ]
        y = stack(cases()[case]["x"])
        np.testing.assert_allclose(y, cases()[case]["y"], rtol=0, atol=1e-6)


def test_a_module_tells_its_nonlinearity():
    arrays = state_dict("relu-1-1-1")
    stack = from_torch(Module(arrays, "relu"))
    theirs = cases()["relu-1-1-1"]
    np.testing.assert_allclose(stack(theirs["x"]), theirs["y"], atol=1e-6)
    with pytest.raises(ValueError, match="activation=relu.*activation=tanh"):
        from_torch(Module(arrays, "relu"), layers.Stack(cells.Elman(4)))


def test_a_model_around_a_converted_stack_keeps_its_weights():
    theirs = cases()["gru-1-1-1"]
    stack = from_torch(state_dict("gru-1-1-1"))
    model = rnnzoo.build("synced", input_dim=3, encoder=stack)
    memory = model.encoder(theirs["x"])["memory"]
    np.testing.assert_allclose(memory, theirs["y"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", [layers.Recurrent, layers.Block])
def test_layers_below_a_stack_take_and_give_weights(kind):
    layer = from_torch(state_dict("gru-1-1-1"), kind("gru", units=4))
    theirs = cases()["gru-1-1-1"]
    y = layer(theirs["x"])
    last = (
        theirs["y"] if isinstance(layer, layers.Block) else theirs["y"][:, -1]
    )
    np.testing.assert_allclose(y, last, rtol=0, atol=1e-6)
    assert list(to_torch(layer)) == list(state_dict("gru-1-1-1"))


def test_weights_go_into_a_layer_that_is_built():
    layer = layers.Block("lstm", units=4, bidirectional=True)
    layer.build((None, None, 3))
    arrays = state_dict("lstm-1-2-1")
    assert from_torch(arrays, layer) is layer
    np.testing.assert_array_equal(
        ops.convert_to_numpy(layer.backward.cell.kernel),
        arrays["weight_ih_l0_reverse"].T,
    )


# === What is wrong ===


def changed(case="lstm-2-1-1", **changes):
    arrays = {**state_dict(case), **changes}
    return {
        name: values for name, values in arrays.items() if values is not None
    }


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (changed(weight_hh_l1=None), r"Missing: \['weight_hh_l1'\]"),
        (changed(bias_hh_l0=None), r"Missing: \['bias_hh_l0'.*\]"),
        ({}, r"Missing: \['weight_hh_l0', 'weight_ih_l0'\]"),
        (
            changed(**{"fc.weight": np.ones(3)}),
            r"Not expected: \['fc.weight'\]",
        ),
        (changed(weight_hh_l1=np.ones((16, 5))), r"weight_hh_l1.*\(16, 4\).*5"),
        (changed(weight_ih_l0=np.ones(16)), "weight_ih_l0 must be a matrix"),
        (changed(weight_ih_l0=np.ones((8, 3))), "8 rows for 4 units"),
    ],
)
def test_arrays_that_are_of_no_module(arrays, message):
    with pytest.raises(ValueError, match=message):
        from_torch(arrays)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            layers.Stack("gru", units=4),
            r"are of LSTM\(units=4\) in 2 layers.*GRU",
        ),
        (layers.Stack("lstm", units=4), "2 layers.*in 1 layer, one direction"),
        (layers.Stack("lstm", units=5, num_layers=2), "units=4.*units=5"),
        (layers.Stack("lstm", 4, 2, residual=True), "residual=True has no"),
        (layers.Stack("lstm", 4, 2, pre_norm=True), "pre_norm=True has no"),
        (layers.Stack("min_gru", 4, 2, block="min_rnn"), "Only a `Recurrent`"),
        (layers.Stack("min_gru", 4, 2), "Only these cells .* a MinGRU"),
        ("lstm", "Only a `Recurrent`.*'lstm'"),
    ],
)
def test_layers_that_do_not_fit(layer, message):
    with pytest.raises(ValueError, match=message):
        from_torch(state_dict("lstm-2-1-1"), layer)


def test_inputs_of_another_size_leave_a_layer_as_it_was():
    stack = layers.Stack("lstm", units=4, num_layers=2)
    stack.build((None, None, 7))
    before = [ops.convert_to_numpy(w) for w in stack.weights]
    with pytest.raises(ValueError, match=r"kernel.*\(7, 16\).*\(3, 16\)"):
        from_torch(state_dict("lstm-2-1-1"), stack)
    for weight, values in zip(stack.weights, before, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(weight), values)


@pytest.mark.parametrize(
    ("cell", "options", "message"),
    [
        (cells.GRU(4, reset_after=False), {}, "reset_after=True"),
        (cells.ProjectedLSTM(4), {}, "no peepholes"),
        (cells.Elman(4, activation="sigmoid"), {}, "tanh and relu alone"),
        (
            cells.Elman(4, activation=keras.layers.LeakyReLU()),
            {},
            "tanh and relu alone",
        ),
        (cells.LSTM(4), {"go_backwards": True}, "reads backwards"),
    ],
)
def test_forms_that_pytorch_has_not(cell, options, message):
    layer = layers.Recurrent(cell, **options)
    with pytest.raises(ValueError, match="no weights yet"):
        to_torch(layer)
    layer.build((None, None, 3))
    with pytest.raises(ValueError, match=message):
        to_torch(layer)


def test_frozen_layers_are_filled_and_read():
    given = state_dict("lstm-2-1-1")
    stack = layers.Stack("lstm", units=4, num_layers=2)
    stack.build((None, None, 3))
    stack.trainable = False
    expected = to_torch(from_torch(given))
    for name, values in to_torch(from_torch(given, stack)).items():
        np.testing.assert_array_equal(values, expected[name])
