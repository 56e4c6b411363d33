import functools

import pytest
import tensorflow_datasets as tfds

from rnnzoo.datasets import load_tagged
from tests import tiny_tfds


def words():
    return tfds.features.Sequence(tfds.features.Text())


def classes(*names):
    return tfds.features.Sequence(tfds.features.ClassLabel(names=names))


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """`load_tagged` of a TFDS set of these features and examples."""

    def tiny(features, examples):
        splits = dict.fromkeys(("train", "dev", "test"), examples)
        tiny_tfds.fill(monkeypatch, features, splits)
        return functools.partial(load_tagged, tiny_tfds.NAME, data_dir=tmp_path)

    return tiny


@pytest.fixture
def fill(tmp_path):
    """`load_tagged` of a folder with these files."""

    def fill(files):
        for name, content in files.items():
            if isinstance(content, str):
                content = content.encode()
            (tmp_path / name).write_bytes(content)
        return functools.partial(load_tagged, f"folder:{tmp_path}")

    return fill


def three(train, held_out=None, ending="conll"):
    held_out = train if held_out is None else held_out
    return {
        f"train.{ending}": train,
        f"dev.{ending}": held_out,
        f"test.{ending}": held_out,
    }


def read(data, split):
    found = data.splits[split]
    return [
        [
            f"{token}/{data.labels[tag]}"
            for token, tag in zip(tokens, tags, strict=True)
        ]
        for tokens, tags in zip(found["tokens"], found["tags"], strict=True)
    ]


# === Columns ===

CONLL_2003 = """\
-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
# NN B-NP O

# id = 7
# comment
Peter NNP B-NP B-PER
"""


def test_columns(fill):
    load = fill(
        {f"eng.{s}": CONLL_2003 for s in ("train", "testa", "testb")}
        | {"README.md": "x"}
    )
    data = load()
    assert data.labels == ("B-ORG", "B-PER", "O")
    for split in ("train", "validation", "test"):
        assert read(data, split) == [["EU/B-ORG", "#/O"], ["Peter/B-PER"]]
    second = load(tags="2")
    assert second.labels == ("NN", "NNP")
    assert load(tags=-3).splits == second.splits
    assert load(tokens=-4, tags=2).splits == second.splits


def test_tabs_keep_spaces_in_tokens(fill):
    data = fill(three("New York\tLOC\r\nis\tO\r\n \t\r\n\r\n2 3\tO\r\n"))()
    assert read(data, "train") == [["New York/LOC", "is/O"], ["2 3/O"]]


def test_one_file_is_cut(fill, tmp_path):
    text = "".join(f"a{n} X\nb Y\n\n" for n in range(20))
    data = fill({"corpus.txt": text, "LICENSE": "x"})()
    assert [len(data.splits[s]["tokens"]) for s in data.splits] == [16, 2, 2]
    assert data.notes == (
        "cut off the training examples: 2 for validation, 2 for test",
    )
    assert load_tagged(f"folder:{tmp_path}/corpus.txt") == data
    part = load_tagged(f"folder:{tmp_path}", limit=3)
    assert [len(part.splits[s]["tags"]) for s in part.splits] == [3, 2, 2]


@pytest.mark.parametrize(
    "files, message",
    [
        (
            three("a X\nb Y\n\nc\n"),
            "Line 4 of '.*train.conll' has 1 columns, where most have 2: 'c'",
        ),
        (three("a\tX\nb\t\n"), "Line 2 of .* nothing in the column of tags"),
        (three("a\tX\n\tY\n"), "Line 2 of .* in the column of tokens"),
        (three("a\nb\n"), "has one column, where a token and its tag"),
        (three("a X\nb X\n"), "one tag only, 'X'"),
        (
            three("a NOUN\nb Z\n", "\nb Z\na NOON\n"),
            "Line 3 of '.*dev.conll' has the label 'NOON', .*mean 'NOUN'",
        ),
        (three("\n\n"), "no tagged sequences"),
        (three("-DOCSTART- O\n"), "no tagged sequences"),
        (three(b"a X\n\xff Y\n"), "not UTF-8: line 2"),
        ({"test.conll": "a X\nb Y\n"}, "no training examples, but test"),
        ({"a.conll": "a X", "b.conll": "a Y"}, "no file called train.* and 2"),
        ({}, "no file called train.* It holds: nothing"),
        ({"x.bio": "a X\nb Y\n\nb Y\n"}, "2 different sequences, too few"),
    ],
)
def test_faulty_files(fill, files, message):
    with pytest.raises(ValueError, match=message):
        fill(files)()


