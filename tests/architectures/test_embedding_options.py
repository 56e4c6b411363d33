"""Vectors of tokens: as wide as one likes, given, frozen."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.text import WordVocabulary, read_vectors

IDS = np.array([[4, 5, 6], [7, 4, 0]])
CHARACTERS = np.where(IDS[..., None] > 0, 4, 0)
Y = {"many_to_one": [0, 1], "synced": [[0, 1, 1], [1, 0, 0]]}
KINDS = {"tokens": ({}, IDS)}
KINDS["words"] = (
    {"characters": 6},
    {"words": IDS, "characters": CHARACTERS},
)


def build(architecture, **options):
    keras.utils.set_random_seed(1)
    return rnnzoo.build(architecture, vocabulary=8, units=6, **options)


@pytest.mark.parametrize(
    ("architecture", "kind"),
    [
        ("many_to_one", "tokens"),
        ("synced", "words"),
        pytest.param("many_to_one", "words", marks=pytest.mark.slow),
        pytest.param("synced", "tokens", marks=pytest.mark.slow),
    ],
)
def test_frozen_vectors_stay_and_others_learn(architecture, kind, tmp_path):
    options, x = KINDS[kind]
    given = np.random.RandomState(0).normal(size=(8, 3)).astype("float32")
    options = {**options, "embedding_dim": 3, "num_layers": 2}
    for train in (True, False):
        model = build(architecture, train_embedding=train, **options)
        model.set_vectors(given)
        weight = next(w for w in model.weights if w.shape == (8, 3))
        assert weight.trainable == train
        model.compile(keras.optimizers.SGD(0.5), run_eagerly=True)
        model.fit(x, np.array(Y[architecture]), verbose=0)
        assert np.array_equal(weight, given) == (not train)
        model.save(tmp_path / "model.keras")
        again = keras.saving.load_model(tmp_path / "model.keras")
        weight = next(w for w in again.weights if w.shape == (8, 3))
        assert weight.trainable == train
        np.testing.assert_allclose(
            again.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6
        )


def test_the_width_is_that_of_the_stack_unless_told():
    model = build("synced")
    assert model.encoder.embedding.embeddings.shape == (8, 6)
    step = model.step(IDS[:1, 0])[0]
    narrow = build("synced", embedding_dim=2, cell="min_gru", residual=True)
    assert narrow.encoder.embedding.embeddings.shape == (8, 2)
    assert narrow.step(IDS[:1, 0])[0].shape == step.shape


def test_a_file_s_vectors_are_what_the_model_reads(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("cat 1 2 3\ndog 4 5 6\n")
    vocabulary = WordVocabulary(["dog", "cat"])
    vectors, _ = read_vectors(path, vocabulary)
    model = rnnzoo.build("many_to_one", vocabulary=vocabulary, embedding_dim=3)
    model.set_vectors(vectors)
    features, _ = model.encoder.embed(vocabulary.encode(["cat dog"]))
    assert np.array(features).tolist() == [[[1, 2, 3], [4, 5, 6]]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"input_dim": 2, "embedding_dim": 3}, "only tokens have an embedding"),
        ({"input_dim": 2, "train_embedding": False}, "train_embedding=False"),
        ({"embedding_dim": 0}, "`embedding_dim` must be a positive integer"),
    ],
)
def test_options_that_cannot_be_meant(options, words):
    with pytest.raises(ValueError, match=words):
        build("synced", **options)


@pytest.mark.parametrize(
    ("vectors", "words"),
    [
        (np.ones((8, 3)), r"shape \(8, 6\), .* \(8, 3\).* as `embedding_dim`"),
        (np.ones((7, 6)), r"Received: the shape \(7, 6\)"),
        (np.full((8, 6), np.nan), "hold NaN or infinity"),
    ],
)
def test_vectors_that_do_not_fit(vectors, words):
    with pytest.raises(ValueError, match=words):
        build("many_to_one").set_vectors(vectors)


def test_a_model_of_values_has_no_vectors():
    with pytest.raises(ValueError, match="reads values, and has no vectors"):
        build("many_to_one", input_dim=2).set_vectors(np.ones((8, 6)))
