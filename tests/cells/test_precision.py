"""Mixed precision, compilation, and long or steep sequences."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo.layers import Recurrent
from tests.cells import tools
from tests.cells.rows import (
    CELL_ROWS,
    FEATURES,
    LINEAR_ROWS,
    ROWS,
    every,
    every_form,
)
from tests.cells.tools import BATCH, FORMS, error, normal

MIXED = "mixed_bfloat16"


def sequence(timesteps, seed=2, scale=1.0):
    x = normal(BATCH, timesteps, FEATURES, seed=seed, dtype="float32")
    return scale * x


def of_type(x):
    return keras.backend.standardize_dtype(x.dtype)


@every_form(ROWS)
def test_mixed_bfloat16(row, form):
    """The error of the outputs; states keep float32 where cells ask for it."""
    exact = tools.sequence_layer(row, dtype="float32")
    mixed = tools.sequence_layer(row, dtype=MIXED)
    x = sequence(40)
    expected, _ = tools.run(exact, x)
    outputs, states = tools.run(mixed, x, form=form)
    assert error(outputs, expected) < row.bfloat16
    assert of_type(outputs) == "bfloat16"
    assert {w.dtype for w in mixed.weights} == {"float32"}
    carry = "float32" if mixed.cell.float32_carry else "bfloat16"
    assert [of_type(s) for s in states] == mixed.cell.state_dtypes
    assert {of_type(s) for s in states[: len(mixed.cell.carry_size)]} == {carry}
    expected = row.linear or row.float32_carry
    assert mixed.cell.float32_carry == expected


@every(LINEAR_ROWS)
def test_forms_agree_in_mixed_bfloat16(row):
    """To one rounding of the output, because the carry has none."""
    layer = tools.sequence_layer(row, dtype=MIXED)
    outputs, states = tools.run(layer, sequence(40), form="loop")
    found, last = tools.run(layer, sequence(40), form="parallel")
    assert error(found, outputs) < 2**-7
    assert error(last, states) < (1e-5 if layer.cell.float32_carry else 2**-7)


def test_a_float32_carry_adds_up_what_bfloat16_would_lose():
    """4,000 equal steps of a memory that admits a 1,000th at a time."""
    row = next(row for row in ROWS if row.options.get("candidate") == "linear")
    layer = tools.layer_of(row, dtype=MIXED)
    kernel = np.zeros((FEATURES, 8))
    bias = np.repeat([np.log(1e-3), 1.0], 4)
    for weight, value in zip(layer.weights, [kernel, bias], strict=True):
        weight.assign(value)
    z = 1 / (1 + np.exp(-float(ops.cast(bias[0], "bfloat16"))))
    expected = 1 - (1 - z) ** 4000
    for parallel in (True, False):
        layer.parallel = parallel
        found = tools.to_numpy(layer(np.zeros((1, 4000, FEATURES))))
        assert np.allclose(found, expected, atol=0.01)


@every(CELL_ROWS)
def test_stock_rnn_carries_what_it_sets(row):
    """Keras rounds states on their way in; the cell returns their type."""
    layer = tools.layer_of(row, dtype=MIXED)
    states = [ops.cast(s, "bfloat16") for s in layer.get_initial_state(BATCH)]
    output, new = layer.cell(sequence(1)[:, 0], states)
    assert of_type(output) == "bfloat16"
    assert {of_type(s) for s in new} == {"bfloat16"}


@every(CELL_ROWS)
def test_compiled_loop(row):
    """Values and gradients under XLA are those without."""
    check_compiled(row, "loop")


@every(LINEAR_ROWS)
def test_compiled_parallel_form(row):
    check_compiled(row, "parallel")


def check_compiled(row, form):
    layer = tools.sequence_layer(row, dtype="float32")

    def function(x):
        outputs, states = tools.run(layer, x, form=form)
        return tools.weighted(layer.cell, outputs, states)

    plain, compiled = (
        tools.gradients(function, layer.weights, [sequence(6)], compiled)
        for compiled in (False, True)
    )
    assert error(compiled, plain) < 1e-4


@every(CELL_ROWS)
def test_gradients_are_finite_at_length_1000(row):
    layer = tools.layer_of(row, dtype="float32")
    for weight in layer.weights:
        weight.assign(0.3 * weight)

    def function(x):
        return tools.weighted(layer.cell, layer(x))

    value, found = tools.gradients(
        function, layer.weights, [sequence(1000)], True
    )
    assert np.isfinite(value)
    for gradient in found:
        assert np.isfinite(gradient).all()
    assert max(np.abs(g).max() for g in found) > 1e-3


STABILISED = [row for row in ROWS if row.name in ("mlstm", "rwkv4")]


@every(STABILISED)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", [50.0, 500.0])
def test_steep_gates(row, form, scale):
    """Gates of some +-50 or +-500 before their activation."""
    layer = tools.sequence_layer(row, dtype="float32")
    steep = ("gate_kernel", "gate_bias", "key_kernel", "time_first")
    for weight in layer.weights:
        if weight.name in steep:
            weight.assign(weight * scale)
    x = sequence(20)

    def function(x):
        outputs, states = tools.run(layer, x, form=form)
        return tools.weighted(None, outputs, states)

    value, found = tools.gradients(function, layer.weights, [x])
    assert np.isfinite(value)
    for gradient in found:
        assert np.isfinite(gradient).all()
    if scale == 50.0:
        weights, start = tools.named_weights(layer.cell), tools.start(layer)
        expected, _ = tools.reference(row, weights, x, start)
        assert error(tools.run(layer, x, form=form)[0], expected) < 1e-5


@pytest.mark.parametrize("form", FORMS)
def test_a_memory_that_nothing_reads(form):
    """q = 0 where m has grown so large that exp(-m) is zero in float32."""
    row = next(row for row in ROWS if row.options.get("forget_gate") == "exp")
    layer = Recurrent(row.cell(), return_sequences=True, return_state=True)
    x = sequence(60)
    x[:, 50:] = 0.0

    def function(x):
        return tools.weighted(None, tools.run(layer, x, form=form)[0])

    outputs, (_, _, m) = tools.run(layer, x, form=form)
    assert tools.to_numpy(m).min() > 104
    assert (tools.to_numpy(outputs)[:, 50:] == 0).all()
    for gradient in tools.gradients(function, layer.weights, [x])[1]:
        assert np.isfinite(gradient).all()


def test_gentle_gates_after_steep_ones():
    """The parallel form subtracts sums of decays, so these cost digits."""
    row = next(row for row in ROWS if row.name == "mlstm")
    layer = tools.sequence_layer(row, dtype="float32")
    gates = {w.name: w for w in layer.weights if w.name.startswith("gate")}
    gates["gate_kernel"].assign([[0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]])
    gates["gate_bias"].assign([0, 0, 0, 0])
    x = sequence(64)
    x[:, :32, 0], x[:, 32:, 0] = -50.0, 5.0
    outputs, _ = tools.run(layer, x, form="loop")
    found, _ = tools.run(layer, x, form="parallel")
    assert error(found, outputs) < 1e-4
