import collections
import datetime
import hashlib

import pytest
from babel.core import get_cldr_version

from rnnzoo.datasets.dates import LOCALES, Dates, readings
from rnnzoo.datasets.dates.examples import SIZES, dates, examples


@pytest.fixture(scope="module")
def splits():
    return {split: list(examples(split)) for split in SIZES}


def test_dates_are_parted():
    parts = [set(dates(split)) for split in SIZES]
    assert [len(part) for part in parts] == [62092, 3652, 7305]
    # All days of two centuries, 1900 without a 29 February: none is in two.
    assert len(set.union(*parts)) == sum(map(len, parts)) == 73049


def test_number_per_locale(splits):
    for split, count in {"train": 1600, "validation": 75, "test": 200}.items():
        per_locale = collections.Counter(e["locale"] for e in splits[split])
        assert per_locale == dict.fromkeys(LOCALES, count)


def test_no_date_of_one_split_is_in_another(splits):
    targets = [{e["target"] for e in splits[split]} for split in SIZES]
    assert len(set.union(*targets)) == sum(map(len, targets))
    assert len(targets[2]) > 3500


def test_a_source_has_one_target_in_all_splits(splits):
    targets = collections.defaultdict(set)
    for split in SIZES:
        for example in splits[split]:
            targets[example["source"]].add(example["target"])
    assert {len(found) for found in targets.values()} == {1}
    assert len(targets) > 50_000


def test_examples_are_unambiguous_and_short(splits):
    for split in SIZES:
        for example in splits[split]:
            date = datetime.date.fromisoformat(example["target"])
            assert readings(example["source"]) == {date}
            assert 8 <= len(example["source"]) <= 40
            assert len(example["target"]) == 10


def test_no_character_is_new_in_test(splits):
    known = {c for e in splits["train"] for c in e["source"]}
    for split in ("validation", "test"):
        assert {c for e in splits[split] for c in e["source"]} <= known
    assert len(known) == 425


def test_forms_are_all_in_use(splits):
    lengths = collections.Counter(len(e["source"]) for e in splits["train"])
    assert set(range(8, 38)) <= set(lengths)


def test_the_same_examples_as_ever(splits):
    # A change here needs a new Dates.VERSION, or prepared data stay old.
    digest = hashlib.sha256()
    for split in SIZES:
        for example in splits[split]:
            digest.update("\t".join(example.values()).encode())
    known = {("47", "1.0.0"): "6b5f59c8df8039a1"}
    key = get_cldr_version(), str(Dates.VERSION)
    assert digest.hexdigest()[:16] == known[key]
