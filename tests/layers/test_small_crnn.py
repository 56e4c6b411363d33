"""Convolutions, then a recurrent network over columns."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.layers import small_cnn, small_crnn


def columns(network, image):
    """Features by column: (columns, n)."""
    features = keras.ops.convert_to_numpy(network(image[None]))[0]
    return features if features.ndim == 2 else features.mean(axis=0)


def test_every_column_knows_the_whole_line():
    image = np.random.RandomState(0).rand(12, 52, 1).astype("float32")
    changed = image.copy()
    changed[:, -2:] = 0
    whole, local = small_crnn(image.shape, units=8), small_cnn(image.shape)
    assert columns(whole, image).shape == (13, 16)
    for network, everywhere in ((whole, True), (local, False)):
        difference = columns(network, image) - columns(network, changed)
        moved = np.abs(difference).max(axis=1) > 1e-9
        assert moved[-1]
        assert moved[0] == everywhere


def test_lines_of_any_width():
    network = small_crnn((8, None), units=4)
    for width in (8, 30):
        assert network(np.ones((2, 8, width))).shape == (2, width // 4, 8)


@pytest.mark.parametrize("shape", [(12,), (3, 40), (40, 3, 1)])
def test_what_is_no_image_is_refused(shape):
    with pytest.raises(ValueError, match="image"):
        small_crnn(shape)


def test_no_image_changes_another():
    """So that several devices train to the weights of one."""
    network = small_crnn((8, 16), units=4)
    for layer in network.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    images = np.random.RandomState(0).rand(2, 8, 16).astype("float32")
    both = network(images, training=True)
    alone = network(images[:1], training=True)
    np.testing.assert_allclose(both[:1], alone, atol=1e-6)


@pytest.mark.slow
def test_a_model_with_it_writes_the_same_after_loading(tmp_path):
    texts = ["one two", "two"]
    vocabulary = rnnzoo.text.WordVocabulary.from_texts(texts)
    model = rnnzoo.build(
        "captioning",
        input_shape=(8, 16, 1),
        encoder="crnn",
        attention="additive",
        vocabulary=vocabulary,
        units=8,
    )
    images = np.random.RandomState(1).rand(2, 8, 16, 1)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.generate(images, max_length=5),
        model.generate(images, max_length=5),
    )


def test_examples_are_values_and_ids_with_end():
    vocabulary = rnnzoo.text.WordVocabulary.from_texts(["one two", "two"])
    build = rnnzoo.architectures.OneToMany
    model = build(input_shape=(3,), vocabulary=vocabulary, units=4)
    values = np.ones((2, 3))
    examples = model.examples(values, ["two one", "two"])
    assert examples["source"] is values
    assert examples["target"].tolist() == [[4, 5, 2], [4, 2, 0]]
    bare = build(input_shape=(3,), vocabulary=9, units=4)
    with pytest.raises(ValueError, match="no vocabulary"):
        bare.examples(values, ["two one", "two"])
