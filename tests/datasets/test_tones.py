import hashlib
import itertools

import numpy as np
import pytest
import tensorflow_datasets as tfds

from rnnzoo import datasets
from rnnzoo.datasets import tones
from rnnzoo.datasets.tones.voice import RATE, VOWELS, WORDS, Speaker, spoken

SPLITS = ["train", "validation", "test"]


@pytest.fixture
def small(monkeypatch):
    for split, size in zip(SPLITS, (60, 20, 30), strict=True):
        monkeypatch.setitem(tones.SIZES, split, size)


def test_words_differ_in_order_only():
    assert len(set(WORDS)) == len(WORDS) == 10
    assert {"".join(sorted(word)) for word in WORDS} == {"aeio"}


def strongest(samples, low, high):
    """The frequency, in hertz, where a sound is strongest in a range."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8192)) ** 2
    hertz = np.fft.rfftfreq(8192, 1 / RATE)
    inside = (hertz >= low) & (hertz <= high)
    return hertz[inside][power[inside].argmax()]


@pytest.mark.parametrize("vowel", VOWELS)
def test_a_vowel_has_its_formants(vowel):
    speaker = Speaker(pitch=100.0, tract=1.1, pace=0.1)
    samples = spoken(vowel * 4, speaker, np.random.RandomState(0))
    assert np.abs(samples).max() <= 1 and np.abs(samples).max() > 0.9
    first, second = (1.1 * formant for formant in VOWELS[vowel])
    middle = (first + second) / 2
    # To the nearest harmonic, of a pitch that moves by a tenth.
    assert abs(strongest(samples, 60, middle) - first) < 75
    assert abs(strongest(samples, middle, 3500) - second) < 120


def test_the_pitch_is_the_speakers():
    for pitch in (100.0, 200.0):
        speaker = Speaker(pitch, 1.0, 0.1)
        samples = spoken("iiii", speaker, np.random.RandomState(1))
        lag = np.correlate(samples, samples, "full")[len(samples) - 1 :]
        period = 25 + lag[25 : RATE // 80].argmax()
        assert abs(RATE / period - pitch) < 0.12 * pitch


def test_words(small):
    speakers = []
    for split in SPLITS:
        found = list(tones.examples(split, "words"))
        labels = [example["label"] for example in found]
        assert np.bincount(labels).tolist() == [len(found) // 10] * 10
        speakers.append({example["speaker"] for example in found})
        for example in found:
            audio = example["audio"]
            assert audio.dtype == np.int16 and audio.ndim == 1
            assert 0.1 * RATE < len(audio) < 1.5 * RATE
            assert 1000 < np.abs(audio.astype(int)).max() <= 32768
    for one, other in itertools.combinations(speakers, 2):
        assert not one & other
    assert len(set.union(*speakers)) <= sum(tones.SPEAKERS.values())


def test_strings(small):
    found = list(tones.examples("train", "strings"))
    lengths = [len(example["label"]) for example in found]
    assert set(lengths) == set(range(1, tones.LONGEST + 1))
    assert set("".join(e["label"] for e in found)) == set("0123456789")
    seconds = [len(example["audio"]) / RATE for example in found]
    assert np.corrcoef(lengths, seconds)[0, 1] > 0.8


def test_the_same_examples_as_ever(small):
    # A change here needs a new Tones.VERSION, or prepared data stay old.
    digest = hashlib.sha256()
    for config in tones.CONFIGS:
        for example in tones.examples("test", config):
            digest.update(example["audio"].tobytes())
            digest.update(str(example["label"]).encode())
    known = {"1.0.0": "41ee67102c5103f7"}
    assert digest.hexdigest()[:16] == known[str(tones.Tones.VERSION)]


@pytest.mark.parametrize("config", ["words", "strings"])
def test_round_trip(small, tmp_path, config):
    def comparable(examples):
        return sorted(
            (e["audio"].tobytes(), int(e["label"]), int(e["speaker"]))
            for e in examples
        )

    name = f"tones/{config}"
    found = datasets.load(name, "test", tmp_path).as_numpy_iterator()
    assert comparable(found) == comparable(tones.examples("test", config))
    info = tfds.builder(name, data_dir=tmp_path).info
    assert info.supervised_keys == ("audio", "label")
    assert info.features["audio"].sample_rate == RATE == 8000
    assert info.features["audio"].np_dtype == np.int16
    # Stored as they are: not in 64 bits, which take up to ten bytes each.
    held = sum(
        len(e["audio"]) for s in SPLITS for e in tones.examples(s, config)
    )
    assert info.dataset_size < 2.2 * held
