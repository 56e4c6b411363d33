"""What single cells promise beyond their equations: starts, bounds, energy."""

import keras
import numpy as np
import pytest

from rnnzoo import cells
from rnnzoo.layers import Recurrent
from tests.cells import tools
from tests.cells.statistics import identity, normal, uniform, zeros

FEATURES = 3


def built(cell, features=FEATURES):
    cell.build((None, None, features))
    return {w.name: tools.to_numpy(w) for w in cell.weights}


def silence(cell, states, timesteps):
    """The outputs `(timesteps, units)` where all inputs are zero."""
    layer = Recurrent(cell, return_sequences=True)
    states = [np.array([s], "float32") for s in states]
    x = np.zeros((1, timesteps, FEATURES), "float32")
    return tools.to_numpy(layer(x, initial_state=states))[0]


# === Elman, Jordan ===


def test_an_irnn_starts_from_the_identity():
    cell = cells.Elman(40, activation="relu", recurrent_initializer="identity")
    weights = built(cell, features=60)
    normal(0.001)(weights["kernel"])
    identity(weights["recurrent_kernel"])
    zeros(weights["bias"])


def test_a_new_irnn_keeps_its_state():
    cell = cells.Elman(4, activation="relu", recurrent_initializer="identity")
    start = [0.0, 1.0, 2.0, 3.0]
    assert np.allclose(silence(cell, [start], 500)[-1], start, atol=1e-6)


def test_the_context_of_jordan_is_a_fading_sum_of_outputs():
    cell = cells.Jordan(4, output_units=2, self_connection=0.7)
    layer = Recurrent(cell, return_sequences=True, return_state=True)
    layer.build((None, None, FEATURES))
    tools.randomise(layer)
    x = tools.normal(1, 5, FEATURES, dtype="float32")
    outputs, context = (tools.to_numpy(t)[0] for t in layer(x))
    shares = 0.7 ** np.arange(5)[::-1]
    assert np.allclose(context, shares @ outputs, atol=1e-6)


# === IndRNN ===


@pytest.mark.parametrize(
    "options, low, high",
    [
        ({}, 0.0, 1.0),
        ({"longest_span": 10}, 0.0, 2**0.1),
        ({"shortest_span": 10}, 2**-0.1, 1.0),
        ({"longest_span": 20, "shortest_span": 10}, 2**-0.1, 2**0.05),
    ],
)
def test_spans_of_indrnn(options, low, high):
    weights = built(cells.IndRNN(1000, **options))
    uniform(high, low)(weights["recurrent_kernel"])


@pytest.mark.parametrize("longest_span", [None, 10])
def test_training_keeps_indrnn_within_its_span(longest_span):
    cell = cells.IndRNN(8, longest_span=longest_span)
    inputs = keras.Input((5, FEATURES))
    model = keras.Model(inputs, Recurrent(cell)(inputs))
    model.compile(keras.optimizers.SGD(1.0), "mse")
    x = np.abs(tools.normal(32, 5, FEATURES, dtype="float32"))
    cell.kernel.assign(np.abs(tools.to_numpy(cell.kernel)))
    model.train_on_batch(x, 100 * np.ones((32, 8), "float32"))
    u = tools.to_numpy(cell.recurrent_kernel)
    if longest_span is None:
        assert u.max() > 2
    else:
        assert np.allclose(u.max(), 2**0.1, atol=1e-6)


# === RHN ===


def test_uncoupled_gates_of_rhn_start_as_if_coupled():
    cell = cells.RHN(4, depth=2, coupled=False, transform_bias=-3.0)
    bias = built(cell)["bias"].reshape(2, 3, 4)
    assert (bias[:, 0] == 0).all()
    assert (bias[:, 1] == -3).all() and (bias[:, 2] == 3).all()


# === Differential equations ===


def test_small_antisymmetric_states_keep_their_norm():
    """Where tanh is linear, and but for the error of Euler's steps."""
    start = 1e-3 * np.ones(8)
    for diffusion, expected in [(0.0, 1.0), (0.5, np.exp(-0.5))]:
        cell = cells.AntisymmetricRNN(8, step_size=5e-3, diffusion=diffusion)
        last = silence(cell, [start], 200)[-1]
        ratio = np.linalg.norm(last) / np.linalg.norm(start)
        assert abs(ratio / expected - 1) < 0.05
        assert np.abs(last - expected * start).max() > 1e-4


def test_an_oscillator_by_itself_swings_at_the_root_of_gamma():
    cell = cells.CoRNN(2, dt=0.01, gamma=4.0, epsilon=0.0)
    cell.build((None, None, FEATURES))
    for weight in cell.weights:
        weight.assign(np.zeros(weight.shape))
    y = silence(cell, [[1.0, 0.5], [0.0, 0.0]], 300)
    time = 0.01 * np.arange(1, 301)
    expected = np.cos(2 * time)[:, None] * [1.0, 0.5]
    assert np.abs(y - expected).max() < 0.02


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell, options",
    [
        (cells.AntisymmetricRNN, {}),
        (cells.CoRNN, {"dt": 0.01}),
        (cells.LEM, {"dt": 0.01}),
    ],
)
def test_small_steps_add_up_in_mixed_bfloat16(cell, options):
    """500 of them; bfloat16 loses steps below a 256th of the state."""
    x = np.ones((1, 500, FEATURES), "float32")
    found = []
    for dtype in ("float32", "mixed_bfloat16"):
        layer = Recurrent(cell(8, dtype=dtype, **options))
        layer.build(x.shape)
        tools.randomise(layer, scale=0.3)
        found.append(tools.to_numpy(layer(x)))
    assert np.abs(found[0]).max() > 0.1
    assert tools.error(found[1], found[0]) < 0.02


