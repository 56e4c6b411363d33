import functools

import numpy as np
import pytest
import tensorflow_datasets as tfds

from rnnzoo.datasets import load_labelled
from tests import tiny_tfds
from tests.folders import write


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """`load_labelled` of a TFDS set of these features and splits."""

    def tiny(features, splits, keys=None):
        tiny_tfds.fill(monkeypatch, features, splits, keys)
        return functools.partial(
            load_labelled, tiny_tfds.NAME, data_dir=tmp_path
        )

    return tiny


@pytest.fixture
def fill(tmp_path):
    """`load_labelled` of a folder with these files."""

    def fill(files):
        write(tmp_path, files)
        return functools.partial(load_labelled, f"folder:{tmp_path}")

    return fill


def columns(data, split):
    found = data.splits[split]
    return list(zip(found["text"], found["label"], strict=True))


def three(train, held_out=None):
    """Tables of all splits."""
    held_out = train if held_out is None else held_out
    return {"train.csv": train, "val.csv": held_out, "test.csv": held_out}


# === Folders ===


def folders(count, splits=("train/", "test/")):
    return {
        f"{split}{label}/{number}.txt": f"{split}{label} {number}\n"
        for split in splits
        for label in ("pos", "neg")
        for number in range(count)
    }


def test_a_folder_for_each_label(fill):
    load = fill({**folders(20), "train/unsup/1.txt": "x", "README": "y"})
    data = load()
    assert data.labels == ("neg", "pos") and data.several is False
    assert [len(data.splits[s]["text"]) for s in data.splits] == [36, 4, 40]
    assert set(columns(data, "test")) == {
        (f"test/{label} {number}", int(label == "pos"))
        for label in ("pos", "neg")
        for number in range(20)
    }
    assert data.notes == (
        "not read: train/unsup",
        "cut off the training examples: 4 for validation",
    )
    assert load().splits == data.splits
    assert load(seed=1).splits["validation"] != data.splits["validation"]


def test_a_limit_keeps_all_labels(fill):
    data = fill(folders(30, [""]))(limit=20)
    sizes = {s: len(found["text"]) for s, found in data.splits.items()}
    assert sizes == {"train": 20, "validation": 6, "test": 6}
    assert set(data.splits["train"]["label"]) == {0, 1}


@pytest.mark.parametrize(
    "files, message",
    [
        ({"train/a/1.txt": "x", "train/b/1.txt": " \n"}, "1.txt' is empty"),
        (
            {"train/a/1.txt": "x", "train/b/2.txt": b"\n\xff"},
            "b/2.txt' is not UTF-8: line 2 has the byte 0xff",
        ),
        (
            {"train/pos/1.txt": "x", "train/pos/2.txt": "y"},
            "of one class only, 'pos'",
        ),
        (
            {**folders(2), "test/poss/x.txt": "z"},
            r"/test/poss/x.txt' has the label 'poss', which no training .*did "
            "you mean 'pos'",
        ),
        ({"a/1.txt": "x", "b/1.txt": "y"}, "2 different texts, too few"),
        ({"test/a/1.txt": "x"}, "no training examples, but test: train/"),
        ({"README": "x"}, "no labelled texts: .* It holds: README"),
    ],
)
def test_faulty_folders(fill, files, message):
    with pytest.raises(ValueError, match=message):
        fill(files)()


# === Tables ===


def test_a_table_for_each_split(fill):
    train = 'text,label\n"a, ""b""\nc",x\n d ,y\n\ne,x\n'
    data = fill(three(train, "label,more,text\ny,1,f\n"))()
    assert columns(data, "train") == [('a, "b"\nc', 0), ("d", 1), ("e", 0)]
    assert columns(data, "validation") == [("f", 1)]
    assert data.labels == ("x", "y")


