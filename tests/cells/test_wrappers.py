"""Zoneout, residual, learned initial state and reset, around any cell."""

import inspect
import re

import keras
import numpy as np
import pytest
from keras import ops

import rnnzoo
from rnnzoo import cells
from rnnzoo.cells import (
    GRU,
    LRU,
    LSTM,
    MLSTM,
    QRNN,
    RWKV4,
    SLSTM,
    CellWrapper,
    KerasCell,
    LearnedInitialState,
    MinGRU,
    Reset,
    Residual,
    Zoneout,
)
from rnnzoo.layers import Recurrent, Stack
from rnnzoo.layers.parallel import runs_in_parallel
from tests.cells import tools
from tests.cells.rows.row import loops
from tests.cells.test_masks import MASK
from tests.cells.tools import (
    EXACT,
    FORMS,
    ON_JAX,
    ROUNDING,
    error,
    normal,
    to_numpy,
)
from tests.layers.test_recurrent_constants import CONTEXT, Conditioned
from tests.references import REFERENCES

BATCH, STEPS = MASK.shape
FEATURES = 3
RATES = [0.2, 0.5]  # of h and of c
MIXED = "mixed_bfloat16"


class Counter(rnnzoo.Cell):
    """Two states that start from 2 and 5, of which one may be set."""

    conditionable_states = (0,)

    @property
    def carry_size(self):
        return [self.units, 1]

    def initial_carry(self, batch_size):
        n = ops.full((batch_size, self.units), 2.0, self.carry_dtype)
        return [n, ops.full((batch_size, 1), 5.0, self.carry_dtype)]

    def project(self, inputs, training=False):
        return ops.sum(inputs, axis=-1, keepdims=True)

    def step(self, projected, states):
        n, m = states
        return n + m, [n + projected, m]


def nested(dtype=None, **options):
    lstm = LSTM(4, dtype=dtype, **options)
    return Reset(Residual(LearnedInitialState(Zoneout(lstm, RATES))))


# Name -> wrapper(dtype, **options of the cell inside).
WRAPPERS = {
    "zoneout-lstm": lambda **o: Zoneout(LSTM(4, **o), RATES, seed=3),
    "zoneout-qrnn": lambda **o: Zoneout(QRNN(4, pooling="f", **o), 0.3),
    "residual-gru": lambda **o: Residual(GRU(4, **o)),
    "residual-mlstm": lambda **o: Residual(MLSTM(4, **o)),
    "residual-rwkv4": lambda **o: Residual(RWKV4(FEATURES, **o)),
    "learned-lstm": lambda **o: LearnedInitialState(LSTM(4, **o)),
    "learned-min_gru": lambda **o: LearnedInitialState(MinGRU(4, **o)),
    "reset-gru": lambda **o: Reset(GRU(4, **o)),
    "reset-slstm": lambda **o: Reset(SLSTM(4, **o)),
    "reset-rwkv4": lambda **o: Reset(RWKV4(4, **o)),
    "nested": nested,
}
PARALLEL = {"residual-mlstm", "residual-rwkv4", "learned-min_gru"}
FAST = ("zoneout-lstm", "learned-min_gru", "reset-rwkv4")


def every(fast=FAST):
    """Parametrises a test by all wrappers; slow are those not in `fast`."""
    return pytest.mark.parametrize(
        "make",
        [
            pytest.param(
                make,
                id=name,
                marks=[] if name in fast else [pytest.mark.slow],
            )
            for name, make in WRAPPERS.items()
        ],
    )


def layer_of(cell, features=FEATURES, **options):
    """A built layer around `cell`, with random weights."""
    options = {"return_sequences": True, "return_state": True, **options}
    layer = Recurrent(cell, **options)
    layer.build((BATCH, None, features))
    return tools.randomise(layer)


def inputs(seed=2, steps=STEPS):
    return normal(BATCH, steps, FEATURES, seed=seed)


def flagged(seed=2, flags=((0, 2), (0, 3), (3, 1), (3, 3))):
    """Two features and a flag, which is set at `(row, step)`."""
    x = inputs(seed)
    x[..., -1] = 0
    for place in flags:
        x[(*place, -1)] = 1
    return x


# === What every wrapper keeps ===


