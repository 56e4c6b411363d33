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
    w = {
        v.path.split("/", 1)[-1]: array(v).astype("float64")
        for v in layer.weights
    }
    named = {
        name.split("/")[-2] + "/" + name.split("/")[-1]: v
        for name, v in w.items()
        if "/" in name
    }
    cell = [layer.stack.blocks[0].forward.cell]
    cell = [array(v).astype("float64") for v in cell[0].weights]
    places, channels = (
        array(v).astype("float64") for v in (layer.places, layer.channels)
    )
    size = layer.segment
    y = np.zeros((len(series), layer.horizon, series.shape[-1]))
    for row in range(len(series)):
        for channel in range(series.shape[-1]):
            x = series[row, :, channel].astype("float64")
            last = x[-1]
            h = np.zeros(layer.stack.width)
            for start in range(0, len(x), size):
                s = x[start : start + size] - last
                e = s @ named["embed/kernel"] + named["embed/bias"]
                h = gru(np.maximum(e, 0), h, *cell)
            for m in range(layer.horizon // size):
                query = np.concatenate([places[m], channels[channel]])
                out = gru(query, h, *cell)
                out = out @ named["head/kernel"] + named["head/bias"]
                y[row, m * size : (m + 1) * size, channel] = out + last
    return y


@pytest.mark.parametrize("timesteps", [12, 3])
def test_is_the_paper_in_numpy(timesteps):
    layer = make()
    series = SERIES[:, :timesteps]
    expected = reference(layer, series)
    np.testing.assert_allclose(array(layer(series)), expected, atol=2e-6)
