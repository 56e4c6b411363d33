import keras
import numpy as np
import pytest

from rnnzoo.layers import CharacterEncoder, WordEncoder

IDS = np.array([[[5, 6, 7, 8], [9, 0, 0, 0]], [[4, 3, 0, 0], [0, 0, 0, 0]]])


@pytest.mark.parametrize("kind", ["cnn", "lstm"])
def test_comes_back_from_its_config_with_words(kind):
    words = np.array([[4, 5], [6, 0]])
    encoder = WordEncoder(
        8, 3, CharacterEncoder(10, units=6, kind=kind, width=2)
    )
    x = {"words": words, "characters": IDS}
    found = encoder(x)
    assert found.shape == (2, 2, 9)
    np.testing.assert_array_equal(found[..., :3], encoder.embedding(words))
    np.testing.assert_array_equal(found[..., 3:], encoder.characters(IDS))
    config = keras.saving.serialize_keras_object(encoder)
    again = keras.saving.deserialize_keras_object(config)
    again(x)
    again.set_weights(encoder.get_weights())
    np.testing.assert_array_equal(again(x), found)
