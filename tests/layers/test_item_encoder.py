import keras
import numpy as np
import pytest

from rnnzoo.layers import ItemEncoder, small_cnn
from tests.cells import tools

RNG = np.random.default_rng(0)
REGIONS = RNG.normal(size=(3, 4, 5)).astype("float32")
IMAGES = RNG.uniform(size=(3, 6, 4, 2)).astype("float32")


def made(network=None, regions=False, item=REGIONS, **options):
    layer = ItemEncoder(7, network, regions, **options)
    layer(item)
    tools.randomise(layer.summarise, scale=0.5)
    return layer


def summary(layer, features):
    W, b = (w.numpy() for w in layer.summarise.weights)
    return np.maximum(features @ W + b, 0)


def check(layer, item, features, regions=None):
    """What the layer makes of an item, against features and regions."""
    found = layer(item)
    expected = summary(layer, features)
    assert expected.any()
    np.testing.assert_allclose(found["summary"], expected, atol=1e-5)
    assert ("memory" in found) == (regions is not None)
    if regions is not None:
        np.testing.assert_allclose(found["memory"], regions, atol=1e-6)
    # What a functional model knows of it before it runs.
    spec = layer.compute_output_spec(keras.KerasTensor((None, *item.shape[1:])))
    for name, value in found.items():
        assert spec[name].shape[-1] == value.shape[-1]
        assert len(spec[name].shape) == len(value.shape)


def test_an_item_alone_is_laid_out():
    check(made(), REGIONS, REGIONS.reshape(3, 20))
    vectors = REGIONS[:, 0]
    check(made(item=vectors), vectors, vectors)


def test_regions_made_before():
    check(made(regions=True), REGIONS, REGIONS.mean(axis=1), REGIONS)
    grid = REGIONS.reshape(3, 2, 2, 5)
    layer = made(regions=True, item=grid)
    check(layer, grid, REGIONS.mean(axis=1), REGIONS)


@pytest.mark.parametrize("regions", [False, True])
def test_a_network_makes_the_features(regions):
    network = small_cnn((6, 4, 2), filters=(3, 5))
    maps = np.array(network(IMAGES))
    assert maps.shape == (3, 3, 2, 5)
    expected = maps.reshape(3, 6, 5)
    layer = made(network, regions, IMAGES)
    shown = expected if regions else None
    check(layer, IMAGES, expected.mean(axis=1), shown)


def test_a_network_that_gives_vectors():
    network = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(4)])
    layer = made(network)
    check(layer, REGIONS, np.array(network(REGIONS)))


def convolve(x, kernel, bias):
    """One image `(height, width, channels)`, padded with zeros."""
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    y = np.zeros((*x.shape[:2], len(bias)))
    for i, j in np.ndindex(*x.shape[:2]):
        window = padded[i : i + 3, j : j + 3]
        y[i, j] = np.tensordot(window, kernel, 3) + bias
    return np.maximum(y, 0)


@pytest.mark.parametrize("shape", [(6, 4, 2), (6, 4)])
def test_small_cnn_is_what_numpy_does(shape):
    network = small_cnn(shape, filters=(3, 5))
    network.build((None, *shape))
    images = IMAGES.reshape(3, 6, 4, 2)[..., : np.prod(shape) // 24]
    tools.randomise(network, scale=0.4)
    K, a, L, b = (w.numpy().astype("float64") for w in network.weights)
    expected = []
    for image in images:
        x = convolve(image, K, a).reshape(3, 2, 2, 2, 3).max(axis=(1, 3))
        expected.append(convolve(x, L, b))
    found = network(images.reshape(3, *shape))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def frozen():
    image = keras.Input((6, 4, 2))
    x = keras.layers.Conv2D(3, 3)(image)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Dropout(0.5)(x)
    network = keras.Model(image, x)
    network.trainable = False
    return network


def test_comes_back_from_its_config_frozen_as_it_was():
    layer = made(frozen(), True, IMAGES)
    assert len(layer.trainable_weights) == 2
    config = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(config)
    again(IMAGES)
    assert len(again.trainable_weights) == 2
    assert again.get_config() == layer.get_config()
    again.set_weights(layer.get_weights())
    for name, value in layer(IMAGES).items():
        np.testing.assert_array_equal(again(IMAGES)[name], value)


def test_training_reaches_the_network():
    """Of which dropout is the one that training alone has."""
    layer = made(frozen(), True, IMAGES)
    first, second = (layer(IMAGES, training=True)["memory"] for _ in range(2))
    assert np.abs(np.array(first - second)).max() > 0.01
    first, second = (layer(IMAGES)["memory"] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: made(regions=True, item=REGIONS[:, 0]),
            r"looks at regions .* features of the shape \(5,\)",
        ),
        (
            lambda: made(keras.layers.Flatten(), True),
            r"features of the shape \(20,\)\. Pass features \(regions, ch",
        ),
        (lambda: ItemEncoder(0), "`units` must be a positive integer"),
        (lambda: small_cnn((5,)), r"reads images.* input_shape=\(5,\)"),
        (lambda: small_cnn((5, 5, 3, 1)), "A CNN reads images"),
    ],
)
def test_what_cannot_be_meant(call, message):
    with pytest.raises(ValueError, match=message):
        call()
