"""Words, and those of each line that a vocabulary does not have."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.text import END, PAD, UNKNOWN, WordVocabulary

VOCABULARY = WordVocabulary(["a", "rose", "is"])


def test_ids_follow_the_given_order():
    assert len(VOCABULARY) == 7
    assert VOCABULARY.encode(["is a rose"]).tolist() == [[6, 4, 5]]
    assert VOCABULARY.tokens([6, 4, END])[:2] == ["is", "a"]


def test_from_texts_orders_by_frequency_then_spelling():
    texts = ["b c a", "c  b\tc", "d"]
    for options, pieces in (
        ({}, ("c", "b", "a", "d")),
        ({"size": 6}, ("c", "b")),
        ({"min_count": 2}, ("c", "b")),
        ({"size": 5, "min_count": 2}, ("c",)),
    ):
        assert WordVocabulary.from_texts(texts, **options).pieces == pieces


def test_encode_pads_ends_and_marks_the_unknown():
    ids = VOCABULARY.encode(iter(["a", " a  red\trose\n"]))
    assert ids.dtype == np.int32
    assert ids.tolist() == [[4, PAD, PAD], [4, UNKNOWN, 5]]
    ids = VOCABULARY.encode(["a", "a red rose"], add_end=True)
    assert ids.tolist() == [[4, END, PAD, PAD], [4, UNKNOWN, 5, END]]
    assert VOCABULARY.encode([]).shape == (0, 0)


def test_decode_reads_up_to_the_end():
    ids = [[1, 4, 0, 5, END, 6], [3, 6, 0, 0, 0, 0]]
    assert VOCABULARY.decode(ids) == ["a rose", "\ufffd is"]


def test_words_outside_have_ids_of_their_own_line():
    """By their first place in it, and again where the line repeats them."""
    lines = ["red a red big rose", "big is", "a rose"]
    ids, words = VOCABULARY.encode_open(lines)
    assert words == [["red", "big"], ["big"], []]
    assert ids.tolist() == [[7, 4, 7, 8, 5], [7, 6, 0, 0, 0], [4, 5, 0, 0, 0]]
    assert VOCABULARY.decode(ids, words) == lines


def test_targets_know_the_words_of_their_sources():
    words = [["red", "big"], []]
    lines = ["big a small red", "red"]
    ids, same = VOCABULARY.encode_open(lines, True, words)
    assert same == words
    assert ids.tolist() == [[8, 4, UNKNOWN, 7, END], [UNKNOWN, END, 0, 0, 0]]
    assert VOCABULARY.decode(ids, words) == ["big a \ufffd red", "\ufffd"]


def test_random_lines_come_back():
    rng = np.random.default_rng(0)
    alphabet = np.array([f"w{n}" for n in range(40)])
    texts = [
        " ".join(rng.choice(alphabet, rng.integers(1, 12))) for _ in range(300)
    ]
    vocabulary = WordVocabulary.from_texts(texts, size=20)
    assert len(vocabulary) == 20
    ids, words = vocabulary.encode_open(texts, add_end=True)
    assert vocabulary.decode(ids, words) == texts
    # Unknown to `encode` is what `encode_open` gives an id from 20 on.
    closed = vocabulary.encode(texts, add_end=True)
    np.testing.assert_array_equal(closed, np.where(ids < 20, ids, UNKNOWN))
    for row, own in zip(ids, words, strict=True):
        assert set(row[row >= 20]) == {*range(20, 20 + len(own))}


def test_comes_back_from_its_config_and_with_a_model(tmp_path):
    again = WordVocabulary.from_config(VOCABULARY.get_config())
    assert again.pieces == VOCABULARY.pieces
    assert again.fingerprint == VOCABULARY.fingerprint
    assert (
        WordVocabulary([*"ab"]).fingerprint
        != WordVocabulary([*"ba"]).fingerprint
    )
    model = rnnzoo.build("many_to_one", vocabulary=VOCABULARY, units=2)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.vocabulary, WordVocabulary)
    assert loaded.vocabulary.pieces == VOCABULARY.pieces


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: WordVocabulary(["a b"]), "Received 'a b' among `words`"),
        (lambda: WordVocabulary(["a", ""]), "Received '' among `words`"),
        (lambda: WordVocabulary(["a", 3]), "Received 3 among `words`"),
        (lambda: WordVocabulary(["a", "b", "a"]), r"distinct, but \['a'\]"),
        (lambda: WordVocabulary.from_texts([]), "no text to take words from"),
        (lambda: WordVocabulary.from_texts("a b"), "Received one line, 'a b'"),
        (lambda: VOCABULARY.encode(["a", "  "]), "line 2 is blank"),
        (lambda: VOCABULARY.encode(["a", ""]), "line 2 is empty"),
        (lambda: VOCABULARY.encode([None]), "line 1 is None, of type NoneType"),
        (
            lambda: VOCABULARY.encode_open(["a", "b"], words=[[]]),
            r"Received 2 lines, and words=\[\[\]\], where a list of words for",
        ),
        (
            lambda: VOCABULARY.decode([[4], [5]], ["red", "blue"]),
            r"Received 2 lines, and words=\['red', 'blue'\]",
        ),
        (lambda: WordVocabulary("abc"), "words='abc', one string, where sev"),
        (
            lambda: WordVocabulary.from_texts(["a"], size="3"),
            "Received size='3', where a positive integer is expected",
        ),
        (
            lambda: WordVocabulary.from_texts(["a b"], size=4),
            "size=4 and min_count=1, which leave none of the 2 words",
        ),
        (
            lambda: VOCABULARY.decode([[7]]),
            "Received the id 7, but this vocabulary has ids 0 to 6",
        ),
        (
            lambda: VOCABULARY.decode([[8]], [["red"]]),
            "Received the id 8, but this vocabulary has ids 0 to 7",
        ),
    ],
)
def test_what_cannot_be_meant(call, message):
    with pytest.raises(ValueError, match=message):
        call()
