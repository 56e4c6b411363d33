import pytest

from rnnzoo.datasets import load_documents, standard_library
from rnnzoo.datasets.python_source import SIZES, examples
from rnnzoo.datasets.python_source.examples import LONGEST


@pytest.mark.parametrize("size", SIZES)
def test_sizes_and_splits(size):
    paths = []
    for split, most in SIZES[size].items():
        found = list(examples(split, size))
        total = sum(len(example["text"]) for example in found)
        assert most - LONGEST < total <= most
        paths += [example["path"] for example in found]
        assert all(standard_library.split_of(e["path"]) == split for e in found)
    assert len(set(paths)) == len(paths)


def test_the_larger_has_the_smaller():
    small, large = (
        [e["path"] for e in examples("train", size)]
        for size in ("small", "large")
    )
    assert large[: len(small)] == small
    assert len(large) > 2 * len(small)


def test_builder(tmp_path):
    data = load_documents("python_source", data_dir=tmp_path)
    expected = {e["text"] for e in examples("validation", "small")}
    assert set(data.splits["validation"]["text"]) == expected
    assert data.notes == ()
    part = load_documents("python_source", limit=1000, data_dir=tmp_path)
    assert sum(map(len, part.splits["train"]["text"])) == 1000
