import keras
import numpy as np
import pytest

from rnnzoo.layers import CharacterEncoder
from rnnzoo.layers.character_encoder import KINDS
from tests.references import classic

# Words of all lengths, none among them, and one that ends the sentence.
WORDS = np.array(
    [[[3, 4, 5, 6], [2, 0, 0, 0]], [[7, 2, 0, 0], [0, 0, 0, 0]]], "int32"
)


def made(kind, **options):
    layer = CharacterEncoder(9, 6, kind, embedding_dim=4, **options)
    layer.build(WORDS.shape)
    rng = np.random.default_rng(0)
    for weight in layer.weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    return layer


def convolved(weights, e, width):
    """A window around each character, then the maximum over them."""
    W, b = weights["kernel"], weights["bias"]
    before = (width - 1) // 2
    e = np.pad(e, ((before, width - 1 - before), (0, 0)))
    windows = [e[j : j + width] for j in range(len(e) - width + 1)]
    h = [np.tanh(np.tensordot(w, W, 2) + b) for w in windows]
    return np.max(h, axis=0)


def read(weights, e):
    """The state after the last step of `e`."""
    states = [np.zeros((1, 3)), np.zeros((1, 3))]
    for e_t in e:
        h, states = classic.lstm(weights, e_t[None], states)
    return h[0]


def values(layer, *parts):
    return {
        weight.name: weight.numpy().astype("float64")
        for weight in layer.weights
        if all(part in weight.path for part in parts)
    }


def reference(layer, word, width=3):
    characters = word[word != 0]
    if not len(characters):
        return np.zeros(6)
    e = values(layer, "embedding")["embeddings"][characters]
    if layer.kind == "cnn":
        return convolved(values(layer, "convolution"), e, width)
    forward, backward = (values(layer, d) for d in ("forward", "backward"))
    return np.concatenate([read(forward, e), read(backward, e[::-1])])


@pytest.mark.parametrize(
    ("kind", "options"), [("cnn", {}), ("cnn", {"width": 2}), ("lstm", {})]
)
def test_is_what_numpy_does_to_each_word(kind, options):
    layer = made(kind, **options)
    expected = [
        [reference(layer, word, **options) for word in row] for row in WORDS
    ]
    found = np.array(layer(WORDS))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert not found[1, 1].any()
    # More padding, of characters and of words, changes nothing.
    wide = np.pad(WORDS, ((0, 0), (0, 1), (0, 2)))
    found = np.array(layer(wide))
    np.testing.assert_allclose(found[:, :2], expected, rtol=1e-5, atol=1e-6)
    assert not found[:, 2].any()


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_model_of_any_length(kind, tmp_path):
    inputs = keras.Input((None, None), dtype="int32")
    outputs = made(kind, dropout=0.1, name="mine")(inputs)
    assert outputs.shape == (None, None, 6)
    model = keras.Model(inputs, outputs)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(WORDS), model(WORDS))
    one, other = (m.get_layer("mine").get_config() for m in (model, again))
    assert one == other


@pytest.mark.parametrize("kind", KINDS)
def test_drops_in_training_only(kind):
    layer = made(kind, dropout=0.5)
    exact = np.array(made(kind)(WORDS))
    np.testing.assert_array_equal(layer(WORDS), exact)
    assert np.abs(layer(WORDS, training=True) - exact).max() > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_mixed_precision(kind):
    layer = made(kind, dtype="mixed_bfloat16")
    assert {w.dtype for w in layer.weights} == {"float32"}
    found = keras.ops.cast(layer(WORDS), "float32")
    difference = np.abs(found - made(kind)(WORDS)).max()
    assert 1e-5 < difference < 0.05


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "gru"}, "Unknown kind: 'gru'"),
        ({"kind": "lstm", "units": 5}, "must be even.*Received: units=5"),
        ({"width": 0}, "`width` must be a positive integer"),
        ({"dropout": 1}, "`dropout` must be a number in"),
    ],
)
def test_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        CharacterEncoder(9, **options)


def test_ids_of_another_shape():
    with pytest.raises(ValueError, match="reads ids .batch, words, char"):
        CharacterEncoder(9)(WORDS[0])