def test_one_table_and_names_of_columns(fill, tmp_path):
    rows = "".join(f'"{n} a\tk{n % 3}\n' for n in range(20))
    load = fill({"reviews.tsv": "body\tstars\n" + rows, "notes.txt": "x"})
    data = load(text="body", label="stars")
    assert data.labels == ("k0", "k1", "k2")
    assert [len(data.splits[s]["text"]) for s in data.splits] == [16, 2, 2]
    assert data.splits["train"]["text"][0].startswith('"')
    assert (
        load_labelled(
            f"folder:{tmp_path}/reviews.tsv", text="body", label="stars"
        )
        == data
    )
    with pytest.raises(ValueError, match="columns body, stars: name .* text"):
        load()
    with pytest.raises(ValueError, match="no column 'bodi'.*mean 'body'"):
        load(text="bodi")


def test_semicolons_between_columns(fill):
    data = fill(three("text;label\na, b;x\nc;y\n"))()
    assert columns(data, "train") == [("a, b", 0), ("c", 1)]


def test_labels_that_are_numbers_are_in_their_order(fill):
    rows = [f"text {n},{n % 11}" for n in range(66)]
    labelled = fill({"t.csv": "\n".join(["text,label", *rows])})()
    assert labelled.labels == tuple(map(str, range(11)))
    for part in labelled.splits.values():
        numbers = [int(text.split()[1]) % 11 for text in part["text"]]
        assert part["label"] == numbers


@pytest.mark.parametrize("separator", "|;")
def test_several_labels_in_a_column(fill, separator):
    train = f"text,labels\na,x{separator} z\nb,\nc,z\nd,y\n"
    data = fill(three(train, "text,labels\ne,y\n"))()
    assert data.several is True and data.labels == ("x", "y", "z")
    assert data.splits["train"]["label"] == [(0, 2), (), (2,), (1,)]
    assert data.splits["test"]["label"] == [(1,)]
    assert data.notes == (
        f"labels: several labels, {separator!r} between them",
    )


def test_several_columns_of_labels(fill):
    train = "id,comment_text,toxic,threat\n7,a,1,1\n8,b,0,0\n9,c,0,1\n"
    load = fill(three(train))
    data = load()
    assert data.labels == ("toxic", "threat") and data.several
    assert data.splits["train"]["label"] == [(0, 1), (), (1,)]
    assert load(label="threat, toxic").labels == ("threat", "toxic")
    assert load(label=["threat"]).labels == ("0", "1")
    with pytest.raises(ValueError, match="Line 2 .* has '7' as id, where 0"):
        load(label="id,toxic")


@pytest.mark.parametrize(
    "files, message",
    [
        (three("text,label\na,x\nb\n"), "Line 3 of .* 1 columns, where 2 are"),
        (
            three('text,label\n"a\nb",x\nc,y,z\n'),
            "Line 4 of .*3 columns, where 2 are expected: text, label",
        ),
        (three('text,label\n"a"b,x\n'), "is broken in line 2: .*quotation"),
        (three("text,label\na,x\nb,x\n"), "one class only, 'x'"),
        (
            three("text,label\na,left\nb,z\n", "text,label\nc,z\nd,lift\n"),
            "Line 3 of '.*val.csv' has the label 'lift', which no training "
            "example has; did you mean 'left'.* They have: left, z",
        ),
        (three("text,label\na,x\n ,y\nc,\n"), "2 rows .* in lines 3, 4: rem"),
        (three("text,label\n"), "names of columns only"),
        (three(""), "is empty, where a line with the names"),
        (three("text,text\na,b\n"), "two columns of one name"),
        (three("text,topic\na,b\n"), "columns text, topic: name .* as label"),
        (
            three("text,label\na,x\nb,y\n", "text,lable\nc,x\n"),
            "val.csv' has no column 'label', .*mean 'lable'",
        ),
        ({"a.csv": "x", "b.csv": "y"}, "several tables, a.csv, b.csv, and"),
        ({"test.csv": "text,label\na,x\n"}, "no training examples, but test"),
        ({"train.csv": b"text,label\n\xe4,x\n"}, "not UTF-8: line 2"),
        ({"x.csv": "text,label\na,x\nb,y\n"}, "2 different texts, too few"),
    ],
)
def test_faulty_tables(fill, files, message):
    with pytest.raises(ValueError, match=message):
        fill(files)()


