import collections
import hashlib

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from rnnzoo import datasets
from rnnzoo.datasets import digit_strips
from rnnzoo.datasets.digit_strips import in_words
from rnnzoo.datasets.digit_strips.examples import GAP, SCANS

SPLITS = ["train", "validation", "test"]


@pytest.fixture(scope="module")
def splits():
    return {split: list(digit_strips.examples(split, 4)) for split in SPLITS}


# === Words ===


@pytest.mark.parametrize(
    "number, words",
    [
        (0, "zero"),
        (7, "seven"),
        (13, "thirteen"),
        (20, "twenty"),
        (99, "ninety-nine"),
        (100, "one hundred"),
        (318, "three hundred eighteen"),
        (4000, "four thousand"),
        (4071, "four thousand seventy-one"),
        (50_600, "fifty thousand six hundred"),
        (100_005, "one hundred thousand five"),
        (
            987_654,
            "nine hundred eighty-seven thousand six hundred fifty-four",
        ),
    ],
)
def test_numbers_in_words(number, words):
    assert in_words(number) == words


def test_every_number_has_words_of_its_own():
    assert len({in_words(number) for number in range(100_000)}) == 100_000


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_numbers_without_words(number):
    with pytest.raises(ValueError, match=rf"\[0, 999999\].*number={number}"):
        in_words(number)


# === Scans ===


def test_every_scan_is_in_one_split():
    parts = [digit_strips.scans(split) for split in SPLITS]
    assert [len(digits) for _, digits in parts] == [1157, 258, 382]
    images, digits = (np.concatenate(part) for part in zip(*parts, strict=True))
    known = load_digits()
    np.testing.assert_array_equal(digits, known.target)
    np.testing.assert_allclose(images / 255 * 16, known.images, atol=0.05)
    pictures = [{image.tobytes() for image in part} for part, _ in parts]
    assert len(set.union(*pictures)) == sum(map(len, pictures)) == 1797


def test_splits_part_where_a_form_starts():
    digits = load_digits().target
    for start, _ in SCANS.values():
        assert digits[start : start + 20].tolist() == [*range(10)] * 2


# === Strips ===


def test_numbers(splits):
    assert {k: len(v) for k, v in splits.items()} == digit_strips.SIZES
    numbers = [example["digits"] for example in splits["train"]]
    lengths = collections.Counter(map(len, numbers))
    assert set(lengths) == {1, 2, 3, 4}
    assert min(lengths.values()) > 2300 and max(lengths.values()) < 2700
    assert [n for n in numbers if n[0] == "0"] == ["0"] * numbers.count("0")
    assert 200 < numbers.count("0") < 300
    last = collections.Counter(number[-1] for number in numbers)
    assert min(last.values()) > 900 and max(last.values()) < 1100


def digits_in(image, split):
    """The digits that are in a strip, by looking for each scan in it."""
    images, digits = digit_strips.scans(split)
    windows = np.lib.stride_tricks.sliding_window_view(image[..., 0], (8, 8))
    rows, columns = windows.shape[:2]
    found = collections.defaultdict(list)
    by_bytes = {
        picture.tobytes(): int(digit)
        for picture, digit in zip(images, digits, strict=True)
    }
    for row in range(rows):
        for column in range(columns):
            digit = by_bytes.get(windows[row, column].tobytes())
            if digit is not None:
                found[column].append((row, digit))
    return found


def test_a_strip_shows_its_number_in_scans_of_its_split(splits):
    rows, gaps = set(), set()
    for split in SPLITS:
        for example in splits[split][:200]:
            image = example["image"]
            assert image.dtype == np.uint8
            assert image.shape[0] == digit_strips.HEIGHT and image.shape[2] == 1
            found = digits_in(image, split)
            columns = sorted(found)
            ((row, _),) = found[columns[0]]
            rows.add(row)
            digits = [digit for column in columns for _, digit in found[column]]
            assert "".join(map(str, digits)) == example["digits"]
            assert example["words"] == in_words(int(example["digits"]))
            starts = [*columns, image.shape[1]]
            ends = [0, *(column + 8 for column in columns)]
            gaps |= {a - b for a, b in zip(starts, ends, strict=True)}
            assert image.sum() == sum(
                image[row : row + 8, column : column + 8].sum()
                for column in columns
                for row, _ in found[column]
            )
    assert rows == set(range(digit_strips.HEIGHT - 8 + 1))
    assert gaps == set(range(GAP + 1))


def test_longer_strips():
    example = max(
        digit_strips.examples("validation", 6), key=lambda e: len(e["digits"])
    )
    assert len(example["digits"]) == 6
    assert example["words"] == in_words(int(example["digits"]))


def test_the_same_examples_as_ever(splits):
    # A change here needs a new DigitStrips.VERSION, or prepared data stay old.
    digest = hashlib.sha256()
    for split in SPLITS:
        for example in splits[split]:
            digest.update(example["image"].tobytes())
            digest.update(example["words"].encode())
    known = {"1.0.0": "dad3d8d7a21fdde0"}
    version = str(digit_strips.DigitStrips.VERSION)
    assert digest.hexdigest()[:16] == known[version]


def test_round_trip(monkeypatch, tmp_path):
    for number, split in enumerate(SPLITS):
        monkeypatch.setitem(digit_strips.SIZES, split, 3 + number)
    for number, split in enumerate(SPLITS):
        dataset = datasets.load("digit_strips/up_to_6", split, tmp_path)
        found = {
            (e["digits"].decode(), e["words"].decode(), e["image"].tobytes())
            for e in dataset.as_numpy_iterator()
        }
        expected = {
            (e["digits"], e["words"], e["image"].tobytes())
            for e in digit_strips.examples(split, 6)
        }
        assert len(found) == 3 + number
        assert found == expected
    info = tfds.builder("digit_strips", data_dir=tmp_path).info
    assert info.supervised_keys == ("image", "digits")
    assert info.full_name == "digit_strips/up_to_4/1.0.0"
    assert info.features["image"].shape == (digit_strips.HEIGHT, None, 1)