@pytest.mark.parametrize("column", [0, 3, -3, "upos"])
def test_columns_that_are_not_there(fill, column):
    load = fill(three("a X\nb Y\n"))
    with pytest.raises(ValueError, match=f"no column {column!r}.* 1 to 2"):
        load(tags=column)


# === CoNLL-U ===


def conllu(*rows):
    blank = ["_"] * 6
    lines = ["# sent_id = 1"]
    for number, form, upos in rows:
        line = [number, form, form.lower(), upos, f"x{upos}", *blank]
        lines.append("\t".join(line[:10]))
    return "\n".join(lines) + "\n\n"


SENTENCE = conllu(
    ("1-2", "Don't", "_"),
    ("1", "Do", "AUX"),
    ("2", "n't", "PART"),
    ("3", "stop", "VERB"),
    ("3.1", "it", "PRON"),
)


def test_words_of_conllu(fill):
    names = ("en_ewt-ud-train", "en_ewt-ud-dev", "en_ewt-ud-test")
    load = fill({f"{name}.conllu": SENTENCE * 2 for name in names})
    data = load()
    assert read(data, "test") == [["Do/AUX", "n't/PART", "stop/VERB"]] * 2
    other = load(tokens="lemma", tags="xpos")
    assert read(other, "train")[0] == ["do/xAUX", "n't/xPART", "stop/xVERB"]
    with pytest.raises(ValueError, match="no column 'upso'.*mean 'upos'"):
        load(tags="upso")


def test_faulty_conllu(fill):
    load = fill(three(SENTENCE + "# x\n1 a\n", ending="conllu"))
    with pytest.raises(ValueError, match="no CoNLL-U in lines 8 to 9: "):
        load()
    other = conllu(("1", "a", "X"))
    load = fill(three(SENTENCE, SENTENCE + other, ending="conllu"))
    with pytest.raises(ValueError, match="Line 9 of '.*dev.* the label 'X'"):
        load()


# === TFDS ===


def test_classes_of_tfds(tiny):
    load = tiny(
        {
            "tokens": words(),
            "pos": classes("N", "V"),
            "ner": classes("O", "B", "I"),
            "lemmas": words(),
        },
        [
            {"tokens": ["a", "ü"], "pos": [0, 1], "ner": [1, 2], "lemmas": []},
            {"tokens": [], "pos": [], "ner": [], "lemmas": []},
        ],
    )
    with pytest.raises(ValueError, match="name one of them as tags"):
        load()
    data = load(tags="ner")
    assert data.labels == ("O", "B", "I")
    assert read(data, "validation") == [["a/B", "ü/I"]]
    assert data.notes == (
        "train: 1 examples without tokens left out",
        "dev: 1 examples without tokens left out",
        "test: 1 examples without tokens left out",
        "validation: 1 of 1 sequences also occur in train",
        "test: 1 of 1 sequences also occur in train",
        "tags that no training example has: O",
    )
    with pytest.raises(ValueError, match="no sequence 'nre'.*mean 'ner'"):
        load(tags="nre")
    with pytest.raises(ValueError, match="has 2 tokens but 0 tags"):
        load(tags="lemmas")


def test_words_of_universal_dependencies(tiny):
    load = tiny(
        {
            "tokens": words(),
            "upos": classes("AUX", "PART", "_"),
            "head": words(),
            "deprel": words(),
        },
        [
            {
                "tokens": ["don't", "do", "n't", "do"],
                "upos": [2, 0, 1, 0],
                "head": ["None", "0", "1", "None"],
                "deprel": ["None", "root", "advmod", "None"],
            }
        ],
    )
    data = load()
    assert data.labels == ("AUX", "PART")
    assert read(data, "train") == [["do/AUX", "n't/PART"]]
    assert data.notes[0].startswith("train: 2 tokens left out that are no ")


def test_characters_of_a_text(tiny):
    load = tiny(
        {"tokens": tfds.features.Text(), "tags": classes("a", "b")},
        [{"tokens": " ü\n", "tags": [0, 1, 0]}],
    )
    assert read(load(), "train") == [[" /a", "ü/b", "\n/a"]]