@every()
def test_step_loop_and_parallel_form_agree(make):
    """From other states than the first; gradients of all weights."""
    layer = layer_of(make(dtype=EXACT))
    states = tools.run(layer, flagged(seed=1), form="step")[1]
    states = [to_numpy(s) for s in states]
    found = {}
    for form in ("step", *loops(layer.cell)):

        def function(x, *states, form=form):
            outputs, last = tools.run(layer, x, list(states), form)
            return tools.weighted(None, outputs, last)

        variables = layer.trainable_variables
        outputs = tools.run(layer, flagged(), states, form)
        slopes = tools.gradients(function, variables, [flagged(), *states])[1]
        found[form] = [outputs, slopes]
    for form in found.keys() - {"loop"}:
        assert error(found[form], found["loop"]) < ROUNDING


def test_which_wrappers_leave_the_parallel_form():
    found = {name for name in WRAPPERS if runs_in_parallel(WRAPPERS[name]())}
    assert found == PARALLEL
    assert runs_in_parallel(Residual(Residual(LearnedInitialState(LRU(4)))))
    assert not runs_in_parallel(Residual(Zoneout(MinGRU(4), 0.1)))
    assert not runs_in_parallel(Residual(cells.SRU(4)))
    assert not runs_in_parallel(Residual(KerasCell(keras.layers.GRUCell(4))))


@every()
def test_masked_steps_are_as_if_deleted(make):
    layer = layer_of(make(dtype=EXACT))
    x = flagged()
    for form in loops(layer.cell):
        outputs, states = tools.run(layer, x, form=form, mask=MASK)
        for e, valid in enumerate(MASK[:4]):
            # Twice: a batch of two.
            shorter = np.stack([x[e, valid]] * 2)
            expected, last = tools.run(layer, shorter, form=form)
            assert error(to_numpy(outputs)[e, valid], expected[0]) < ROUNDING
            found = [state[e] for state in states]
            assert error(found, [state[0] for state in last]) < ROUNDING
    assert error([s[4] for s in states], layer_start(layer)) == 0


def layer_start(layer):
    return [state[0] for state in layer.get_initial_state(1)]


@every()
def test_halves_are_one_sequence(make):
    """Also of inputs looked back at, and of their flags; a reset of all."""
    whole = layer_of(make(dtype=EXACT), return_state=False)
    expected = to_numpy(whole(flagged()))
    halves = layer_of(make(dtype=EXACT), return_state=False, stateful=True)
    halves.reset_state()  # the weights have changed since it was built
    for _ in range(2):
        assert error(halves(flagged()[:, :3]), expected[:, :3]) < ROUNDING
        assert error(halves(flagged()[:, 3:]), expected[:, 3:]) < ROUNDING
        halves.reset_state()


@every()
def test_in_stock_rnn(make):
    layer = layer_of(make(dtype=EXACT))
    stock = keras.layers.RNN(
        layer.cell, return_sequences=True, return_state=True, dtype=EXACT
    )
    expected = tools.run(layer, flagged(), form="loop")
    outputs, *states = stock(flagged())
    assert error([outputs, states], expected) < ROUNDING


@every(fast=["nested"])
@pytest.mark.parametrize("kind", [keras.layers.RNN, Recurrent])
def test_in_bidirectional_and_in_a_file(make, kind, tmp_path):
    """The backward copy is of the same options, with weights of its own."""
    layer = kind(make(recurrent_dropout=0.25), return_sequences=True)
    both = keras.layers.Bidirectional(layer)
    whole = keras.Input((None, FEATURES))
    model = tools.randomise(keras.Model(whole, both(whole)))
    x = flagged().astype("float32")
    parts = [
        both.forward_layer(x),
        ops.flip(both.backward_layer(x), axis=1),
    ]
    assert error(both(x), ops.concatenate(parts, axis=-1)) < 1e-6
    assert error(*parts) > 0.01
    forward, backward = both.forward_layer.cell, both.backward_layer.cell
    assert len(forward.weights) == len(backward.weights) > 0
    assert options_of(forward) == options_of(backward)

    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert error(loaded(x), model(x)) == 0
    again = loaded.layers[-1].forward_layer.cell
    assert options_of(again) == options_of(forward)
    assert again.recurrent_dropout == 0.25


def options_of(cell):
    """The configuration of a cell and of those inside, without names."""
    config = cells.clone(cell).get_config()
    found = {k: v for k, v in config.items() if k not in ("cell", "name")}
    if isinstance(cell, CellWrapper):
        found["cell"] = options_of(cell.cell)
    return found


