import keras
import numpy as np
import pytest

from rnnzoo.layers import CharacterEncoder, WordEncoder
from tests.cells import tools

IDS = np.array([[[5, 6, 7, 8], [9, 0, 0, 0]], [[4, 3, 0, 0], [0, 0, 0, 0]]])


def made(**options):
    encoder = CharacterEncoder(10, units=6, **options)
    encoder.build(IDS.shape)
    return tools.randomise(encoder)


@pytest.mark.parametrize("kernel_size", [1, 2, 3, 5])
def test_convolution_against_numpy(kernel_size):
    encoder = made(kernel_size=kernel_size)
    table, kernel, bias = (w.astype("float64") for w in encoder.get_weights())
    before = (kernel_size - 1) // 2
    expected = np.zeros((2, 2, 6))
    for row, word in np.ndindex(2, 2):
        ids = IDS[row, word]
        e = table[ids[ids != 0]]
        if len(e):
            after = kernel_size - 1 - before
            e = np.pad(e, ((before, after), (0, 0)))
            windows = [
                np.tensordot(e[t : t + kernel_size], kernel, 2) + bias
                for t in range(len(e) - kernel_size + 1)
            ]
            expected[row, word] = np.max(windows, axis=0)
    np.testing.assert_allclose(encoder(IDS), expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("cell", ["lstm", "min_gru", keras.layers.GRUCell(3)])
def test_a_cell_reads_each_word_in_both_directions(cell):
    encoder = made(cell=cell)
    assert encoder.units == 6
    found = encoder(IDS)
    stack = encoder.recurrent.stack
    for row, word in ((0, 0), (0, 1), (1, 0)):
        ids = IDS[row, word]
        x = encoder.recurrent.embedding(ids[None, ids != 0])
        outputs = stack(x)[0]
        # The last outputs of either direction, which are at either end.
        expected = np.concatenate([outputs[-1, :3], outputs[0, 3:]])
        np.testing.assert_allclose(found[row, word], expected, atol=1e-6)
    assert not np.any(found[1, 1])


@pytest.mark.parametrize("cell", [None, "gru"])
def test_padding_changes_nothing(cell):
    encoder = made(cell=cell)
    wide = np.pad(IDS, ((0, 0), (0, 1), (0, 3)))
    np.testing.assert_allclose(encoder(wide)[:, :2], encoder(IDS), atol=1e-6)
    assert not np.any(encoder(wide)[:, 2])


@pytest.mark.parametrize("cell", [None, "gru"])
def test_comes_back_from_its_config_with_words(cell):
    words = np.array([[4, 5], [6, 0]])
    encoder = WordEncoder(8, 3, made(cell=cell, kernel_size=2))
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


def test_what_is_wrong():
    with pytest.raises(ValueError, match="must be even. Received: units=7"):
        CharacterEncoder(10, units=7, cell="gru")
    with pytest.raises(ValueError, match=r"\(batch, words, characters\)\. Rec"):
        CharacterEncoder(10)(IDS[0])
