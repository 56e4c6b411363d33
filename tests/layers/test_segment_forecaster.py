"""Forecasts in segments, against the paper in NumPy."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo.layers import SegmentForecaster, Stack

SERIES = np.random.default_rng(0).normal(size=(3, 12, 2)).astype("float32")


def make(stack=None, horizon=6, segment=3, **options):
    """A forecaster whose weights are all drawn, for series of 2 channels."""
    keras.utils.set_random_seed(1)
    layer = SegmentForecaster(
        stack or Stack("gru", units=5), horizon, segment, **options
    )
    layer.build((None, None, 2))
    rng = np.random.default_rng(2)
    for weight in layer.weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    return layer


def array(x):
    return ops.convert_to_numpy(x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(x, h, kernel, recurrent_kernel, bias):
    """A step as PyTorch and Keras have it: `reset_after`."""
    z, r, g = np.split(x @ kernel + bias[0], 3, axis=-1)
    uz, ur, ug = np.split(h @ recurrent_kernel + bias[1], 3, axis=-1)
    z, r = sigmoid(z + uz), sigmoid(r + ur)
    return z * h + (1 - z) * np.tanh(g + r * ug)


def reference(layer, series):
    """One value after the other, row by row and channel by channel."""

    def double(*variables):
        return [array(v).astype("float64") for v in variables]

    cell = double(*layer.stack.blocks[0].forward.cell.weights)
    embed = double(*layer.embed.weights)
    head = double(*layer.head.weights)
    places, channels = double(layer.places, layer.channels)
    size = layer.segment
    y = np.zeros((len(series), layer.horizon, series.shape[-1]))
    for row in range(len(series)):
        for channel in range(series.shape[-1]):
            x = series[row, :, channel].astype("float64")
            last = x[-1]
            h = np.zeros(layer.stack.width)
            for start in range(0, len(x), size):
                s = x[start : start + size] - last
                e = np.maximum(s @ embed[0] + embed[1], 0)
                h = gru(e, h, *cell)
            for m in range(layer.horizon // size):
                query = np.concatenate([places[m], channels[channel]])
                out = gru(query, h, *cell) @ head[0] + head[1]
                y[row, m * size : (m + 1) * size, channel] = out + last
    return y


@pytest.mark.parametrize("timesteps", [12, 3])
def test_is_the_paper_in_numpy(timesteps):
    layer = make()
    series = SERIES[:, :timesteps]
    expected = reference(layer, series)
    np.testing.assert_allclose(array(layer(series)), expected, atol=2e-6)


@pytest.mark.parametrize(
    "stack",
    [
        lambda: Stack("lstm", 4, num_layers=2, residual=True, pre_norm=True),
        lambda: Stack("min_gru", 5, num_layers=2),
        lambda: Stack("rwkv7", 4, block="rwkv"),
    ],
    ids=["lstm", "min_gru", "rwkv"],
)
def test_any_stack_forecasts_each_channel_by_itself(stack):
    layer = make(stack())
    whole = array(layer(SERIES))
    assert whole.shape == (3, 6, 2) and np.ptp(whole, axis=1).min() > 1e-3
    # Another past of one channel leaves the forecast of the other alone.
    changed = SERIES.copy()
    changed[:, :6, 1] += 1
    other = array(layer(changed))
    np.testing.assert_allclose(other[..., 0], whole[..., 0], atol=1e-6)
    assert np.abs(other[..., 1] - whole[..., 1]).max() > 1e-3


def test_a_shifted_past_has_a_shifted_future():
    layer = make()
    shifted = array(layer(SERIES + 8))
    np.testing.assert_allclose(shifted, array(layer(SERIES)) + 8, atol=1e-5)


def test_large_values_are_not_rounded_to_16_bits():
    layer = make(Stack("gru", 5, dtype="mixed_bfloat16"))
    exact = make()
    series = SERIES + 1000
    y = layer(series)
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    np.testing.assert_allclose(array(y), array(exact(series)), atol=0.1)


def test_dropout_is_that_of_the_stack():
    layer = make(Stack("gru", 50, dropout=0.5))
    y, same = (array(layer(SERIES)) for _ in range(2))
    np.testing.assert_array_equal(y, same)
    dropped = array(layer(SERIES, training=True))
    assert np.abs(dropped - y).max() > 0.1
    # Of what goes into the head alone: states go on whole.
    places = array(layer.head.kernel)
    layer.head.kernel.assign(0 * places)
    np.testing.assert_allclose(
        array(layer(SERIES, training=True)), array(layer(SERIES)), atol=1e-6
    )


def test_config_comes_back():
    layer = make(Stack("lstm", 4, num_layers=2), dtype="mixed_bfloat16")
    again = SegmentForecaster.from_config(layer.get_config())
    again.build((None, None, 2))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(array(again(SERIES)), array(layer(SERIES)))
    assert again.dtype_policy.name == "mixed_bfloat16"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: make(horizon=7), "`horizon` must be .* 3 .* Take 6 or 9"),
        (lambda: make(horizon=2), "Received: horizon=2. Take 3, or"),
        (lambda: make(segment=0), "`segment` must be a positive integer"),
        (lambda: make(Stack("gru", 4, bidirectional=True)), "into the future"),
        (lambda: make()(SERIES[:, 1:]), "timesteps=11. Take 9 or 12"),
        (lambda: make()(SERIES[0]), "series|ndim"),
        (
            lambda: SegmentForecaster(Stack("gru", 4), 6, 3)(SERIES[0]),
            r"series \(batch, timesteps, channels\).*\(12, 2\)",
        ),
    ],
)
def test_what_cannot_be_forecast(build, message):
    with pytest.raises(ValueError, match=message):
        build()
