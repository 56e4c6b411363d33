import keras
import numpy as np
import pytest

from rnnzoo.layers import PerFrame


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


def test_a_network_counts_its_frames_and_nothing_else():
    """As one that normalises over its batch can tell."""
    network = keras.Sequential(
        [
            keras.layers.BatchNormalization(momentum=0.0),
            keras.layers.GlobalMaxPooling1D(),
        ]
    )
    frames = np.random.default_rng(0).normal(3, 1, size=(2, 3, 5, 2))
    PerFrame(network)(frames.astype("float32"), training=True)
    mean, variance = network.layers[0].non_trainable_weights
    np.testing.assert_allclose(mean, frames.mean(axis=(0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(variance, frames.var(axis=(0, 1, 2)), rtol=1e-4)