@every()
def test_a_clone_is_new(make):
    cell = make(recurrent_dropout=0.25, seed=7, dtype=MIXED)
    cell.build((None, FEATURES))
    clone = cells.clone(cell)
    assert not clone.built and not clone.cell.built
    assert options_of(clone) == options_of(cell)
    assert clone.dtype_policy == cell.dtype_policy
    again = cells.deserialize(cells.serialize(cell))
    assert type(again) is type(cell)
    assert options_of(again) == options_of(cell)


@every()
def test_mixed_bfloat16(make):
    exact, mixed = layer_of(make(dtype="float32")), layer_of(make(dtype=MIXED))
    x = flagged().astype("float32")
    for form in ("step", *loops(mixed.cell)):
        outputs, states = tools.run(mixed, x, form=form)
        assert keras.backend.standardize_dtype(outputs.dtype) == "bfloat16"
        found = [keras.backend.standardize_dtype(s.dtype) for s in states]
        assert found == mixed.cell.state_dtypes
        expected, _ = tools.run(exact, x, form=form)
        assert error(outputs, expected) < 0.03
    inner = mixed.cell.cell
    assert mixed.cell.float32_carry == inner.float32_carry
    assert mixed.cell.state_dtypes == inner.state_dtypes


@every(fast=())
def test_compiled(make):
    """Values and gradients under XLA are those without."""
    layer = layer_of(make())
    x = flagged().astype("float32")

    def function(x):
        return tools.weighted(None, *tools.run(layer, x))

    variables = layer.trainable_variables
    plain, compiled = (
        tools.gradients(function, variables, [x], compiled)
        for compiled in (False, True)
    )
    assert error(compiled, plain) < 1e-4


@every()
def test_recurrent_dropout_is_that_of_the_cell_inside(make):
    layer = layer_of(make(recurrent_dropout=0.5, seed=1, dtype=EXACT))
    assert layer.cell.recurrent_dropout == 0.5
    expected = layer.cell.draw_noise(BATCH, training=True)
    cell = layer.cell
    while isinstance(cell, CellWrapper):
        cell = cell.cell
    cell.seed_generator.state.assign(cells.clone(cell).seed_generator.state)
    assert error(cell.draw_noise(BATCH, training=True), expected) == 0
    assert layer.cell.draw_noise(BATCH) is None
    first, second = (layer(flagged(), training=True)[0] for _ in range(2))
    assert error(first, second) > 0.01


@every(fast=())
def test_in_a_stack(make):
    """Two layers, both directions, a clone in each."""
    stack = Stack(make(), num_layers=2, bidirectional=True)
    outputs = stack(flagged().astype("float32"), mask=MASK)
    assert outputs.shape == (BATCH, STEPS, stack.output_size)
    assert np.isfinite(to_numpy(outputs)).all()
    of_cells = [
        layer.cell for block in stack.blocks for layer in block.directions()
    ]
    assert len({id(cell) for cell in of_cells}) == 4
    assert len({cell.name for cell in of_cells}) == 4


# === Zoneout ===


def fixed_masks(layer, monkeypatch, steps=STEPS):
    """Lets the zoneout of a layer draw known masks; returns these."""
    cell = layer.cell
    generator = np.random.default_rng(5)
    masks = [generator.random((BATCH, steps, n)) < 0.4 for n in cell.carry_size]
    drawn = []

    def draw(shape, rate):
        drawn.append((tuple(shape), rate))
        return ops.convert_to_tensor(masks[len(drawn) - 1])

    monkeypatch.setattr(cell, "draw", draw)
    return masks, drawn


def zoned_out(name, weights, x, states, keep):
    """In NumPy, `keep[n]` `(batch, timesteps, n)` for each state."""
    outputs = []
    for t in range(x.shape[1]):
        _, new = REFERENCES[name](weights, x[:, t], states)
        states = [
            d[:, t] * s + (1 - d[:, t]) * candidate
            for d, s, candidate in zip(keep, states, new, strict=True)
        ]
        outputs.append(states[0])
    return np.stack(outputs, axis=1), states


ZONED = {"lstm": (LSTM, RATES), "gru": (GRU, 0.2), "min_gru": (MinGRU, 0.2)}


