import copy
import io
import re
import subprocess
import sys

import numpy as np
import pytest
import sentencepiece

from rnnzoo.text import BEGIN, END, PAD, UNKNOWN, SubwordVocabulary

LINES = [
    "A man in a blue shirt is standing on a ladder cleaning a window.",
    "A group of men are loading cotton onto a truck.",
    "A boy wearing headphones sits on a woman's shoulders.",
    "Two men are at the stove preparing food.",
    "Ein Mann reinigt ein Fenster; zwei Männer stehen am Herd.",
]


def learn(size=80, **options):
    return SubwordVocabulary.from_texts(LINES, size, **options)


def model_of(**options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES),
        model_writer=model,
        vocab_size=60,
        minloglevel=2,
        **options,
    )
    return model.getvalue()


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_round_trip(kind):
    vocabulary = learn(50, kind=kind)
    assert len(vocabulary) == 50
    ids = vocabulary.encode(LINES, add_end=True)
    assert ids.dtype == np.int32 and ids.max() < 50
    assert UNKNOWN not in ids and BEGIN not in ids
    assert ((ids == END).sum(axis=1) == 1).all()
    assert vocabulary.decode(ids) == LINES


@pytest.mark.parametrize("line", ["  two  spaces ", " ", "\u00a0a", "a\tin"])
def test_white_space_is_kept(line):
    vocabulary = SubwordVocabulary.from_texts([*LINES, line], 90)
    assert vocabulary.decode(vocabulary.encode([line])) == [line]


def test_frequent_words_are_one_piece():
    vocabulary = SubwordVocabulary.from_texts(LINES, 150)
    row = vocabulary.encode(["men are"])[0]
    assert vocabulary.tokens(row) == ["▁men", "▁are"]
    assert vocabulary.tokens([0, 1, 2, 3]) == [
        "<pad>",
        "<begin>",
        "<end>",
        "<unknown>",
    ]


def test_rows_end_and_are_padded():
    vocabulary = SubwordVocabulary.from_texts(LINES, 150)
    short, long = vocabulary.encode(["men", "men are"], add_end=True).tolist()
    assert short == [long[0], END, PAD]
    assert long[2] == END
    plain = vocabulary.encode(["men", "men are"]).tolist()
    assert plain == [[long[0], PAD], long[:2]]
    assert vocabulary.encode([]).shape == (0, 0)
    assert vocabulary.encode([], add_end=True).shape == (0, 1)


@pytest.mark.parametrize("character", ["☃", "\0", "\ud800"])
def test_what_was_never_seen_is_unknown(character):
    vocabulary = learn()
    ids = vocabulary.encode([f"a{character}a"])
    assert (ids == UNKNOWN).sum() == 1
    assert vocabulary.decode(ids) == ["a\ufffda"]


def test_decode_stops_at_end_and_skips_pad_and_begin():
    vocabulary = SubwordVocabulary.from_texts(LINES, 150)
    men, are = vocabulary.encode(["men are"])[0]
    rows = [[BEGIN, men, PAD, are, END, men], [END], []]
    assert vocabulary.decode(rows) == ["men are", "", ""]
    assert vocabulary.decode([]) == []


def test_learning_twice_gives_the_same_model():
    assert learn().get_config() == learn().get_config()
    assert learn().fingerprint == learn().fingerprint
    assert learn().fingerprint != learn(81).fingerprint
    assert learn(50).fingerprint != learn(50, kind="unigram").fingerprint


def test_lowercase():
    vocabulary = learn(70, lowercase=True)
    assert not any(piece.lower() != piece for piece in vocabulary.pieces)
    ids = vocabulary.encode(["TWO Männer"])
    assert vocabulary.decode(ids) == ["two männer"]
    assert vocabulary.get_config()["lowercase"] is True
    cased = SubwordVocabulary.from_config(
        {**vocabulary.get_config(), "lowercase": False}
    )
    assert UNKNOWN in cased.encode(["TWO"])
    assert cased.fingerprint != vocabulary.fingerprint


def test_every_character_has_a_piece_unless_they_are_too_many():
    rare = [*LINES * 40, "☃"]
    assert UNKNOWN not in SubwordVocabulary.from_texts(rare, 300).encode(["☃"])
    # 40 characters and more of 100 pieces: the rarest are left out.
    assert UNKNOWN in SubwordVocabulary.from_texts(rare, 100).encode(["☃"])


