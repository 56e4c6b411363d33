import collections
import itertools
import re

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

from rnnzoo.datasets import load_labelled, snippets, standard_library
from rnnzoo.datasets.snippets import MASK, MODULES, SIZES, builder, examples
from rnnzoo.datasets.snippets.examples import (
    FEWEST,
    LINES,
    STRIDES,
    _functions,
    _snippets,
)


@pytest.fixture(scope="module")
def splits():
    return {split: list(examples(split)) for split in SIZES}


def test_sizes_and_labels(splits):
    """Other releases of Python have some more or less."""
    sizes = {split: len(found) for split, found in splits.items()}
    assert 8500 < sizes["train"] <= 16_000
    assert 600 < sizes["validation"] <= 1000
    assert 950 < sizes["test"] <= 2000
    for split, found in splits.items():
        counts = collections.Counter(example["label"] for example in found)
        assert set(counts) == set(MODULES)
        assert max(counts.values()) <= SIZES[split]
    assert len(MODULES) == 20


def test_no_text_occurs_twice(splits):
    texts = [e["text"] for found in splits.values() for e in found]
    assert len(set(texts)) == len(texts)
    assert all(text == text.strip() for text in texts)
    lengths = [text.count("\n") + 1 for text in texts]
    assert (min(lengths), max(lengths)) == (FEWEST, LINES)


def test_no_text_names_a_module_or_imports(splits):
    words = {
        word.lower()
        for found in splits.values()
        for example in found
        for word in re.findall(r"[^\W_]+", example["text"])
    }
    assert words & set(MODULES) == set()
    assert MASK in words
    lines = "\n".join(e["text"] for e in splits["train"]).split("\n")
    assert not any(re.match(r"\s*import \w+$", line) for line in lines)


@pytest.mark.parametrize("module", ["mailbox", "http"])
def test_held_out_functions_are_held_out(splits, module):
    """Snippets of a split are of functions of that split only."""
    found = {split: set() for split in SIZES}
    for path, source in standard_library.sources([module]).items():
        for name, text in _functions(source):
            split = standard_library.split_of(f"{path} {name}")
            found[split].update(_snippets(text, STRIDES[split]))
    for split, examples_ in splits.items():
        texts = {e["text"] for e in examples_ if e["label"] == module}
        assert len(texts) > 10
        assert texts <= found[split]


def test_words_tell_much_and_not_all(splits):
    """Naive Bayes: 0.88 in the test of Python 3.11.7, most frequent 0.09."""
    texts, labels = (
        [e[key] for e in splits["train"]] for key in ("text", "label")
    )
    counter = CountVectorizer()
    model = MultinomialNB(alpha=0.1).fit(counter.fit_transform(texts), labels)
    found = model.predict(
        counter.transform([e["text"] for e in splits["test"]])
    )
    truth = [e["label"] for e in splits["test"]]
    right = sum(a == b for a, b in zip(found, truth, strict=True))
    assert 0.8 < right / len(truth) < 0.93
    assert collections.Counter(truth).most_common(1)[0][1] / len(truth) < 0.15


def test_functions_stand_alone_or_in_classes():
    source = (
        "def f():\n    def inner(): pass\n    return inner\n"
        "class A:\n    x = 1\n    class B:\n        async def g(self): pass\n"
        "if True:\n    @decorated\n    def h(): pass\n"
    )
    found = dict(_functions(source))
    assert set(found) == {"f", "A.B.g", "h"}
    assert found["f"] == source[: source.index("class")].rstrip("\n")
    assert found["h"] == "    def h(): pass"


def test_snippets_of_a_function():
    lines = ["def f():", "    import json", ""] + [
        f"    asyncio.a{i} = _pydecimal + Email_{i} + emails" for i in range(12)
    ]
    first, second, *rest = _snippets("\n".join(lines), 4)
    assert rest == []
    assert first.split("\n")[:2] == [
        "def f():",
        f"    {MASK}.a0 = {MASK} + {MASK}_0 + emails",
    ]
    assert len(first.split("\n")) == LINES
    assert second.split("\n")[0].startswith(f"{MASK}.a3 =")
    assert len(second.split("\n")) == 9
    assert list(_snippets("def f():\n  a\n  b", 4)) == []


def test_builder(tmp_path, monkeypatch):
    def few(split):
        return itertools.islice(examples(split), 0, None, 100)

    monkeypatch.setattr(builder, "examples", few)
    data = load_labelled("snippets", data_dir=tmp_path)
    assert data.labels == MODULES and not data.several
    assert len(data.splits["train"]["text"]) == len(list(few("train")))
    expected = {(e["text"], e["label"]) for e in few("test")}
    found = data.splits["test"]
    assert expected == {
        (text, MODULES[label])
        for text, label in zip(found["text"], found["label"], strict=True)
    }
    assert data.notes == ()
    info = snippets.Snippets(data_dir=tmp_path).info
    assert info.full_name == f"snippets/{standard_library.version(1)}"
    assert info.supervised_keys == ("text", "label")