@pytest.mark.parametrize("name", ZONED)
def test_zoneout_is_the_equations(name, monkeypatch):
    """In training with known masks, at inference with their expectation.

    The LSTM's h~_t is made of c~_t, not of c_t; its output is h_t.
    """
    kind, rates = ZONED[name]
    layer = layer_of(Zoneout(kind(4, dtype=EXACT), rates))
    weights = tools.named_weights(layer.cell)
    start = [normal(BATCH, n, seed=9) for n in layer.cell.carry_size]
    rates = rates if isinstance(rates, list) else [rates]
    shares = [np.full((BATCH, STEPS, 1), rate) for rate in rates]
    expected = zoned_out(name, weights, inputs(), start, shares)
    for form in FORMS:
        found = tools.run(layer, inputs(), start, form)
        assert error(found, expected) < ROUNDING

    masks, drawn = fixed_masks(layer, monkeypatch)
    expected = zoned_out(name, weights, inputs(), start, masks)
    outputs, *states = layer(inputs(), start, training=True)
    assert error([outputs, states], expected) < ROUNDING
    # Once, for all steps, before the loop; the states in their order.
    assert drawn == [((BATCH, STEPS, 4), rate) for rate in rates]


def test_zoneout_of_an_output_that_is_no_state(monkeypatch):
    """The QRNN's h_t = o_t * c_t is made of c~_t."""
    layer = layer_of(Zoneout(QRNN(4, kernel_size=1, dtype=EXACT), 0.2))
    plain = layer_of(layer.cell.cell)
    masks, _ = fixed_masks(layer, monkeypatch)
    outputs, c = layer(inputs(), training=True)
    before = np.zeros((BATCH, 4))
    for t in range(STEPS):
        output, (candidate,) = plain.step(inputs()[:, t], [before])
        assert error(outputs[:, t], output) < ROUNDING
        before = np.where(masks[0][:, t], before, to_numpy(candidate))
    assert error(c, before) < ROUNDING


def test_zoneout_looks_back(monkeypatch):
    """The masks are those of the steps, without the inputs looked back at."""
    layer = layer_of(Zoneout(QRNN(4, kernel_size=3, dtype=EXACT), 0.2))
    _, drawn = fixed_masks(layer, monkeypatch)
    layer(inputs(), training=True)
    assert drawn == [((BATCH, STEPS, 4), 0.2)]


def test_zoneout_keeps_units_at_its_rate():
    """Each unit and step by itself, each state at its own rate."""
    layer = Recurrent(Zoneout(LSTM(64), [0.1, 0.5]), return_sequences=True)
    layer.build((None, None, FEATURES))
    x = normal(40, 20, FEATURES, dtype="float32")
    _, masks = layer.cell.project(x, training=True)
    h, c = (to_numpy(m).astype("float64") for m in masks)
    size = h.size
    for mask, rate in ((h, 0.1), (c, 0.5)):
        # Five standard deviations of each mean.
        assert abs(mask.mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / size)
        for near in (mask[:, 1:] * mask[:, :-1], mask[1:] * mask[:-1]):
            share = rate**2
            bound = 5 * np.sqrt(share / near.size)
            assert abs(near.mean() - share) < bound
    assert abs((h * c).mean() - 0.05) < 5 * np.sqrt(0.05 / size)


def test_zoneout_outputs_keep_units_at_its_rate():
    """What is seen from outside: h_t = h_{t-1} exactly, at that share."""
    layer = layer_of(Zoneout(LSTM(64), [0.3, 0.0]))
    outputs = to_numpy(layer(inputs(), training=True)[0])
    kept = (outputs[:, 1:] == outputs[:, :-1]).mean()
    assert abs(kept - 0.3) < 5 * np.sqrt(0.3 * 0.7 / outputs[:, 1:].size)
    still = to_numpy(layer(inputs())[0])
    assert (still[:, 1:] != still[:, :-1]).mean() > 0.99


def test_zoneout_follows_its_seed():
    first, second, other = (
        layer_of(Zoneout(GRU(4, dtype=EXACT), 0.5, seed=seed))
        for seed in (1, 1, 2)
    )
    x = inputs()
    sequences = [layer(x, training=True)[0] for layer in (first, second, other)]
    assert error(sequences[0], sequences[1]) == 0
    assert error(sequences[0], sequences[2]) > 0.01
    again = first(x, training=True)[0]
    assert error(sequences[0], again) > 0.01  # new masks for each call
    assert error(second(x, training=True)[0], again) == 0


