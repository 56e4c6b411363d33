import keras
import numpy as np

from rnnzoo.layers import TiedEmbedding
from rnnzoo.layers.embedding import token_embedding


def test_vectors_have_features_of_variance_one():
    for layer in (
        token_embedding(2000, 64, None),
        TiedEmbedding(2000, 64),
    ):
        x = np.asarray(layer(np.arange(2000)[None]))
        np.testing.assert_allclose([x.mean(), x.std()], [0, 1], atol=0.01)


def test_tied_embedding_is_its_equations():
    layer = TiedEmbedding(9, 4)
    ids = np.array([[5, 6], [0, 8]])
    x = np.asarray(layer(ids))
    E = layer.embeddings.numpy()
    np.testing.assert_allclose(x, 2.0 * E[ids], rtol=1e-6)
    b = np.arange(9.0)
    layer.bias.assign(b)
    np.testing.assert_allclose(layer.logits(x), x @ E.T + b, rtol=1e-5)
    single = layer.logits(x[:, 0])
    np.testing.assert_allclose(single, x[:, 0] @ E.T + b, rtol=1e-5)


def test_tied_embedding_under_mixed_precision():
    layer = TiedEmbedding(9, 4, dtype="mixed_bfloat16")
    x = layer(np.array([[5, 6]]))
    assert keras.backend.standardize_dtype(x.dtype) == "bfloat16"
    assert keras.backend.standardize_dtype(layer.logits(x).dtype) == "float32"


def test_tied_embedding_comes_back_from_its_config():
    layer = TiedEmbedding(9, 4, name="mine")
    config = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(config)
    assert (again.name, again.input_dim, again.output_dim) == ("mine", 9, 4)


def test_tied_embedding_comes_back_from_a_file(tmp_path):
    """Matrix and bias."""
    ids = keras.Input((None,), dtype="int32")
    layer = TiedEmbedding(9, 4)
    model = keras.Model(ids, layer(ids))
    layer.bias.assign(np.arange(9.0))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for new, old in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(new, old)
