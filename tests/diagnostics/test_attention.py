import io

import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics.attention import attention
from rnnzoo.diagnostics.tokens import tokens
from rnnzoo.text import CharacterVocabulary, WordVocabulary

SOURCE = ["4.3.2021", "March 4"]
TARGET = ["2021-03", "03-04"]


@pytest.fixture(scope="module")
def model():
    read, write = map(CharacterVocabulary.from_texts, (SOURCE, TARGET))
    return rnnzoo.build(
        "seq2seq", source_vocabulary=read, target_vocabulary=write, units=8
    )


@pytest.fixture(scope="module")
def batch(model):
    return model.examples(SOURCE, TARGET)


def labels(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def test_the_weights_are_those_of_the_model(model, batch):
    figure, numbers = attention(model, (batch, None))
    expected = model.attention_weights(SOURCE, TARGET)
    assert numbers["source"] == [list(text) for text in SOURCE]
    assert numbers["target"] == [[*text, "<end>"] for text in TARGET]
    for row, (found, source) in enumerate(
        zip(numbers["weights"], SOURCE, strict=True)
    ):
        steps = len(TARGET[row]) + 1
        np.testing.assert_allclose(
            found, expected[row, :steps, : len(source)], atol=1e-6
        )
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_array_equal(
            figure.axes[row].images[0].get_array(), found
        )
        np.testing.assert_allclose(
            numbers["coverage"][row].sum(), steps, atol=1e-4
        )
    assert labels(figure.axes[1].xaxis) == ["M", "a", "r", "c", "h", "␣", "4"]
    figure.savefig(io.BytesIO(), format="png")


def test_entropy_tells_how_wide_it_looks(model, batch):
    uniform = np.full((2, 8, 8), 1 / 8, "float32")
    uniform[1] = np.eye(8)
    model.looked_at = lambda source, target: uniform
    try:
        numbers = attention(model, batch).numbers
    finally:
        del model.looked_at
    np.testing.assert_allclose(numbers["entropy"][0], np.log(8), rtol=1e-5)
    np.testing.assert_allclose(numbers["entropy"][1], 0, atol=1e-6)
    # 8 target tokens of the first row, 6 of the second.
    assert numbers["mean_entropy"] == pytest.approx(np.log(8) * 8 / 14)


def test_without_targets_it_looks_at_what_it_writes_itself(model, batch):
    source = batch["source"]
    written = model.generate(source, max_length=64)
    for given in ({"source": source}, batch):
        numbers = attention(model, given, rows=1, generated=True).numbers
        assert numbers["target"] == [
            tokens(written[0], model.target_vocabulary)
        ]
    assert len(numbers["weights"]) == 1


def test_ids_without_a_vocabulary_are_their_own_labels():
    ids = [5, 0, 7, 0, 0]
    assert tokens(ids) == ["5", "<pad>", "7"]
    assert tokens([1, 4, 2]) == ["<begin>", "4", "<end>"]
    vocabulary = CharacterVocabulary.from_texts(["abc"])
    assert tokens([4, 2, 9, 0], vocabulary) == ["a", "<end>", "9"]
    assert tokens([0, 0]) == []


def test_what_has_no_attention_is_refused(batch):
    plain = rnnzoo.build("seq2seq", units=4, attention=None)
    with pytest.raises(ValueError, match="Seq2Seq has no attention to draw"):
        attention(plain, batch)


def test_a_batch_without_sources_is_refused(model):
    with pytest.raises(ValueError, match=r"Received: \['target'\]"):
        attention(model, {"target": np.array([[5, 2]])})
    with pytest.raises(ValueError, match="Received: ndarray"):
        attention(model, np.array([[5, 2]]))


# === Images and features ===


def describer(**options):
    model = rnnzoo.build(
        "one_to_many",
        vocabulary=WordVocabulary.from_texts(["one two"]),
        attention="additive",
        units=4,
        **options,
    )
    target = model.vocabulary.encode(["one two", "two"], add_end=True)
    random = np.random.RandomState(0)
    source = random.uniform(size=(2, *model.item_shape)).astype("float32")
    return model, {"source": source, "target": target}


@pytest.mark.parametrize("encoder, places", [("cnn", (4, 5)), ("crnn", (1, 2))])
def test_images_are_red_where_the_decoder_looks(encoder, places):
    model, x = describer(input_shape=(8, 10), encoder=encoder)
    figure, numbers = attention(model, x)
    assert numbers["target"] == [["one", "two", "<end>"], ["two", "<end>"]]
    assert numbers["weights"][0].shape == (3, places[0] * places[1])
    shown = [axes for axes in figure.axes if axes.images]
    titles = [axes.get_title() for axes in shown]
    assert titles == ["", "one", "two", "<end>", "", "two", "<end>"]
    np.testing.assert_allclose(
        shown[0].images[0].get_array(), x["source"][0], rtol=1e-6
    )
    # Of the second word of the first image.
    found = shown[2].images[1].get_array()[..., 3]
    expected = numbers["weights"][0][1].reshape(places)
    np.testing.assert_allclose(
        found / found.sum(), expected / expected.sum(), rtol=1e-4
    )
    figure.savefig(io.BytesIO(), format="png")


def test_features_are_regions_with_numbers():
    model, x = describer(input_shape=(3, 4))
    figure, numbers = attention(model, (x, None), rows=1)
    assert numbers["source"] == [["1", "2", "3"]]
    image = figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(image, numbers["weights"][0])


def test_an_image_is_described_by_words_of_its_own():
    model, x = describer(input_shape=(8, 10), encoder="cnn")
    source = x["source"][:1]
    numbers = attention(model, {"source": source}).numbers
    ids = model.generate(source, details=True).tokens[0, 0]
    assert numbers["target"] == [tokens(ids, model.vocabulary)]


# === Pooling ===


def test_pooling_by_attention_shows_its_shares():
    words = WordVocabulary.from_texts(["the fox runs"])
    model = rnnzoo.build(
        "many_to_one", vocabulary=words, pooling="attention", units=4
    )
    ids = words.encode(["the fox runs", "fox"])
    figure, numbers = attention(model, (ids, np.zeros(2)))
    assert numbers["source"] == [["the", "fox", "runs"], ["fox"]]
    memory = model.encoder(ids)["memory"].numpy()[0]
    scores = np.exp(memory @ model.encoder.pool.w.numpy())
    expected = scores / scores.sum()
    np.testing.assert_allclose(numbers["weights"][0][0], expected, rtol=1e-5)
    np.testing.assert_allclose(numbers["weights"][1], [[1.0]])
    shown = figure.axes[0].collections[0].get_array()
    np.testing.assert_array_equal(shown, numbers["weights"][0][0])
    again = attention(model, ["the fox runs"]).numbers
    np.testing.assert_allclose(again["weights"][0][0], expected, rtol=1e-5)
    figure.savefig(io.BytesIO(), format="png")


def test_pooling_of_values_shows_steps():
    model = rnnzoo.build(
        "many_to_one", input_dim=2, pooling="attention", units=4
    )
    x = {
        "inputs": np.ones((1, 3, 2), "float32"),
        "mask": np.array([[True, True, False]]),
    }
    numbers = attention(model, x).numbers
    assert numbers["source"] == [["1", "2"]]
    assert numbers["weights"][0].sum() == pytest.approx(1)
    assert attention(model, x["inputs"]).numbers["source"] == [["1", "2", "3"]]
