import keras
import numpy as np
import pytest

from rnnzoo.metrics import EditDistance, edit_distances
from tests.references import ctc as reference

RNG = np.random.default_rng(0)


def pairs(count, n, m, letters=4):
    """Ids with pads anywhere, rows of pads among them."""
    a = RNG.integers(0, letters, (count, n))
    b = RNG.integers(0, letters, (count, m))
    a[: count // 10] = 0
    b[count // 20 : count // 8] = 0
    return a, b


def without_pads(rows):
    return [[x for x in row if x] for row in rows]


@pytest.mark.parametrize("n, m", [(7, 7), (9, 3), (2, 8), (1, 1)])
def test_is_what_levenshteins_table_says(n, m):
    a, b = pairs(300, n, m)
    expected = [
        reference.edit_distance(*pair)
        for pair in zip(without_pads(a), without_pads(b), strict=True)
    ]
    assert len(set(expected)) > 1
    found = edit_distances(a, b)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(edit_distances(b, a), expected)


@pytest.mark.parametrize("n, m, expected", [(0, 3, 2), (3, 0, 2), (0, 0, 0)])
def test_against_nothing(n, m, expected):
    ids = np.array([[4, 0, 5]])
    np.testing.assert_array_equal(
        edit_distances(ids[:, :n], ids[:, :m]), [expected]
    )


def test_is_edits_per_id_over_all_batches():
    a, b = pairs(40, 6, 8)
    weights = RNG.uniform(size=40)
    edits = [
        reference.edit_distance(*pair)
        for pair in zip(without_pads(a), without_pads(b), strict=True)
    ]
    lengths = (a != 0).sum(axis=1)
    metric = EditDistance()
    for cut in (slice(0, 7), slice(7, 40)):
        metric.update_state(a[cut], b[cut])
    np.testing.assert_allclose(metric.result(), sum(edits) / lengths.sum())
    metric.reset_state()
    for cut in (slice(0, 7), slice(7, 40)):
        metric.update_state(a[cut], b[cut], weights[cut])
    expected = (weights * edits).sum() / (weights * lengths).sum()
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


def test_of_nothing_is_zero():
    metric = EditDistance()
    assert float(metric.result()) == 0
    metric.update_state([[0]], [[5]])
    assert float(metric.result()) == 0


def test_ids_from_the_end_on_do_not_count():
    y_true, y_pred = [[5, 6, 2, 0]], [[5, 2, 6, 7]]
    for end, expected in ((2, 1 / 2), (None, 2 / 3)):
        metric = EditDistance(end=end)
        metric.update_state(y_true, y_pred)
        np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


def test_comes_back_from_its_config():
    metric = EditDistance(end=2, name="mine")
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is EditDistance
    assert (again.name, again.end) == ("mine", 2)


def test_in_fit():
    """As a metric of a stock model, whose outputs are ids already."""

    class Echo(keras.Model):
        def call(self, x):
            return x

        def compute_loss(self, *args, **kwargs):
            return keras.ops.zeros(())

    a, b = pairs(10, 6, 6)
    model = Echo()
    model.compile(weighted_metrics=[EditDistance()])
    found = model.evaluate(b, a, batch_size=4, verbose=0, return_dict=True)
    edits = [
        reference.edit_distance(*pair)
        for pair in zip(without_pads(a), without_pads(b), strict=True)
    ]
    expected = sum(edits) / (a != 0).sum()
    np.testing.assert_allclose(found["edit_distance"], expected, rtol=1e-6)