def test_zoneout_of_none_is_the_cell():
    layer = layer_of(Zoneout(LSTM(4, dtype=EXACT), 0.0))
    plain = layer_of(layer.cell.cell)
    tools.randomise(layer)
    for training in (False, True):
        expected = plain(inputs(), training=training)
        assert error(layer(inputs(), training=training), expected) < ROUNDING


def test_zoneout_of_a_cell_of_keras(monkeypatch):
    """It finds the output among the states there as well."""
    outputs = []
    for inner in (KerasCell(keras.layers.LSTMCell(4)), LSTM(4)):
        layer = layer_of(Zoneout(inner, RATES))
        fixed_masks(layer, monkeypatch)
        x = inputs().astype("float32")
        outputs.append([layer(x), layer(x, training=True)])
    assert error(*outputs) < 1e-6


def test_zoneout_in_stock_rnn_draws_at_every_step():
    cell = Zoneout(LSTM(64), [0.3, 0.0])
    # Unrolled: nothing can be drawn in a loop of JAX.
    stock = keras.layers.RNN(cell, return_sequences=True, unroll=True)
    x = inputs().astype("float32")
    outputs = to_numpy(stock(x, training=True))
    kept = (outputs[:, 1:] == outputs[:, :-1]).mean(axis=(0, 2))
    assert np.all(np.abs(kept - 0.3) < 5 * np.sqrt(0.3 * 0.7 / (64 * BATCH)))


# === Residual ===


@pytest.mark.parametrize("kind", [GRU, MinGRU, RWKV4])
@pytest.mark.parametrize("units", [FEATURES, 4])
def test_residual_adds_the_input(kind, units):
    layer = layer_of(Residual(kind(units, dtype=EXACT)))
    plain = Recurrent(layer.cell.cell, return_sequences=True, return_state=True)
    expected, *states = plain(inputs())
    x = inputs()
    if units != FEATURES:
        x = x @ tools.named_weights(layer.cell)["shortcut_kernel"]
    outputs, *last = layer(inputs())
    assert error(outputs, to_numpy(expected) + x) < ROUNDING
    assert error(last, states) == 0
    assert len(layer.weights) - len(plain.weights) == (units != FEATURES)


def test_residual_is_as_wide_as_the_output():
    """Not as wide as the state, where a cell has other outputs."""
    cell = Residual(cells.ProjectedLSTM(5, projection_units=3))
    assert (cell.units, cell.output_size) == (5, 3)
    layer = layer_of(cell)
    assert layer.cell.shortcut_kernel is None
    assert layer(inputs())[0].shape == (BATCH, STEPS, 3)


# === Learned initial state ===


def test_a_learned_state_starts_from_that_of_the_cell():
    """And others are left as they are."""
    cell = LearnedInitialState(Counter(4))
    cell.build((None, FEATURES))
    (weight,) = cell.trainable_variables
    assert weight.name == "initial_state_0"
    assert (to_numpy(weight) == 2.0).all() and weight.shape == (4,)
    weight.assign([1.0, 2.0, 3.0, 4.0])
    n, m = cell.get_initial_state(3)
    assert (to_numpy(n) == [[1.0, 2.0, 3.0, 4.0]] * 3).all()
    assert (to_numpy(m) == 5.0).all() and m.shape == (3, 1)


@pytest.mark.parametrize("kind", [LSTM, MinGRU])
@pytest.mark.parametrize("form", ["loop", "parallel"])
def test_gradients_reach_a_learned_state(kind, form):
    """They are the sums over the batch of those of given states."""
    layer = layer_of(LearnedInitialState(kind(4, dtype=EXACT)))
    weights = [w for w in layer.weights if w.name.startswith("initial")]
    given = [np.tile(to_numpy(w), (BATCH, 1)) for w in weights]

    def function(*states):
        states = list(states) or None
        return tools.weighted(None, *tools.run(layer, inputs(), states, form))

    value, found = tools.gradients(function, weights, [])
    same, expected = tools.gradients(function, [], given)
    assert error(value, same) < ROUNDING
    assert error(found, [g.sum(axis=0) for g in expected]) < ROUNDING
    assert min(np.abs(g).max() for g in found) > 0.01
    difference, bound = (1e-2, 1e-3) if ON_JAX else (1e-5, 1e-7)
    for weight, gradient in zip(weights, found, strict=True):
        direction, at = normal(4, seed=3), to_numpy(weight)
        values = []
        for step in (difference, -difference):
            weight.assign(at + step * direction)
            values.append(to_numpy(function()))
        weight.assign(at)
        slope = (values[0] - values[1]) / (2 * difference)
        assert error(np.sum(gradient * direction), slope) < bound