# === ESN ===


@pytest.mark.parametrize(
    "units, connectivity, fan_in",
    [(1, 0.1, 1), (2, 0.1, 1), (5, 0.1, 1), (30, 0.2, 6), (30, 1.0, 30)],
)
def test_reservoirs_of_any_size_have_their_spectral_radius(
    units, connectivity, fan_in
):
    for radius in (0.5, 1.3):
        cell = cells.ESN(
            units, spectral_radius=radius, connectivity=connectivity
        )
        U = built(cell)["recurrent_kernel"]
        assert ((U != 0).sum(axis=0) == fan_in).all()
        assert abs(np.abs(np.linalg.eigvals(U)).max() - radius) < 1e-3


def test_input_scaling_of_esn():
    weights = built(cells.ESN(500, input_scaling=0.2), features=20)
    uniform(0.2)(weights["kernel"])
    uniform(0.2)(weights["bias"])


def test_a_reservoir_follows_the_seed_of_keras():
    found = []
    for seed in (3, 3, 4):
        keras.utils.set_random_seed(seed)
        found.append(built(cells.ESN(20)))
    for name in ("kernel", "recurrent_kernel", "bias"):
        first, second, third = (weights[name] for weights in found)
        assert (first == second).all()
        assert (first != third).any()


def test_training_leaves_a_reservoir_alone():
    cell = cells.ESN(20)
    inputs = keras.Input((5, FEATURES))
    readout = keras.layers.Dense(1)
    model = keras.Model(inputs, readout(Recurrent(cell)(inputs)))
    model.compile("sgd", "mse")
    assert cell.trainable_weights == []
    assert [len(cell.weights), len(model.trainable_weights)] == [3, 2]
    before = [tools.to_numpy(w) for w in cell.weights]
    kernel = tools.to_numpy(readout.kernel)
    x = tools.normal(8, 5, FEATURES, dtype="float32")
    model.fit(x, np.ones((8, 1)), verbose=0)
    after = [tools.to_numpy(w) for w in cell.weights]
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
    assert (tools.to_numpy(readout.kernel) != kernel).any()


def test_echoes_fade():
    """From any initial state, a reservoir comes to the same states."""
    keras.utils.set_random_seed(0)
    layer = Recurrent(cells.ESN(50, spectral_radius=0.8))
    x = tools.normal(2, 100, FEATURES, dtype="float32")
    x[1] = x[0]
    start = [tools.normal(2, 50, seed=1, dtype="float32")]
    outputs = tools.to_numpy(layer(x, initial_state=start))
    assert np.abs(outputs[0] - outputs[1]).max() < 1e-5
    assert np.abs(outputs).max() > 0.1


# === Options ===


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: cells.Elman(4, recurrent_initializer="identiy"),
            "Did you mean 'identity'",
        ),
        (
            lambda: cells.Jordan(4, self_connection=1.0),
            r"in \[0, 1\). Received: self_connection=1.0",
        ),
        (lambda: cells.IndRNN(4, longest_span=0), "longest_span=0"),
        (lambda: cells.IndRNN(4, shortest_span=2.5), "shortest_span=2.5"),
        (lambda: cells.RHN(4, depth=0), "depth=0"),
        (
            lambda: cells.RHN(4, transform_bias=float("nan")),
            "transform_bias=nan",
        ),
        (
            lambda: cells.AntisymmetricRNN(4, step_size=0),
            r"in \(0, inf\). Received: step_size=0",
        ),
        (lambda: cells.AntisymmetricRNN(4, diffusion=-1), "diffusion=-1"),
        (lambda: cells.CoRNN(4, dt="1"), "dt='1'"),
        (lambda: cells.CoRNN(4, gamma=-0.1), "gamma=-0.1"),
        (lambda: cells.CoRNN(4, epsilon=-0.1), "epsilon=-0.1"),
        (lambda: cells.LEM(4, dt=0.0), "dt=0.0"),
        (lambda: cells.ESN(4, spectral_radius=0), "spectral_radius=0"),
        (
            lambda: cells.ESN(4, leak_rate=1.5),
            r"in \(0, 1\]. Received: leak_rate=1.5",
        ),
        (lambda: cells.ESN(4, connectivity=True), "connectivity=True"),
        (lambda: cells.ESN(4, input_scaling=0.0), "input_scaling=0.0"),
    ],
)
def test_cells_check_their_options(make, message):
    with pytest.raises(ValueError, match=message):
        make()
