import io

import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics.attention import attention
from rnnzoo.diagnostics.tokens import tokens
from rnnzoo.text import CharacterVocabulary

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