def test_a_stateful_layer_goes_back_to_the_learned_state():
    layer = layer_of(
        LearnedInitialState(GRU(4, dtype=EXACT)),
        stateful=True,
        return_state=False,
    )
    fresh = Recurrent(layer.cell, return_sequences=True)
    layer.reset_state()
    expected = to_numpy(fresh(inputs()))
    assert error(layer(inputs()), expected) < ROUNDING
    assert error(layer(inputs()), expected) > 0.01
    layer.reset_state()
    assert error(layer(inputs()), expected) < ROUNDING


def test_training_moves_a_learned_state():
    cell = LearnedInitialState(Zoneout(MinGRU(4), 0.1))
    model = keras.Sequential(
        [keras.Input((None, FEATURES)), Recurrent(cell), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    model.fit(inputs(steps=1), np.ones((BATCH, 1)), verbose=0)
    assert np.abs(to_numpy(cell.initial[0])).min() > 1e-6


# === Reset ===

SEPARATE = {
    "gru": GRU,
    "lstm": LSTM,
    "min_gru": MinGRU,
    "mlstm": MLSTM,
    "rwkv4": RWKV4,
    "slstm": SLSTM,
    "qrnn": lambda units, **o: QRNN(units, kernel_size=3, **o),
}
# The steps at which each row begins anew, some of them one after the other.
BEGINNINGS = ((), (3,), (0, 6), (1, 2, 3))
LENGTH = 9


def packed():
    x = normal(len(BEGINNINGS), LENGTH, FEATURES, seed=4)
    flags = np.zeros((len(BEGINNINGS), LENGTH, 1))
    for e, beginnings in enumerate(BEGINNINGS):
        flags[e, list(beginnings)] = 1
    return x, np.concatenate([x, flags], axis=-1).astype(EXACT)


@pytest.mark.parametrize("name", SEPARATE)
def test_a_reset_begins_anew(name):
    """As the separate sequences, one by one: outputs and last states."""
    inner = SEPARATE[name](4, dtype=EXACT)
    layer = layer_of(Reset(inner), FEATURES + 1)
    plain = Recurrent(inner, return_sequences=True, return_state=True)
    x, with_flags = packed()
    outputs, *states = layer(with_flags)
    for e, beginnings in enumerate(BEGINNINGS):
        cuts = sorted({0, *beginnings, LENGTH})
        for first, end in zip(cuts[:-1], cuts[1:], strict=True):
            # Twice: a batch of two.
            rows = np.stack([x[e, first:end]] * 2)
            expected, *last = plain(rows)
            assert error(outputs[e, first:end], expected[0]) < ROUNDING
        size = len(inner.carry_size)
        found = [state[e] for state in states[:size]]
        assert error(found, [s[0] for s in last[:size]]) < ROUNDING
    assert error(outputs[1], plain(x)[0][1]) > 0.01


def test_a_reset_goes_back_to_a_learned_state():
    cell = Reset(LearnedInitialState(GRU(4, dtype=EXACT)))
    layer = layer_of(cell, FEATURES + 1)
    plain = Recurrent(cell.cell, return_sequences=True)
    x, with_flags = packed()
    expected = plain(x[:, 3:])
    assert error(layer(with_flags)[0][1, 3:], expected[1]) < ROUNDING


def test_a_reset_stops_gradients():
    """Nothing after it depends on anything before, nor on the flag."""
    layer = layer_of(Reset(RWKV4(4, dtype=EXACT)), FEATURES + 1)
    x, with_flags = packed()

    def function(x):
        return tools.weighted(None, layer(x)[0][:, 3:])

    (gradient,) = tools.gradients(function, [], [with_flags])[1]
    reach = np.abs(gradient).sum(axis=-1)
    assert (reach[1, :3] == 0).all() and (reach[1, 3:] > 1e-6).all()
    assert (reach[0] > 1e-6).all()
    assert (gradient[..., -1] == 0).all()


def test_a_flag_is_above_one_half():
    layer = layer_of(Reset(GRU(4, dtype=EXACT)), FEATURES + 1)
    x, with_flags = packed()
    for below, above in ((0.5, 0.51), (-1.0, 3.0)):
        other = with_flags.copy()
        other[..., -1] = np.where(with_flags[..., -1] > 0, above, below)
        assert error(layer(other), layer(with_flags)) == 0


# === Constants, topologies, errors, documentation ===


def test_constants_pass_through():
    wrapped = Zoneout(LearnedInitialState(Conditioned(4)), 0.0)
    layer = layer_of(Residual(wrapped))
    plain = Recurrent(layer.cell.cell.cell.cell, return_sequences=True)
    x = inputs().astype("float32")
    constants = {"context": normal(BATCH, CONTEXT, dtype="float32")}
    h = layer.get_initial_state(BATCH)
    expected = plain(x, initial_state=h, constants=constants)
    shortcut = x @ to_numpy(layer.cell.shortcut_kernel)
    found = layer(x, constants=constants)[0]
    assert error(found, to_numpy(expected) + shortcut) < 1e-6
    assert error(found, layer(x)[0]) > 0.01
    with pytest.raises(ValueError, match="takes no constants"):
        layer_of(Residual(GRU(4)))(x, constants=constants)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["seq2seq", "synced", "many_to_one"])
def test_in_a_topology(name, tmp_path):
    cell = Residual(LearnedInitialState(Zoneout(LSTM(8), RATES)))
    options = {"vocabulary": 11, "num_outputs": 3}
    if name == "seq2seq":
        options = {"source_vocabulary": 11, "target_vocabulary": 9}
    model = rnnzoo.build(name, cell=cell, num_layers=2, **options)
    x = np.array([[1, 5, 6, 2, 0], [1, 7, 2, 0, 0]])
    feed = {"source": x, "target": x % 9} if name == "seq2seq" else x
    before = to_numpy(keras.tree.flatten(model(feed))[0])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert error(keras.tree.flatten(loaded(feed))[0], before) == 0


MISTAKES = {
    "name": (lambda: Residual("lstm"), "Residual wraps.*cell='lstm'.*get"),
    "class": (lambda: Zoneout(LSTM, 0.1), "Zoneout wraps.*cell=<class"),
    "foreign": (
        lambda: Reset(keras.layers.GRUCell(4)),
        r"Reset wraps.*cell=<GRUCell.*KerasCell\(cell\)",
    ),
    "rate": (lambda: Zoneout(GRU(4), 1.0), r"`rates`.*\[0, 1\).*rates=1.0"),
    "rates": (
        lambda: Zoneout(LSTM(4), [0.1]),
        r"each of the 2 conditionable states of LSTM. Received: rates=\[0.1\]",
    ),
    "no rate": (lambda: Zoneout(GRU(4), None), "rates=None"),
    "memory": (lambda: Zoneout(MLSTM(4), 0.1), "Zoneout changes.*MLSTM, which"),
    "stabiliser": (
        lambda: LearnedInitialState(RWKV4(4)),
        "LearnedInitialState changes.*RWKV4, which has none",
    ),
    "reset inside": (
        lambda: Residual(Reset(GRU(4))),
        r"Received: Residual\(Reset\(...\)\). Write Reset\(Residual\(...\)\)",
    ),
    "residual inside": (
        lambda: Zoneout(LearnedInitialState(Residual(GRU(4))), 0.1),
        r"Zoneout around Residual. Write Residual\(Zoneout\(...\)\)",
    ),
    "early": (
        lambda: LearnedInitialState(GRU(4)).get_initial_state(2),
        "which it has after `build`",
    ),
    "flag alone": (
        lambda: Reset(GRU(4)).build((None, None, 1)),
        r"must be two at least. Received: input shape \(None, None, 1\)",
    ),
    "width": (
        lambda: Reset(GRU(4)).build((None, None)),
        "needs a known number of input features",
    ),
    "units": (
        lambda: cells.get(Residual(GRU(4)), units=5),
        "units=5 and a Residual of 4 units",
    ),
    "dropout": (
        lambda: Recurrent(Residual(GRU(4)), recurrent_dropout=0.1),
        "Set it on the instance",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(name):
    mistake, message = MISTAKES[name]
    with pytest.raises(ValueError, match=f"(?s){message}"):
        mistake()


@pytest.mark.parametrize(
    "kind", [Zoneout, Residual, LearnedInitialState, Reset]
)
def test_a_wrapper_states_its_source_and_its_equations(kind):
    docstring = inspect.getdoc(kind)
    assert re.search(r"https://\S+\w", docstring)
    equations = re.findall(r"\n\n((?: {4}.*\n)+)\n", docstring)
    assert any("=" in block for block in equations)
