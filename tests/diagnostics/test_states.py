import io

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics.states import states
from rnnzoo.text import CharacterVocabulary, WordVocabulary

TEXT = "if (a): b = (c)\n"


@pytest.fixture(scope="module")
def model():
    letters = CharacterVocabulary.from_texts([TEXT])
    return rnnzoo.build(
        "synced",
        vocabulary=letters,
        num_outputs=len(letters),
        cell="lstm",
        units=6,
        num_layers=2,
    )


def outputs(model, ids):
    encoded = model.encoder(keras.ops.convert_to_tensor(ids))
    return keras.ops.convert_to_numpy(encoded["memory"])


def grounds(figure):
    return [
        axes.collections[0].get_array()
        for axes in figure.axes
        if axes.texts and axes.collections
    ]


def test_colours_are_the_outputs_of_the_units(model):
    figure, numbers = states(model, [TEXT], units=[4, 1])
    expected = outputs(model, model.vocabulary.encode([TEXT]))[0]
    assert numbers["layer"] == "encoder/stack/block_1/forward"
    assert numbers["units"] == [4, 1]
    assert numbers["tokens"] == list(TEXT)
    np.testing.assert_allclose(
        numbers["activations"], expected[:, [4, 1]].T, atol=1e-6
    )
    for shown, values in zip(
        grounds(figure), numbers["activations"], strict=True
    ):
        np.testing.assert_array_equal(shown, values)
    limit = np.abs(numbers["activations"]).max()
    assert figure.axes[0].collections[0].get_clim() == (-limit, limit)
    figure.savefig(io.BytesIO(), format="png")


def test_units_that_vary_most_are_chosen(model):
    numbers = states(model, [TEXT], count=3).numbers
    deviation = outputs(model, model.vocabulary.encode([TEXT]))[0].std(axis=0)
    assert numbers["units"] == list(np.argsort(-deviation)[:3])
    np.testing.assert_allclose(
        numbers["deviation"], np.sort(deviation)[::-1][:3], atol=1e-6
    )


def test_units_that_follow_a_signal_are_chosen(model):
    values = outputs(model, model.vocabulary.encode([TEXT]))[0]
    numbers = states(
        model, [TEXT], signal=-2 * values[:, 5] + 3, count=1
    ).numbers
    assert numbers["units"] == [5]
    np.testing.assert_allclose(numbers["correlation"], [-1], atol=1e-5)
    # What does not change is correlated with nothing.
    flat = states(model, [TEXT], signal=np.ones(len(TEXT))).numbers
    np.testing.assert_array_equal(flat["correlation"], 0)


def test_a_row_of_a_batch_without_its_padding(model):
    ids = model.vocabulary.encode(["(a)", "if (b)"])
    batch = (ids, np.zeros_like(ids))
    numbers = states(model, batch, units=[0], row=0).numbers
    assert numbers["tokens"] == ["(", "a", ")"]
    np.testing.assert_allclose(
        numbers["activations"][0], outputs(model, ids)[0, :3, 0], atol=1e-6
    )


def test_another_layer_and_another_direction():
    model = rnnzoo.build(
        "many_to_one", vocabulary=9, units=4, bidirectional=True
    )
    ids = np.array([[5, 6, 7, 0]])
    both = outputs(model, ids)[0, :3]
    for name, expected in (("forward", both[:, :4]), ("backward", both[:, 4:])):
        path = f"encoder/stack/block_0/{name}"
        numbers = states(model, ids, units=range(4), layer=path).numbers
        assert numbers["tokens"] == ["5", "6", "7"]
        np.testing.assert_allclose(
            numbers["activations"], expected.T, atol=1e-6
        )
    with pytest.raises(ValueError, match="Did you mean .*block_0/forward"):
        states(model, ids, layer="encoder/stack/block_0/forwards")


def test_words_with_their_characters_are_the_tokens():
    words = WordVocabulary.from_texts(["the fox"])
    model = rnnzoo.build("synced", vocabulary=words, characters=9, units=4)
    x = {
        "words": words.encode(["the fox"]),
        "characters": np.full((1, 2, 3), 5),
    }
    figure, numbers = states(model, (x, None))
    assert numbers["tokens"] == ["the", "fox"]
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert shown == ["the", "fox"]


def test_a_decoder_reads_what_was_written_a_step_before():
    letters = CharacterVocabulary.from_texts(["abc"])
    model = rnnzoo.build(
        "seq2seq", source_vocabulary=9, target_vocabulary=letters, units=4
    )
    x = {
        "source": np.array([[5, 6, 7]]),
        "target": letters.encode(["ab"], add_end=True),
    }
    assert states(model, x).numbers["tokens"] == ["5", "6", "7"]
    path = "decoder/decoder/writer/block_0/forward"
    numbers = states(model, x, layer=path).numbers
    assert numbers["tokens"] == ["<begin>", "a", "b"]
    assert numbers["activations"].shape == (4, 3)
    x["target"] = np.pad(x["target"], [(0, 0), (0, 2)])
    padded = states(model, x, layer=path).numbers
    assert padded["tokens"] == numbers["tokens"]
    np.testing.assert_allclose(
        padded["activations"], numbers["activations"], atol=1e-6
    )


def test_values_have_a_row_for_each_unit():
    model = rnnzoo.build("synced", input_dim=2, units=5)
    x = np.random.RandomState(0).normal(size=(2, 7, 2)).astype("float32")
    figure, numbers = states(model, (x, None), count=3, row=1)
    assert numbers["tokens"] == []
    image = figure.axes[0].images[0]
    np.testing.assert_array_equal(image.get_array(), numbers["activations"])
    assert numbers["activations"].shape == (3, 7)
    figure.savefig(io.BytesIO(), format="png")


def test_an_image_is_described_by_a_decoder_that_reads_words():
    model = rnnzoo.build("one_to_many", input_shape=(3,), vocabulary=9, units=4)
    x = {"source": np.ones((1, 3), "float32"), "target": [[5, 6, 2]]}
    x["target"] = np.array(x["target"])
    assert states(model, x).numbers["tokens"] == ["<begin>", "5", "6"]


@pytest.mark.parametrize(
    "options, words",
    [
        ({"units": [6]}, "the units 0 to 5"),
        ({"units": []}, "the units 0 to 5"),
        ({"row": 1}, "the rows 0 to 0"),
        ({"count": 0}, "count"),
        ({"signal": [1, 2]}, "for each of 16 steps"),
    ],
)
def test_what_there_is_not(model, options, words):
    with pytest.raises(ValueError, match=words):
        states(model, [TEXT], **options)


def test_texts_need_a_vocabulary():
    model = rnnzoo.build("synced", vocabulary=9, units=4)
    with pytest.raises(ValueError, match="1 texts for Synced"):
        states(model, ["abc"])
