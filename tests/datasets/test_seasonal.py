"""The embedded series, and series in TFDS data sets."""

import hashlib

import numpy as np
import pytest
import tensorflow_datasets as tfds
from sklearn.linear_model import Ridge

from rnnzoo import datasets
from rnnzoo.datasets import seasonal
from rnnzoo.datasets.calendar import with_calendar

SPLITS = ["train", "validation", "test"]
TIME, VALUES = (
    np.concatenate(parts)
    for parts in zip(*map(seasonal.series, SPLITS), strict=True)
)
COLUMN = dict(zip(seasonal.COLUMNS, VALUES.T, strict=True))
HOUR = np.arange(len(TIME)) % 24
DAY = np.arange(len(TIME)) // 24


def test_hours_follow_one_another():
    rows = [len(seasonal.series(split)[0]) for split in SPLITS]
    assert rows == [24 * 720, 24 * 90, 24 * 90]
    assert set(np.diff(TIME)) == {3600}
    assert str(TIME[0].astype("datetime64[s]")) == "2024-01-01T00:00:00"
    assert VALUES.dtype == np.float32 and np.isfinite(VALUES).all()


def test_the_same_numbers_as_ever():
    # A change here needs a new Seasonal.VERSION, or prepared data stay old.
    # Rounded, as functions of NumPy may differ in their last digit.
    digest = hashlib.sha256(np.round(VALUES, 2).tobytes()).hexdigest()
    known = {"1.0.0": "2a3515a286705ab4"}
    assert digest[:16] == known[str(seasonal.Seasonal.VERSION)]


def correlation(x, y):
    return np.corrcoef(x, y)[0, 1]


def test_days_weeks_and_years():
    traffic, sunshine = COLUMN["traffic"], COLUMN["sunshine"]
    days_off = DAY % 7 >= 5
    assert sunshine[HOUR == 1].max() == 0 < sunshine[HOUR == 13].mean() / 2
    rush = HOUR == 8
    at_work = traffic[rush & ~days_off].mean()
    assert traffic[rush & days_off].mean() < 0.7 * at_work
    by_day = COLUMN["temperature"].reshape(-1, 24).mean(axis=1)
    assert correlation(by_day[:-90], by_day[90:]) > 0.5
    assert correlation(by_day[:-45], by_day[45:]) < -0.3


def test_columns_tell_of_each_other():
    assert correlation(COLUMN["temperature"], COLUMN["heating"]) < -0.6
    assert correlation(COLUMN["load"], COLUMN["price"]) > 0.7
    assert correlation(COLUMN["sunshine"], COLUMN["temperature"]) > 0.3


def test_thresholds_are_no_lines():
    assert 0.2 < (COLUMN["heating"] == 0).mean() < 0.8
    assert 0.2 < (COLUMN["cooling"] == 0).mean() < 0.9
    both = (COLUMN["heating"] > 0) & (COLUMN["cooling"] > 0)
    assert not both.any()


def test_all_splits_have_all_seasons():
    means = [seasonal.series(split)[1].mean(axis=0) for split in SPLITS]
    deviation = VALUES.std(axis=0)
    for mean in means:
        assert (np.abs(mean - VALUES.mean(axis=0)) < 0.3 * deviation).all()


@pytest.mark.slow
def test_what_a_forecast_has_to_beat():
    """A day ahead from three: the day before again, and a linear model."""
    train = len(seasonal.series("train")[0])
    held_out = len(VALUES) - 24 * 90 - 72
    scaled = VALUES - VALUES[:train].mean(axis=0)
    scaled /= VALUES[:train].std(axis=0)
    _, dates = with_calendar(
        TIME.astype("datetime64[s]"), np.zeros((len(TIME), 0)), ["day", "week"]
    )

    def windows(first, last):
        starts = np.arange(first, last - 72 - 24 + 1)
        past = scaled[starts[:, None] + np.arange(72)]
        future = scaled[starts[:, None] + 72 + np.arange(24)]
        known = [past.reshape(len(starts), -1), dates[starts + 71]]
        return past, np.hstack(known), future.reshape(len(starts), -1)

    past, x, y = windows(held_out, len(VALUES))
    again = past[:, -24:].reshape(y.shape)
    assert ((again - y) ** 2).mean() == pytest.approx(0.809, abs=0.002)
    _, known, future = windows(0, train)
    linear = Ridge(1.0).fit(known, future).predict(x)
    assert ((linear - y) ** 2).mean() == pytest.approx(0.382, abs=0.003)


# === As a TFDS data set ===


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    datasets.load("seasonal", "test", folder)
    return folder


def test_round_trip(prepared):
    series = datasets.load_series("seasonal", look_back=24, data_dir=prepared)
    assert series.columns == seasonal.COLUMNS
    assert series.step == np.timedelta64(1, "h") and series.notes == ()
    parts = {"train": (0, 17280), "validation": (17256, 19440)}
    parts["test"] = (19416, 21600)
    for split, (first, last) in parts.items():
        np.testing.assert_array_equal(series.splits[split], VALUES[first:last])
        np.testing.assert_array_equal(
            series.times[split].astype("int64"), TIME[first:last]
        )
    info = tfds.builder("seasonal", data_dir=prepared).info
    assert info.full_name == "seasonal/1.0.0"


def test_some_columns_in_other_splits(prepared):
    series = datasets.load_series(
        "seasonal",
        columns=["price", "load"],
        targets=["load"],
        sizes=(24, 4, 1),
        unit="months",
        data_dir=prepared,
    )
    assert series.columns == ("price", "load") and series.targets == (1,)
    assert len(series.splits["validation"]) == 4 * 720
    np.testing.assert_array_equal(
        series.splits["test"][:, 0], COLUMN["price"][28 * 720 : 29 * 720]
    )
    assert series.notes == ("not used: the last 720 of 21,600 rows",)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "seasonal",
            {"columns": ["lod"]},
            "no column 'lod'; did you mean 'loa",
        ),
        ("seasonal", {"time": "t"}, "is no series.*one of times, 't'"),
        ("adding/steps_10", {}, "'adding/steps_10' is no series.* 'target'"),
        ("seasnal", {}, "did you mean 'seasonal'"),
    ],
)
def test_what_is_no_series(prepared, name, options, message):
    with pytest.raises(ValueError, match=message):
        datasets.load_series(name, data_dir=prepared, **options)