def test_long_lines_are_learnt_from():
    line = "a man " * 5000 + "☃"
    vocabulary = SubwordVocabulary.from_texts([*LINES, line], 300)
    assert vocabulary.decode(vocabulary.encode([line])) == [line]


def test_learning_is_quiet(capfd):
    vocabulary = learn()
    vocabulary.decode(vocabulary.encode(LINES))
    assert capfd.readouterr() == ("", "")


def test_copies_agree():
    vocabulary = copy.deepcopy(learn())
    assert vocabulary.decode(vocabulary.encode(LINES)) == LINES
    assert repr(vocabulary) == "<SubwordVocabulary of 80 ids>"


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_a_few_texts_yield_fewer_pieces(kind):
    vocabulary = learn(8000, kind=kind)
    assert 60 < len(vocabulary) < 400
    assert vocabulary.decode(vocabulary.encode(LINES)) == LINES


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_too_small_a_size_names_one_that_works(kind):
    with pytest.raises(ValueError, match="size=9, but") as caught:
        learn(9, kind=kind)
    least = int(re.search(r"give size=(\d+) or more", str(caught.value))[1])
    assert len(learn(least, kind=kind)) == least


def test_words_are_whole():
    texts = ["I_WALK I_JUMP I_WALK", "I_RUN I_WALK I_JUMP"]
    vocabulary = SubwordVocabulary.from_texts(texts, kind="word")
    assert sorted(vocabulary.pieces) == ["▁I_JUMP", "▁I_RUN", "▁I_WALK"]
    ids = vocabulary.encode(texts, add_end=True)
    assert ids.shape == (2, 4)
    assert vocabulary.decode(ids) == texts
    ids = vocabulary.encode(["I_RUN I_SIT I_WALK"])
    assert ids[0, 1] == UNKNOWN
    assert vocabulary.decode(ids) == ["I_RUN \ufffd I_WALK"]


@pytest.mark.parametrize(
    "texts, options, message",
    [
        ([], {}, "no text to learn pieces from"),
        (["a", ""], {}, "line 2 is empty"),
        ("a", {}, "wrap it in a list"),
        (
            LINES,
            {"kind": "words"},
            "kind='words', where one of 'bpe', 'unigram', 'word'",
        ),
        (LINES, {"size": 0}, "size=0, where a positive integer"),
        (LINES, {"size": 80.0}, "size=80.0, where"),
        (LINES, {"size": True}, "size=True, where"),
    ],
)
def test_bad_options(texts, options, message):
    with pytest.raises(ValueError, match=message):
        SubwordVocabulary.from_texts(texts, **options)


@pytest.mark.parametrize(
    "ids, message",
    [
        ([[4, 80]], "the id 80, but this vocabulary has ids 0 to 79"),
        ([[-1]], "the id -1"),
        ([4], r"`decode` takes \(lines, timesteps\)"),
    ],
)
def test_bad_ids(ids, message):
    with pytest.raises(ValueError, match=message):
        learn().decode(ids)


def test_models_of_others_must_have_our_special_ids():
    with pytest.raises(ValueError, match=r"ids \(-1, 1, 2, 0\) .*`SubwordVoc"):
        SubwordVocabulary(model_of())
    ours = model_of(pad_id=0, bos_id=1, eos_id=2, unk_id=3)
    assert len(SubwordVocabulary(ours)) == 60


@pytest.mark.parametrize("model", [b"", b"nonsense" * 20])
def test_bytes_that_are_no_model(model, capfd):
    with pytest.raises(ValueError, match=f"{len(model)} bytes that are no Sen"):
        SubwordVocabulary(model)
    assert capfd.readouterr().err == ""


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(ModuleNotFoundError, match=r"'rnnzoo\[recipes\]'"):
        learn()


def test_another_process_learns_the_same():
    # With an empty parent, since `rnnzoo` itself loads Keras.
    code = (
        "import sys, types\n"
        "package = types.ModuleType('rnnzoo')\n"
        "package.__path__ = [sys.argv[1]]\n"
        "sys.modules['rnnzoo'] = package\n"
        "from rnnzoo.text import SubwordVocabulary\n"
        f"texts = {LINES!r}\n"
        "print(SubwordVocabulary.from_texts(texts, 80).fingerprint)\n"
    )
    folder = sys.modules["rnnzoo.text"].__path__[0].removesuffix("/text")
    done = subprocess.run(
        [sys.executable, "-c", code, folder],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == learn().fingerprint
