import functools

import pytest
import tensorflow_datasets as tfds

from rnnzoo.datasets import load_documents
from tests import tiny_tfds
from tests.folders import write


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """`load_documents` of a TFDS set of these splits."""

    def tiny(splits, features=("text", "title")):
        tiny_tfds.fill(
            monkeypatch,
            {name: tfds.features.Text() for name in features},
            {
                split: [dict.fromkeys(features, text) for text in texts]
                for split, texts in splits.items()
            },
        )
        return functools.partial(
            load_documents, tiny_tfds.NAME, data_dir=tmp_path
        )

    return tiny


@pytest.fixture
def fill(tmp_path):
    """`load_documents` of a folder with these files."""

    def fill(files):
        write(tmp_path, files)
        return functools.partial(load_documents, f"folder:{tmp_path}")

    return fill


def texts(data):
    return {split: found["text"] for split, found in data.splits.items()}


def test_one_file_is_cut_by_position(fill, tmp_path):
    text = "".join(chr(ord("a") + n % 26) for n in range(1001))
    data = fill({"book.txt": text})()
    assert texts(data) == {
        "train": [text[:900]],
        "validation": [text[900:950]],
        "test": [text[950:]],
    }
    assert data.notes == (
        "cut off the end of each training document, in characters: 50 for "
        "validation, 51 for test",
    )
    assert load_documents(f"folder:{tmp_path}/book.txt") == data


def test_files_called_after_splits(fill):
    load = fill(
        {"train.txt": " a\r\nb\n", "valid.txt": "c", "test.txt": "d\n"}
        | {"more.txt": "e", ".hidden.txt": "f"}
    )
    data = load()
    assert texts(data) == {
        "train": [" a\nb\n"],
        "validation": ["c"],
        "test": ["d\n"],
    }
    assert data.notes == ("not read: more.txt",)


def test_endings_in_capitals(fill):
    files = {"Train/a.txt": "a", "Train/B.TXT": "b"}
    data = fill(files | {"VAL.txt": "d", "test.TxT": "c"})()
    assert {split: sorted(found) for split, found in texts(data).items()} == {
        "train": ["a", "b"],
        "validation": ["d"],
        "test": ["c"],
    }


def test_a_split_that_is_missing_comes_off_the_end(fill):
    data = fill({"train.txt": "a" * 99 + "b", "test/x.txt": "c"})()
    assert texts(data) == {
        "train": ["a" * 95],
        "validation": ["aaaab"],
        "test": ["c"],
    }


def test_many_files_are_divided(fill):
    load = fill({f"{n % 3}/{n}.py": f"x = {n}\n" for n in range(40)})
    data = load(text=".py")
    assert [len(found) for found in texts(data).values()] == [32, 4, 4]
    assert len({text for found in texts(data).values() for text in found}) == 40
    assert texts(load(text="py")) == texts(data)
    assert texts(load(text="py", seed=1)) != texts(data)
    assert data.notes == (
        "cut off the training documents: 4 for validation, 4 for test",
    )


def test_a_limit_of_characters(fill):
    load = fill({"train.txt": "abcdef", "dev.txt": "gh", "test.txt": "ijkl"})
    assert texts(load(limit=3)) == {
        "train": ["abc"],
        "validation": ["gh"],
        "test": ["ijk"],
    }


@pytest.mark.parametrize(
    "files, message",
    [
        ({}, "no files that end in .txt: .* It holds: nothing"),
        ({"a.md": "x"}, "no files that end in .txt: .* It holds: a.md"),
        ({"a.txt": " \n"}, "a.txt' is empty, where a document"),
        ({"a.txt": b"\n\xff"}, "not UTF-8: line 2"),
        ({"a.txt": "abc"}, "document of 3 characters, too few"),
        ({"test.txt": "abc"}, "no training examples, but test: a file or"),
    ],
)
def test_faulty_files(fill, files, message):
    with pytest.raises(ValueError, match=message):
        fill(files)()


def test_unknown_paths(tmp_path):
    (tmp_path / "book.txt").write_text("x")
    with pytest.raises(ValueError, match="no file .*mean '.*/book.txt'"):
        load_documents(f"folder:{tmp_path}/bok.txt")


def test_texts_of_tfds(tiny):
    load = tiny({"train": [" a\n", " ", "b"], "dev": ["b"], "test": ["c"]})
    data = load()
    assert sorted(texts(data)["train"]) == [" a\n", "b"]
    assert data.notes == ("validation: 1 documents also occur in train",)
    assert texts(load(text="title")) == texts(data)
    assert sum(map(len, texts(load(limit=2))["train"])) == 2
    with pytest.raises(ValueError, match="no text 'titel'.*mean 'title'"):
        load(text="titel")


def test_texts_that_have_no_usual_name(tiny):
    splits = {s: ["a"] for s in ("train", "validation", "test")}
    assert texts(tiny(splits, ("body",))())["train"] == ["a"]
    with pytest.raises(ValueError, match="the texts body, head: name one"):
        tiny(splits, ("body", "head"))()
