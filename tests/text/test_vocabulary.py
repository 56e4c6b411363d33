import subprocess
import sys

import numpy as np
import pytest

from rnnzoo.text import (
    BEGIN,
    END,
    PAD,
    UNKNOWN,
    CharacterVocabulary,
)


def test_special_ids():
    assert (PAD, BEGIN, END, UNKNOWN) == (0, 1, 2, 3)


def test_ids_follow_the_given_order():
    vocabulary = CharacterVocabulary("zay")
    assert len(vocabulary) == 7
    assert vocabulary.encode(["yaz"]).tolist() == [[6, 5, 4]]


def test_from_texts_orders_by_frequency_then_code_point():
    vocabulary = CharacterVocabulary.from_texts(["cab", "cbb", "é\U0001f600"])
    assert vocabulary.pieces == ("b", "c", "a", "é", "\U0001f600")


def test_encode_pads_ends_and_marks_the_unknown():
    vocabulary = CharacterVocabulary("ab")
    ids = vocabulary.encode(iter(["a", "bxa"]))
    assert ids.dtype == np.int32
    assert ids.tolist() == [[4, 0, 0], [5, 3, 4]]
    ids = vocabulary.encode(["a", "bxa"], add_end=True)
    assert ids.tolist() == [[4, 2, 0, 0], [5, 3, 4, 2]]


def test_encode_of_nothing_and_of_only_unknown():
    assert CharacterVocabulary("a").encode([]).shape == (0, 0)
    assert CharacterVocabulary("").encode(["xy"]).tolist() == [[3, 3]]


@pytest.mark.parametrize(
    "text", ["Ω", "3 مايو", "2020年1月1日", "\U0001f600 \U0001f1e9", "\ud800"]
)
def test_round_trip_of_any_script(text):
    vocabulary = CharacterVocabulary.from_texts([text])
    ids = vocabulary.encode([text], add_end=True)
    assert ids.shape == (1, len(text) + 1)
    assert ids.min() == END and UNKNOWN not in ids
    assert vocabulary.decode(ids) == [text]


def test_encode_agrees_with_a_loop_on_random_texts():
    random = np.random.RandomState(0)
    alphabet = np.array(list("abcdefghijklmnopqrstuvwxyzäß€"))
    texts = [
        "".join(random.choice(alphabet, random.randint(1, 30)))
        for _ in range(200)
    ]
    vocabulary = CharacterVocabulary(alphabet[:20])
    ids = vocabulary.encode(texts, add_end=True)
    for text, row in zip(texts, ids, strict=True):
        known = list(alphabet[:20])
        expected = [known.index(c) + 4 if c in known else 3 for c in text]
        padding = [0] * (ids.shape[1] - len(text) - 1)
        assert row.tolist() == expected + [END] + padding


def test_decode_stops_at_end_and_skips_pad_and_begin():
    vocabulary = CharacterVocabulary("ab")
    assert vocabulary.decode([[1, 4, 0, 5, 3, 2, 4], [2], []]) == [
        "ab\ufffd",
        "",
        "",
    ]


def test_tokens_are_one_label_per_id():
    assert CharacterVocabulary("a ").tokens([1, 4, 5, 3, 2, 0]) == [
        "<begin>",
        "a",
        " ",
        "<unknown>",
        "<end>",
        "<pad>",
    ]


def test_config_round_trip():
    vocabulary = CharacterVocabulary("xä€")
    again = CharacterVocabulary.from_config(vocabulary.get_config())
    assert again.pieces == ("x", "ä", "€")
    assert repr(again) == "<CharacterVocabulary of 7 ids>"


@pytest.mark.parametrize(
    "texts, message",
    [
        ("one", r"one line, 'one'.*wrap it in a list, \['one'\]"),
        (["a", "b", ""], "line 3 is empty, .* remove it"),
        (["a", b"b"], "line 2 is b'b', of type bytes.*as UTF-8"),
        (["a", None], "line 2 is None, of type NoneType"),
    ],
)
def test_bad_lines(texts, message):
    vocabulary = CharacterVocabulary("a")
    with pytest.raises(ValueError, match=message):
        vocabulary.encode(texts)
    with pytest.raises(ValueError, match=message):
        CharacterVocabulary.from_texts(texts)


def test_no_lines_make_no_vocabulary():
    with pytest.raises(ValueError, match="no text .* at least one line"):
        CharacterVocabulary.from_texts([])


@pytest.mark.parametrize(
    "characters, message",
    [
        (["a", "bc"], "'bc' among .* one code point"),
        (["a", 3], "3 among"),
        ("abca", r"distinct, but \['a'\] occur more than once"),
    ],
)
def test_bad_characters(characters, message):
    with pytest.raises(ValueError, match=message):
        CharacterVocabulary(characters)


@pytest.mark.parametrize(
    "ids, message",
    [
        ([[4, 5]], "the id 5, but this vocabulary has ids 0 to 4"),
        ([[-1]], "the id -1"),
        ([4, 4], r"shape \(\) where.*`decode` takes \(lines, timesteps\)"),
        ([[[4]]], r"shape \(1, 1\)"),
        ([[0.5]], "Received float64"),
    ],
)
def test_bad_ids(ids, message):
    with pytest.raises(ValueError, match=message):
        CharacterVocabulary("a").decode(ids)


def test_tokens_refuse_a_batch():
    with pytest.raises(ValueError, match=r"`tokens` takes \(timesteps,\)"):
        CharacterVocabulary("a").tokens([[4]])


def test_the_fingerprint_tells_vocabularies_apart():
    one = CharacterVocabulary("abc").fingerprint
    # Written down: it must be the same in another process and version.
    assert one == "f87b6f74bc6f"
    assert CharacterVocabulary("abc").fingerprint == one
    assert CharacterVocabulary("acb").fingerprint != one


def test_the_room_imports_numpy_only():
    # With an empty parent, since `rnnzoo` itself loads Keras.
    code = (
        "import sys, types\n"
        "package = types.ModuleType('rnnzoo')\n"
        "package.__path__ = [sys.argv[1]]\n"
        "sys.modules['rnnzoo'] = package\n"
        "import rnnzoo.text\n"
        "heavy = {'keras', 'tensorflow', 'jax', 'babel', 'sentencepiece'}\n"
        "heavy &= set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    folder = sys.modules["rnnzoo.text"].__path__[0].removesuffix("/text")
    done = subprocess.run(
        [sys.executable, "-c", code, folder],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