def test_a_text_of_any_length(fill):
    data = fill(three(f"text,label\n{'a' * 200_000},x\nb,y\n"))()
    assert len(data.splits["train"]["text"][0]) == 200_000


# === TFDS ===


def test_classes_of_tfds(tiny):
    load = tiny(
        {
            "title": tfds.features.Text(),
            "text": tfds.features.Text(),
            "label": tfds.features.ClassLabel(names=["neg", "pos", "none"]),
        },
        {
            "train": [
                {"title": f"t{n}", "text": f"a{n}", "label": n % 2}
                for n in range(20)
            ]
            + [{"title": "t", "text": "  ", "label": 0}],
            "test": [{"title": "t3", "text": "b", "label": 2}],
            "unsupervised": [{"title": "x", "text": "y", "label": -1}],
        },
        ("text", "label"),
    )
    data = load()
    assert data.labels == ("neg", "pos", "none")
    assert data.notes == (
        "splits not read: unsupervised",
        "train: 1 examples with an empty text left out",
        "cut off the training examples: 2 for validation",
        "labels that no training example has: none",
    )
    assert columns(data, "test") == [("b", 2)]
    assert all(int(t[1:]) % 2 == n for t, n in columns(data, "train"))
    titled = load(text="title")
    assert "test: 1 of 1 texts also occur in train" in titled.notes or (
        "t3" in titled.splits["validation"]["text"]
    )
    with pytest.raises(ValueError, match="no feature 'lable'.*mean 'label'"):
        load(label="lable")
    with pytest.raises(ValueError, match="no text 'titel'.*mean 'title'"):
        load(text="titel")


def test_words_of_a_number(tiny):
    features = {
        "text": tfds.features.Text(),
        "intent": np.int32,
        "intent_name": tfds.features.Text(),
    }
    examples = [
        {"text": f"a{n}", "intent": n % 2, "intent_name": ["go", "eat"][n % 2]}
        for n in range(20)
    ]
    load = tiny(
        features,
        {s: examples for s in ("train", "validation", "test")},
        ("text", "intent"),
    )
    data = load()
    assert data.labels == ("eat", "go")
    assert data.notes[0] == "label: intent_name, the words of intent"
    assert all(int(t[1:]) % 2 == 1 - n for t, n in columns(data, "train"))
    assert load(label="intent").labels == ("0", "1")


def test_features_that_are_true_or_false(tiny):
    features = {
        "comment": tfds.features.Text(),
        "joy": np.bool_,
        "fear": np.bool_,
    }
    examples = [
        {"comment": f"a{n}", "joy": n % 2 == 0, "fear": n % 3 == 0}
        for n in range(20)
    ]
    load = tiny(features, {s: examples for s in ("train", "dev", "test")})
    data = load()
    assert data.several and set(data.labels) == {"fear", "joy"}
    place = {name: number for number, name in enumerate(data.labels)}
    for text, found in columns(data, "train"):
        number = int(text[1:])
        assert (place["joy"] in found) == (number % 2 == 0)
        assert (place["fear"] in found) == (number % 3 == 0)
    assert load(label="joy").labels == ("joy",)
    with pytest.raises(ValueError, match="'comment', which cannot be a label"):
        load(label="joy,comment")


def test_labels_that_are_kept_back(tiny):
    features = {
        "text": tfds.features.Text(),
        "label": tfds.features.ClassLabel(num_classes=2),
    }
    examples = [{"text": f"a{n}", "label": n % 2} for n in range(9)]
    hidden = [{"text": "b", "label": -1}]
    load = tiny(features, {"train": examples, "dev": examples, "test": hidden})
    with pytest.raises(ValueError, match="Example 0 of test .* no label"):
        load()


@pytest.mark.parametrize("limit", [0, -1, 2.0, True])
def test_a_limit_is_a_positive_integer(limit):
    with pytest.raises(ValueError, match=f"limit={limit}, where a positive"):
        load_labelled("snippets", limit=limit)
