import re

import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.pipelines.windows import Windows

SERIES = np.random.RandomState(0).normal(size=(30, 3)).astype("float32")


def read(dataset):
    return list(dataset.as_numpy_iterator())


def starts_of(batches, series=SERIES):
    """Which time step each window starts at, by its first row."""
    first = [tuple(row) for row in series]
    return [first.index(tuple(row[0])) for x, _ in batches for row in x]


def test_what_a_batch_holds():
    windows = Windows(SERIES[:10], 4, 2, 3)
    assert windows.examples == 5 and len(windows) == 2
    batches = read(windows.dataset())
    assert [len(x) for x, _ in batches] == [3, 2]
    place = 0
    for past, future in batches:
        assert past.dtype == future.dtype == "float32"
        for x, y in zip(past, future, strict=True):
            np.testing.assert_array_equal(x, SERIES[place : place + 4])
            np.testing.assert_array_equal(y, SERIES[place + 4 : place + 6])
            place += 1
    assert place == 5
    past = tf.TensorSpec((None, 4, 3), "float32")
    future = tf.TensorSpec((None, 2, 3), "float32")
    assert windows.dataset().element_spec == (past, future)
    assert len(windows.dataset()) == 2


def test_one_window():
    windows = Windows(SERIES[:6].astype("float64"), 4, 2, 8)
    ((past, future),) = read(windows.dataset())
    np.testing.assert_array_equal(past[0], SERIES[:4])
    np.testing.assert_array_equal(future[0], SERIES[4:6])


def test_some_columns_as_one_vector():
    windows = Windows(SERIES, 4, 2, 7, targets=(2, 0), flat=True)
    plain = Windows(SERIES, 4, 2, 7)
    assert windows.dataset().element_spec[1].shape == (None, 4)
    pairs = zip(read(windows.dataset()), read(plain.dataset()), strict=True)
    for (x, flat), (same, y) in pairs:
        np.testing.assert_array_equal(x, same)
        np.testing.assert_array_equal(flat, y[..., [2, 0]].reshape(-1, 4))


def test_strides():
    windows = Windows(SERIES, 4, 2, 3, stride=6)
    assert starts_of(read(windows.dataset())) == [0, 6, 12, 18, 24]
    assert windows.examples == 5


def test_epochs_have_orders_of_their_own():
    windows = Windows(SERIES, 4, 2, 4, shuffle_seed=3)
    epochs = [starts_of(read(windows.dataset(n))) for n in range(2)]
    assert epochs[0] != epochs[1]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(25))
    dataset = windows.dataset()
    assert [starts_of(read(dataset)), starts_of(read(dataset))] == epochs
    again = Windows(SERIES, 4, 2, 4, shuffle_seed=3)
    assert starts_of(read(again.dataset(1))) == epochs[1]
    other = Windows(SERIES, 4, 2, 4, shuffle_seed=4)
    assert starts_of(read(other.dataset())) not in epochs


@pytest.mark.parametrize("shuffle_seed", [None, 0])
def test_going_on_from_any_batch(shuffle_seed):
    windows = Windows(SERIES, 4, 2, 4, shuffle_seed=shuffle_seed)
    assert len(windows) == 7
    for epoch, batch in ((0, 6), (2, 3)):
        whole = read(windows.dataset(epoch))
        rest = read(windows.dataset(epoch, batch))
        assert len(rest) == len(windows.dataset(epoch, batch)) == 7 - batch
        assert starts_of(rest) == starts_of(whole[batch:])


@pytest.mark.parametrize("place", [(0, 7), (0, -1), (-1, 0)])
def test_places_that_are_none(place):
    windows = Windows(SERIES, 4, 2, 4)
    message = re.escape("a batch from 0 to 6 are expected")
    with pytest.raises(ValueError, match=message):
        windows.dataset(*place)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"look_back": 0}, "Received look_back=0, where a positive integer"),
        ({"horizon": 1.5}, "Received horizon=1.5, where a positive integer"),
        ({"batch_size": True}, "Received batch_size=True"),
        ({"stride": None}, "Received stride=None"),
        ({"shuffle_seed": -1}, "Received shuffle_seed=-1"),
        ({"horizon": 27}, "4 time steps and 27 to forecast .* series of 30"),
        ({"series": SERIES[:, 0]}, r"of the shape \(time, columns\).*\(30,\)"),
        ({"series": [["a"]]}, "must hold numbers of the shape"),
        ({"series": []}, "must hold numbers of the shape"),
        ({"targets": ()}, r"numbers, 0 to 2, each once. .* targets=\(\)"),
        ({"targets": (0, 3)}, r"targets=\(0, 3\)"),
        ({"targets": (1, 1)}, r"targets=\(1, 1\)"),
        ({"targets": ("OT",)}, "must name columns by their numbers"),
    ],
)
def test_what_makes_no_windows(change, message):
    options = {"series": SERIES, "look_back": 4, "horizon": 2, "batch_size": 4}
    with pytest.raises(ValueError, match=message):
        Windows(**{**options, **change})


def test_missing_values_are_named():
    series = SERIES.copy()
    series[7, 2] = series[9, 0] = np.nan
    with pytest.raises(ValueError, match="nan at the time step 7, column 2, a"):
        Windows(series, 4, 2, 4)
