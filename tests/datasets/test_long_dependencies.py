"""The embedded data sets of the study of long dependencies."""

import importlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

from rnnzoo import datasets
from rnnzoo.datasets import adding, copy_memory, cyclic_group

SPLITS = ["train", "validation", "test"]


def group(split, order=2):
    return list(cyclic_group.examples(split, order))


# === Adding ===


@pytest.mark.parametrize("length", [2, 11, 100])
def test_two_numbers_are_marked_and_added(length):
    examples = adding.arrays("test", length)
    values, marked = np.moveaxis(examples["inputs"], -1, 0)
    assert values.shape == (1000, length) and values.dtype == np.float32
    assert 0 <= values.min() < 0.01 and 0.99 < values.max() < 1
    assert set(np.unique(marked)) <= {0, 1}
    half = length // 2
    assert (marked[:, :half].sum(axis=1) == 1).all()
    assert (marked[:, half:].sum(axis=1) == 1).all()
    places = np.flatnonzero(marked.any(axis=0))
    assert places.tolist() == list(range(length))
    for row in range(5):
        one, other = values[row, marked[row] == 1]
        assert examples["target"][row] == pytest.approx(one + other)


def test_always_one_is_off_by_a_sixth():
    target = adding.arrays("train", 10)["target"]
    assert len(target) == 10_000
    assert np.mean((target - 1) ** 2) == pytest.approx(1 / 6, rel=0.02)


def test_no_number_of_one_split_is_in_another():
    rows = [
        {row.tobytes() for row in adding.arrays(split, 10)["inputs"]}
        for split in SPLITS
    ]
    assert [len(part) for part in rows] == [10_000, 500, 1000]
    assert len(set.union(*rows)) == 11_500


# === Copy memory ===


def test_a_word_is_to_be_recalled_after_the_signal():
    examples = copy_memory.arrays("test", 4)
    inputs, targets = examples["inputs"], examples["targets"]
    assert inputs.shape == targets.shape == (1000, 24)
    words = inputs[:, :10]
    assert set(np.unique(words)) == set(range(8))
    assert (inputs[:, 10:] == [8, 8, 8, 9] + [8] * 10).all()
    assert (targets[:, :14] == 8).all()
    # The first symbol is due T steps after the last one was read.
    assert (targets[:, 14:] == words).all()


def test_no_word_occurs_twice():
    words = [copy_memory.arrays(split, 10)["targets"] for split in SPLITS]
    assert [len(part) for part in words] == [10_000, 500, 1000]
    assert len({row.tobytes() for part in words for row in part}) == 11_500


# === Cyclic groups ===


@pytest.mark.parametrize("order", [2, 5])
def test_targets_compose_all_elements_so_far(order):
    for example in group("train", order)[:50]:
        total = 0
        pairs = zip(example["inputs"], example["targets"], strict=True)
        for element, target in pairs:
            assert 0 <= element < order
            total = (total + element) % order
            assert target == total


def test_only_short_words_are_learnt_from():
    lengths = [[len(e["inputs"]) for e in group(split)] for split in SPLITS]
    counts = np.bincount(lengths[0])
    assert len(counts) == 41 and counts[0] == 0
    assert counts[1:].min() > 190 and counts.max() < 310  # 250 expected
    assert lengths[1] == [40] * 500
    assert lengths[2] == [256] * 500


@pytest.mark.parametrize("order", [2, 5])
def test_no_held_out_word_was_learnt_from(order):
    words = [
        {e["inputs"][:40].tobytes() for e in group(split, order)}
        for split in SPLITS
    ]
    assert not words[0] & words[1]
    assert not (words[0] | words[1]) & words[2]


def test_states_are_as_frequent_as_each_other():
    """So that guessing is right in a fifth of the cases."""
    targets = [e["targets"] for e in group("test", 5)]
    shares = np.bincount(np.concatenate(targets)) / (500 * 256)
    assert shares == pytest.approx([0.2] * 5, abs=0.01)


# === As TFDS builders ===


@pytest.fixture
def few(monkeypatch):
    for package in (adding, copy_memory, cyclic_group):
        for number, split in enumerate(SPLITS):
            monkeypatch.setitem(package.SIZES, split, 3 + number)


def own(name, split):
    """Examples of a builder as its own functions make them."""
    package, config = name.split("/")
    number = int(config.split("_")[1])
    module = importlib.import_module(f"rnnzoo.datasets.{package}")
    if package == "cyclic_group":
        return list(module.examples(split, number))
    made = module.arrays(split, number)
    count = module.SIZES[split]
    return [{key: made[key][n] for key in made} for n in range(count)]


@pytest.mark.parametrize(
    "name, keys",
    [
        ("adding/steps_100", ("inputs", "target")),
        ("copy_memory/delay_10", ("inputs", "targets")),
        ("cyclic_group/order_5", ("inputs", "targets")),
    ],
)
def test_round_trip(name, keys, few, tmp_path):
    for number, split in enumerate(SPLITS):
        read = datasets.load(name, split, tmp_path).as_numpy_iterator()
        expected = own(name, split)
        assert len(expected) == 3 + number
        # Shuffled on disk, so that a part of a split is a fair sample.
        for example in read:
            matches = [
                row
                for row in expected
                if all(np.array_equal(row[key], example[key]) for key in keys)
            ]
            assert len(matches) == 1
            expected = [row for row in expected if row is not matches[0]]
        assert expected == []
    info = tfds.builder(name, data_dir=tmp_path).info
    assert info.supervised_keys == keys


def test_an_unknown_length_names_those_there_are(tmp_path):
    with pytest.raises(ValueError, match="4 configs: steps_600, "):
        datasets.load("adding/steps_60", "test", tmp_path)
