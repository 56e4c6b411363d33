import hashlib
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

from rnnzoo import datasets
from rnnzoo.datasets import moving_digits
from rnnzoo.datasets.moving_digits import LENGTHS, NONE, SIDE
from rnnzoo.datasets.moving_digits.examples import clip

SPLITS = ["train", "validation", "test"]


@pytest.fixture(scope="module")
def clips():
    return list(moving_digits.examples("test"))


def test_shapes(clips):
    assert len(clips) == moving_digits.SIZES["test"]
    for example in clips:
        assert example["video"].shape == (len(example["labels"]), SIDE, SIDE, 1)
        assert example["video"].dtype == np.uint8
    lengths = {len(example["labels"]) for example in clips}
    assert lengths == set(range(LENGTHS[0], LENGTHS[1] + 1))


def test_labels(clips):
    counts = np.bincount(np.concatenate([e["labels"] for e in clips]))
    assert len(counts) == NONE + 1
    digits = counts[:NONE]
    assert digits.max() < 2 * digits.min()
    assert 0.2 < counts[NONE] / counts.sum() < 0.4
    # Several digits in many of them, one after the other.
    several = [len(set(e["labels"]) - {NONE}) > 1 for e in clips]
    assert 0.1 < np.mean(several) < 0.9


def test_a_frame_is_labelled_by_what_it_shows(monkeypatch):
    # The package has a function of the name of this module, which hides it.
    module = sys.modules["rnnzoo.datasets.moving_digits.examples"]
    monkeypatch.setattr(module, "_NOISE", 0)
    white = np.full((1, 8, 8), 255, "uint8")
    hidden = 0
    for seed in range(20):
        one = clip(white, np.array([7]), np.random.RandomState(seed))
        shown = one["video"].max(axis=(1, 2, 3)) > 0
        np.testing.assert_array_equal(np.where(shown, 7, NONE), one["labels"])
        ink = (one["video"] > 0).sum(axis=(1, 2, 3))
        assert ink.max() <= 64 and ink.max() >= 40
        hidden += ((0 < ink) & (ink < 30)).sum()
    # Many frames show a part of a digit only.
    assert hidden > 20


def test_the_same_examples_as_ever(clips):
    # A change needs a new MovingDigits.VERSION, or prepared data stay old.
    digest = hashlib.sha256()
    for example in clips:
        digest.update(example["video"].tobytes())
        digest.update(example["labels"].astype("uint8").tobytes())
    known = {"1.0.0": "1c75a6da49b49983"}
    version = str(moving_digits.MovingDigits.VERSION)
    assert digest.hexdigest()[:16] == known[version]


def test_round_trip(monkeypatch, tmp_path):
    for number, split in enumerate(SPLITS):
        monkeypatch.setitem(moving_digits.SIZES, split, 3 + number)
    for split in SPLITS:
        found = {
            (e["video"].tobytes(), tuple(e["labels"]))
            for e in datasets.load(
                "moving_digits", split, tmp_path
            ).as_numpy_iterator()
        }
        assert found == {
            (e["video"].tobytes(), tuple(e["labels"]))
            for e in moving_digits.examples(split)
        }
    info = tfds.builder("moving_digits", data_dir=tmp_path).info
    assert info.supervised_keys == ("video", "labels")
    assert info.features["labels"].feature.names[-1] == "none"
