import keras
import numpy as np
import pytest

from rnnzoo.layers import ScheduledSampling
from rnnzoo.layers.scheduled_sampling import sampled


def shares(schedule, steps, rate=0.8, over=100):
    layer = ScheduledSampling(rate, over=over, schedule=schedule)
    found = []
    for step in steps:
        layer.count.assign(step)
        found.append(float(layer.share()))
    return found


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.8, 0.8, 0.8, 0.8]),
        ("linear", [0.0, 0.4, 0.8, 0.8]),
        ("exponential", [0.0, 0.8 * 0.9, 0.8 * 0.99, 0.8 * 0.99]),
        # Halfway, half; and within a quarter of a percent at both ends.
        (
            "inverse_sigmoid",
            [0.8 * 0.002473, 0.4, 0.8 * 0.997527, 0.8 * 0.997527],
        ),
    ],
)
def test_is_its_schedule(schedule, expected):
    found = shares(schedule, [0, 50, 100, 1000])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)
    grows = shares(schedule, range(0, 120, 10))
    assert grows == sorted(grows)


def test_draws_by_its_share_and_counts():
    layer = ScheduledSampling(0.5, over=2)
    found = [np.asarray(layer.draw(200, 100)[0]).mean() for _ in range(4)]
    np.testing.assert_allclose(found, [0, 0.25, 0.5, 0.5], atol=0.02)
    assert int(layer.count.numpy()) == 4
    uniform = np.asarray(layer.draw(200, 100)[1])
    assert 0 <= uniform.min() and uniform.max() < 1
    np.testing.assert_allclose(uniform.mean(), 0.5, atol=0.01)


def test_samples_have_the_shares_of_the_logits():
    # Pad and begin are likely, and never drawn.
    shares = [[0.9, 0.8, 0.1, 0.2, 0.0001, 0.6999]]
    logits = np.log(shares).astype("float32")
    uniform = ((np.arange(1000) + 0.5) / 1000).astype("float32")
    ids = sampled(
        keras.ops.convert_to_tensor(logits.repeat(1000, axis=0)),
        keras.ops.convert_to_tensor(uniform),
    )
    counts = np.bincount(np.asarray(ids), minlength=6)
    np.testing.assert_allclose(counts, [0, 0, 100, 200, 0, 700], atol=1)


def test_comes_back_from_its_config():
    layer = ScheduledSampling(0.3, over=7, schedule="exponential")
    config = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == layer.get_config()
    assert (again.rate, again.over, again.schedule) == (0.3, 7, "exponential")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 1.5}, "`rate` is a share from 0 to 1. Received: rate=1.5"),
        ({"rate": 0.5, "over": 0}, "`over` must be a positive integer.*=0"),
        ({"rate": 0.5, "schedule": "sigmoid"}, "Unknown schedule: 'sigmoid'"),
    ],
)
def test_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        ScheduledSampling(**options)
