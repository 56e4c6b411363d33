import hashlib

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo import datasets
from rnnzoo.datasets import digit_strips, digits

SPLITS = ["train", "validation", "test"]


def test_the_scans_of_the_strips_one_by_one():
    assert digits.SIZES == {"train": 1157, "validation": 258, "test": 382}
    for split in SPLITS:
        images, labels = digit_strips.scans(split)
        found = list(digits.examples(split))
        assert len(found) == digits.SIZES[split]
        np.testing.assert_array_equal(
            np.stack([e["image"][..., 0] for e in found]), images
        )
        assert [e["label"] for e in found] == labels.tolist()
        assert set(labels) == set(range(10))


def test_the_same_examples_as_ever():
    # A change here needs a new Digits.VERSION, or prepared data stay old.
    digest = hashlib.sha256()
    for split in SPLITS:
        for example in digits.examples(split):
            digest.update(example["image"].tobytes())
            digest.update(bytes([example["label"]]))
    known = {"1.0.0": "f6f6eeba2c88473b"}
    assert digest.hexdigest()[:16] == known[str(digits.Digits.VERSION)]


def test_round_trip(tmp_path):
    dataset = datasets.load("digits", "test", tmp_path)
    found = sorted(
        (int(e["label"]), e["image"].tobytes())
        for e in dataset.as_numpy_iterator()
    )
    assert found == sorted(
        (e["label"], e["image"].tobytes()) for e in digits.examples("test")
    )
    info = tfds.builder("digits", data_dir=tmp_path).info
    assert info.supervised_keys == ("image", "label")
    assert info.features["image"].shape == (digits.SIDE, digits.SIDE, 1)
