import keras
import numpy as np
import pytest

from rnnzoo.layers import FrameEncoder, PerFrame
from tests.cells import tools


def convolution(x, kernel, bias):
    """3 x 3 with ReLU, zeros around: `(height, width, channels)`."""
    x = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    height, width = x.shape[0] - 2, x.shape[1] - 2
    y = np.zeros((height, width, kernel.shape[-1]))
    for i in range(height):
        for j in range(width):
            patch = x[i : i + 3, j : j + 3]
            y[i, j] = np.tensordot(patch, kernel, 3) + bias
    return np.maximum(y, 0)


def pooling(x):
    """The maximum of every 2 x 2 places, fewer at the end."""
    height, width, channels = x.shape
    y = np.zeros((-(-height // 2), -(-width // 2), channels))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            patch = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            y[i, j] = patch.max(axis=(0, 1))
    return y


@pytest.mark.parametrize("size", [(8, 6), (5, 3), (1, 1)])
def test_against_numpy(size):
    encoder = FrameEncoder(filters=(3, 4), units=5)
    frames = np.random.default_rng(0).normal(size=(2, 3, *size, 2))
    frames = frames.astype("float32")
    encoder.build(frames.shape)
    tools.randomise(encoder, scale=0.3)
    *convolutions, dense = (
        [w.astype("float64") for w in layer.get_weights()]
        for layer in (*encoder.convolutions, encoder.dense)
    )
    expected = np.zeros((2, 3, 5))
    for row, step in np.ndindex(2, 3):
        x = frames[row, step]
        for kernel, bias in convolutions:
            x = pooling(convolution(x, kernel, bias))
        expected[row, step] = np.maximum(x.ravel() @ dense[0] + dense[1], 0)
    found = encoder(frames)
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5)


def test_comes_back_from_its_config():
    encoder = FrameEncoder(filters=[2], units=3)
    frames = np.random.default_rng(0).normal(size=(1, 2, 4, 4, 1))
    expected = encoder(frames)
    config = keras.saving.serialize_keras_object(encoder)
    again = keras.saving.deserialize_keras_object(config)
    again(frames)
    again.set_weights(encoder.get_weights())
    np.testing.assert_array_equal(again(frames), expected)


def test_what_is_no_frame():
    with pytest.raises(ValueError, match=r"channels\)\. Received: shape \(2, "):
        FrameEncoder()(np.ones((2, 3, 4, 4)))
    with pytest.raises(ValueError, match="`filters` must be a positive"):
        FrameEncoder(filters=(4, 0))


# === Any network ===


def test_a_network_sees_frames_one_by_one():
    network = keras.Sequential(
        [keras.layers.Conv1D(3, 2), keras.layers.GlobalMaxPooling1D()]
    )
    layer = PerFrame(network)
    frames = np.random.default_rng(0).normal(size=(2, 4, 5, 2))
    found = layer(frames.astype("float32"))
    assert found.shape == (2, 4, 3)
    assert layer.compute_output_shape((None, None, 5, 2)) == (None, None, 3)
    for step in range(4):
        expected = network(frames[:, step].astype("float32"))
        np.testing.assert_allclose(found[:, step], expected, atol=1e-6)


def test_a_network_that_gives_no_vectors():
    layer = PerFrame(keras.layers.Conv1D(3, 2, name="convolution"))
    with pytest.raises(ValueError, match="'convolution' gives .* 4, 3.* add"):
        layer.compute_output_shape((2, 4, 5, 2))
