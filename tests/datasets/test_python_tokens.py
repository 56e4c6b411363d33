import collections
import itertools

import pytest

from rnnzoo.datasets import load_tagged, python_tokens
from rnnzoo.datasets.python_tokens import (
    CLASSES,
    LONGEST,
    SIZES,
    builder,
    classes,
    examples,
)
from rnnzoo.datasets.python_tokens.examples import SHORTEST, pieces


@pytest.fixture(scope="module")
def splits():
    return {split: list(examples(split)) for split in SIZES}


def spans(source):
    """Runs of one class, spaces left out, as (class, text)."""
    found, _ = classes(source)
    assert len(found) == len(source)
    runs = itertools.groupby(zip(found, source, strict=True), lambda x: x[0])
    runs = [(kind, "".join(char for _, char in run)) for kind, run in runs]
    return [run for run in runs if run[0] != "space"]


@pytest.mark.parametrize(
    "source, expected",
    [
        ("x1 = 1.5e3\n", ["name x1", "operator =", "number 1.5e3"]),
        (
            "def print(a): # 1\n    pass\n",
            [
                "keyword def",
                "definition print",
                "operator (",
                "name a",
                "operator ):",
                "comment # 1",
                "keyword pass",
            ],
        ),
        ("len(a.len)\n", ["builtin len", "operator (", "name a", "operator ."]),
        ("match = exit\n", ["name match", "operator =", "name exit"]),
        ("'# 1' if True\\\n else 2\n", ["string '# 1'", "keyword if"]),
        ("a = f'{len(x)!r:>{w}} {{' + rb'c'\n", ["name a", "operator ="]),
        ('"""One\n\n2"""\n', ['string """One\n\n2"""']),
    ],
)
def test_classes(source, expected):
    found = [" ".join(span) for span in spans(source)]
    assert found[: len(expected)] == expected


def test_an_attribute_is_no_builtin_and_an_f_string_is_one_string():
    assert spans("len(a.len)\n")[-2:] == [("name", "len"), ("operator", ")")]
    assert spans("a = f'{len(x)!r:>{w}} {{' + rb'c'\n")[2:] == [
        ("string", "f'{len(x)!r:>{w}} {{'"),
        ("operator", "+"),
        ("string", "rb'c'"),
    ]
    assert spans("a = 1 + \\\n 2\n")[3:5] == [
        ("operator", "+"),
        ("operator", "\\"),
    ]


def test_logical_lines():
    source = "# one\nf(1,\n\n  2)\nx = '''\n3\n'''\n\nif y:\n    z\n"
    _, starts = classes(source)
    rest = [source[start:].split("\n")[0] for start in starts]
    assert rest == ["# one", "f(1,", "x = '''", "", "if y:", "    z"]


def test_pieces_are_dedented_and_cut():
    inner = "    value = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n"
    source = f"class A:\n\n{inner * 4}{inner * 3}    x = '{'b' * 300}'\n"
    found = list(pieces(source))
    assert all(len(text) == len(tags) for text, tags in found)
    texts = [text for text, _ in found]
    assert texts[0] == f"class A:\n\n{inner * 4}".rstrip("\n")
    assert texts[1] == (inner[4:] * 3).rstrip("\n")
    assert texts[2] == "x = '" + "b" * (LONGEST - 5)
    assert found[2][1][3:5] == ["space", "string"]
    assert list(pieces("x = 1\n")) == []


def test_sizes(splits):
    assert {split: len(found) for split, found in splits.items()} == SIZES
    every = [e for found in splits.values() for e in found]
    texts = [e["tokens"] for e in every]
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts)) == LONGEST
    assert min(map(len, texts)) == SHORTEST
    assert all(len(e["tokens"]) == len(e["tags"]) for e in every)


def test_a_character_alone_does_not_tell_its_class(splits):
    """The most frequent class of each is right in 54 of 100, on 3.11.7."""
    counts = collections.defaultdict(collections.Counter)
    for example in splits["train"]:
        for char, tag in zip(example["tokens"], example["tags"], strict=True):
            counts[char][tag] += 1
    assert {tag for found in counts.values() for tag in found} == set(CLASSES)
    best = {char: found.most_common(1)[0][0] for char, found in counts.items()}
    right = total = 0
    for example in splits["test"]:
        total += len(example["tags"])
        right += sum(
            best.get(char) == tag
            for char, tag in zip(
                example["tokens"], example["tags"], strict=True
            )
        )
    assert 0.48 < right / total < 0.6


def test_builder(tmp_path, monkeypatch):
    def few(split):
        return itertools.islice(examples(split), 0, None, 100)

    monkeypatch.setattr(builder, "examples", few)
    data = load_tagged("python_tokens", data_dir=tmp_path)
    assert data.labels == CLASSES and data.notes == ()
    assert len(data.splits["train"]["tokens"]) == 80
    expected = {(e["tokens"], tuple(e["tags"])) for e in few("test")}
    found = data.splits["test"]
    assert expected == {
        ("".join(tokens), tuple(CLASSES[tag] for tag in tags))
        for tokens, tags in zip(found["tokens"], found["tags"], strict=True)
    }
    info = python_tokens.PythonTokens(data_dir=tmp_path).info
    assert info.supervised_keys == ("tokens", "tags")
