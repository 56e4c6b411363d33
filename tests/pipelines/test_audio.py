import math

import numpy as np
import pytest

from rnnzoo.pipelines.audio import LogMel, Normalisation


def reference(samples, rate, frame, hop, bands, lowest):
    """Log-mel features, sum by sum, as their definition says."""
    mel = [2595 * math.log10(1 + f / 700) for f in (lowest, rate / 2)]
    step = (mel[1] - mel[0]) / (bands + 1)
    corners = [
        700 * (10 ** ((mel[0] + n * step) / 2595) - 1) for n in range(bands + 2)
    ]
    points = 1
    while points < frame:
        points *= 2
    window = [math.sin(math.pi * n / frame) ** 2 for n in range(frame)]
    power_of_window = sum(w * w for w in window)
    rows = []
    for start in range(0, len(samples) - frame + 1, hop):
        row = [0.0] * bands
        for k in range(points // 2 + 1):
            total = sum(
                window[n]
                * samples[start + n]
                * complex(
                    math.cos(2 * math.pi * k * n / points),
                    -math.sin(2 * math.pi * k * n / points),
                )
                for n in range(frame)
            )
            power = abs(total) ** 2 / power_of_window
            hertz = k * rate / points
            for band in range(bands):
                left, middle, right = corners[band : band + 3]
                if left < hertz <= middle:
                    row[band] += power * (hertz - left) / (middle - left)
                elif middle < hertz < right:
                    row[band] += power * (right - hertz) / (right - middle)
        rows.append([math.log(value + 1e-8) for value in row])
    return rows


def test_as_defined():
    samples = np.random.RandomState(0).uniform(-1, 1, 130)
    features = LogMel(rate=8000, frame=5, hop=2.5, bands=6, lowest=100)
    assert (features.frame_samples, features.hop_samples) == (40, 20)
    expected = reference(samples, 8000, 40, 20, 6, 100)
    found = features(samples)
    assert found.dtype == np.float32
    assert found.shape == (5, 6)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_integers_are_as_floats():
    samples = np.random.RandomState(1).randint(-32768, 32768, 800)
    features = LogMel(rate=8000)
    np.testing.assert_array_equal(
        features(samples.astype("int16")), features(samples / 32768)
    )


def test_lengths():
    features = LogMel(rate=8000)
    lengths = [1, 200, 279, 280, 8000]
    assert [len(features(np.ones(n))) for n in lengths] == [1, 1, 1, 2, 98]


def test_a_tone_is_in_its_band():
    features = LogMel(rate=8000, bands=20)
    loudest = [
        features(np.sin(2 * np.pi * hertz * np.arange(800) / 8000))[4].argmax()
        for hertz in (200, 500, 1000, 2000, 3500)
    ]
    assert loudest == sorted(set(loudest))
    mel = 2595 * np.log10(1 + np.array([60, 1000, 4000]) / 700)
    expected = (mel[1] - mel[0]) / (mel[2] - mel[0]) * 21 - 1
    assert abs(loudest[2] - expected) <= 0.5


def test_twice_as_loud_is_four_times_the_power():
    samples = np.random.RandomState(2).uniform(-0.4, 0.4, 800)
    features = LogMel(rate=8000)
    np.testing.assert_allclose(
        features(2 * samples) - features(samples), np.log(4), atol=1e-4
    )
    assert np.exp(features(np.zeros(800))).max() == pytest.approx(1e-8)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"rate": 0}, "rate=0, where a positive integer"),
        ({"bands": 4.0}, "bands=4.0, where a positive integer"),
        ({"frame": 0.01}, "frame=0.01, in milliseconds, which is no sample"),
        ({"hop": 0}, "hop=0, in milliseconds, which is no sample"),
        ({"lowest": 4000}, "lowest=4000, where hertz .* below 4000, half"),
        ({"bands": 500}, "bands=500, more than frames of 200 samples can"),
    ],
)
def test_wrong_settings(options, message):
    with pytest.raises(ValueError, match=message):
        LogMel(**{"rate": 8000, **options})


@pytest.mark.parametrize(
    "samples, message",
    [
        (np.zeros((5, 2)), r"shape \(5, 2\), where \(samples,\)"),
        (np.zeros(0), r"shape \(0,\), where"),
        (np.zeros(5, "int64"), "type int64, where int16 or floats"),
    ],
)
def test_wrong_samples(samples, message):
    with pytest.raises(ValueError, match=message):
        LogMel(rate=8000)(samples)


def test_normalisation():
    random = np.random.RandomState(3)
    features = [
        (random.normal(5, 2, (n, 3)) * [1, 1, 0] + [0, 9, 7]).astype("float32")
        for n in (40, 10, 70)
    ]
    normalise = Normalisation.of(features)
    every = np.concatenate(features)
    np.testing.assert_allclose(normalise.mean, every.mean(axis=0), rtol=1e-5)
    found = np.concatenate([normalise(one) for one in features])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=0), [1, 1, 0], atol=1e-5)
    with pytest.raises(ValueError, match="no features"):
        Normalisation.of([])
