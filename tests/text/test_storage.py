import json

import pytest

from rnnzoo import text
from rnnzoo.text import storage


@pytest.mark.parametrize("characters", ["abc", "", "Ω年\U0001f600\u200f\ud800"])
def test_round_trip(tmp_path, characters):
    path = tmp_path / "vocabulary.json"
    text.save(text.CharacterVocabulary(characters), path)
    loaded = text.load(str(path))
    assert isinstance(loaded, text.CharacterVocabulary)
    assert loaded.pieces == tuple(characters)


def test_round_trip_of_subwords(tmp_path):
    path = tmp_path / "vocabulary.json"
    lines = ["Ein Haus", "zwei Häuser"]
    saved = text.SubwordVocabulary.from_texts(lines, 30, lowercase=True)
    text.save(saved, path)
    path.read_text(encoding="ascii")
    loaded = text.load(path)
    assert isinstance(loaded, text.SubwordVocabulary)
    assert loaded.lowercase and loaded.pieces == saved.pieces
    assert loaded.fingerprint == saved.fingerprint
    assert loaded.encode(lines).tolist() == saved.encode(lines).tolist()


def test_the_file_is_plain_json(tmp_path):
    path = tmp_path / "vocabulary.json"
    text.save(text.CharacterVocabulary("äb"), path)
    content = path.read_text(encoding="ascii")
    assert json.loads(content) == {
        "kind": "characters",
        "config": {"characters": "äb"},
    }


def test_save_refuses_what_it_does_not_know(tmp_path):
    with pytest.raises(ValueError, match="'abc'.*CharacterVocabulary"):
        text.save("abc", tmp_path / "vocabulary.json")


@pytest.mark.parametrize(
    "content, message",
    [
        ("{", "Cannot read a vocabulary from .*vocabulary.json"),
        ("\xff", "Cannot read a vocabulary from"),
        ("[]", "kind None, but known kinds are .'characters', 'subwords'"),
        ('{"kind": "pieces"}', "kind 'pieces', but known"),
        ('{"kind": "characters"}', "its config is not one .*'config'"),
        ('{"kind": "characters", "config": {"a": 1}}', "its config is not"),
        ('{"kind": "characters", "config": 1}', "its config is not"),
        (
            '{"kind": "characters", "config": {"characters": "aa"}}',
            "distinct",
        ),
        ('{"kind": "subwords", "config": {"a": 1}}', "its config is not"),
        ('{"kind": "subwords", "config": {"model": "\\u00e9"}}', "not base64"),
        ('{"kind": "subwords", "config": {"model": "abc"}}', "not base64"),
        ('{"kind": "subwords", "config": {"model": ""}}', "no SentencePiece"),
        (
            '{"kind": "subwords", "config": {"model": "eHh4eHh4"}}',
            "6 bytes that are no SentencePiece model.*cut off",
        ),
    ],
)
def test_unreadable_files(tmp_path, content, message):
    path = tmp_path / "vocabulary.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ValueError, match=message):
        text.load(path)


def test_missing_file(tmp_path):
    with pytest.raises(ValueError, match="Cannot read .*No such file"):
        text.load(tmp_path / "absent.json")


def test_kinds_are_the_vocabularies():
    assert storage.KINDS == {
        "characters": text.CharacterVocabulary,
        "subwords": text.SubwordVocabulary,
        "words": text.WordVocabulary,
    }
