import functools
import io

import numpy as np
import pytest
import scipy.io.wavfile
import tensorflow_datasets as tfds

from rnnzoo.datasets import load_audio, tones
from rnnzoo.datasets.audio import OFFICIAL_TESTS
from tests import tiny_tfds


def samples(number, count=50):
    return np.full(count, number, "int16")


def save(path, number, rate=8000):
    path.parent.mkdir(parents=True, exist_ok=True)
    scipy.io.wavfile.write(path, rate, samples(number))


def folder(path, counts, splits=("",)):
    number = 0
    for split in splits:
        for name, count in counts.items():
            for n in range(count):
                save(path / split / name / f"{n}.wav", number)
                number += 1
    return f"folder:{path}"


def listed(path, rows):
    for n in range(len(rows) - 1):
        save(path / "wavs" / f"{n}.wav", n)
    (path / "labels.csv").write_text("\n".join(rows) + "\n")
    return f"folder:{path}"


def sizes(recordings):
    assert list(recordings.splits) == ["train", "validation", "test"]
    return [len(split["audio"]) for split in recordings.splits.values()]


def numbers(recordings, split):
    return [int(audio[0]) for audio in recordings.splits[split]["audio"]]


def test_a_folder_with_classes(tmp_path):
    recordings = load_audio(folder(tmp_path, {"yes": 10, "no": 20}))
    assert (recordings.labels, recordings.rate) == (("no", "yes"), 8000)
    assert sizes(recordings) == [24, 3, 3]
    seen = []
    for split, part in recordings.splits.items():
        assert {audio.dtype.name for audio in part["audio"]} == {"int16"}
        assert part["label"].dtype == np.int32
        expected = [int(n < 10) for n in numbers(recordings, split)]
        assert expected == part["label"].tolist()
        seen += numbers(recordings, split)
    assert sorted(seen) == list(range(30))
    assert recordings.notes == (
        "cut off the training examples: 3 for validation, 3 for test",
    )
    assert sizes(load_audio(f"folder:{tmp_path}", limit=2)) == [2, 2, 2]


def test_a_limit_keeps_several_classes_of_a_sorted_list(tmp_path):
    rows = [f"{n}.wav,{'no' if n < 30 else 'yes'}" for n in range(60)]
    name = listed(tmp_path, ["file,label", *rows])
    labels = load_audio(name, limit=4).splits["train"]["label"]
    assert set(labels.tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("again", "message"),
    [
        ("0.wav,a,test", r"'.*wavs/0.wav' twice, for train, 'a' and for test"),
        (
            "1.wav,a,train",
            r"'.*1.wav' twice, for train, 'b' and for train, 'a'",
        ),
    ],
)
def test_a_file_in_two_splits_or_classes(tmp_path, again, message):
    rows = ["0.wav,a,train", "1.wav,b,train", "2.wav,a,validation", again]
    name = listed(tmp_path, ["file,label,split", *rows])
    with pytest.raises(ValueError, match=message):
        load_audio(name)


def test_held_out_by_name(tmp_path):
    name = folder(tmp_path, {"yes": 20, "no": 20})
    recordings = load_audio(name, held_out=r"/[0-4]\.wav$")
    assert numbers(recordings, "test") == [
        n + 20 * side for n in range(5) for side in (1, 0)
    ]
    assert sizes(recordings) == [28, 2, 10]
    assert "10 files whose names have /[0-4]" in recordings.notes[0]
    for pattern, message in (
        ("x.wav", "in none of the 40 file names of .* such as 'no/0.wav'"),
        ("wav", "in all of the 40 file names"),
        ("(", "no regular expression: missing"),
    ):
        with pytest.raises(ValueError, match=message):
            load_audio(name, held_out=pattern)
    divided = folder(tmp_path / "x", {"a": 1, "b": 1}, ("train", "test"))
    with pytest.raises(ValueError, match="test of its own: leave out held_out"):
        load_audio(divided, held_out="0")


def test_the_official_test_of_spoken_digits(monkeypatch, tmp_path):
    examples = [
        {
            "audio": samples(100 * digit + take),
            "label": digit,
            "audio/filename": f"{digit}_{who}_{take}.wav",
        }
        for digit in range(3)
        for who in ("jackson", "theo")
        for take in range(16)
    ]
    features = {
        "audio": tfds.features.Audio(file_format="wav", sample_rate=8000),
        "label": tfds.features.ClassLabel(num_classes=10),
        "audio/filename": tfds.features.Text(),
    }
    keys = ("audio", "label")
    tiny_tfds.fill(monkeypatch, features, {"train": examples}, keys)
    monkeypatch.setitem(
        OFFICIAL_TESTS, tiny_tfds.NAME, OFFICIAL_TESTS["spoken_digit"]
    )
    recordings = load_audio(tiny_tfds.NAME, data_dir=tmp_path)
    assert (recordings.rate, len(recordings.labels)) == (8000, 10)
    assert sizes(recordings) == [60, 6, 30]
    for split, part in recordings.splits.items():
        values = numbers(recordings, split)
        assert {v % 100 < 5 for v in values} == {split == "test"}
        assert [v // 100 for v in values] == part["label"].tolist()
        assert {audio.dtype.name for audio in part["audio"]} == {"int16"}


def test_strings(tmp_path):
    rows = ["file,label,split"]
    rows += [f"{n}.wav,{n:02}{n % 3},train" for n in range(12)]
    rows += ["12.wav,10,dev", "13.wav,2,test"]
    recordings = load_audio(listed(tmp_path, rows), spelled=True)
    assert recordings.labels == (
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
    )
    train = recordings.splits["train"]
    assert [ids.tolist() for ids in train["label"]][:5] == [
        [0, n, n % 3] for n in range(5)
    ]
    assert train["label"][0].dtype == np.int32
    assert recordings.splits["validation"]["label"][0].tolist() == [1, 0]
    rows[-1] = "13.wav,2x,test"
    with pytest.raises(
        ValueError, match="1 examples for test .* label 'x', whi"
    ):
        load_audio(listed(tmp_path, rows), spelled=True)
    with pytest.raises(ValueError, match="label '10', .* give spelled=True"):
        load_audio(f"folder:{tmp_path}")


def test_a_list_of_classes(tmp_path):
    rows = ["path,class", *(f"{n}.wav,{'ab'[n % 2]}" for n in range(20))]
    recordings = load_audio(listed(tmp_path, rows))
    assert sizes(recordings) == [16, 2, 2]
    for split, part in recordings.splits.items():
        expected = [n % 2 for n in numbers(recordings, split)]
        assert part["label"].tolist() == expected


def test_other_rates(tmp_path):
    name = folder(tmp_path, {"a": 3, "b": 3})
    save(tmp_path / "b" / "1.wav", 7, 16_000)
    with pytest.raises(
        ValueError,
        match="b/1.wav' has 16,000 samples per second, but '.*' has 8,000: give"
        "|wav' has 8,000 samples per second, but '.*b/1.wav' has 16,000: give",
    ):
        load_audio(name)
    recordings = load_audio(name, rate=8000)
    assert recordings.rate == 8000
    lengths = [len(a) for s in recordings.splits.values() for a in s["audio"]]
    assert sorted(lengths) == [25, 50, 50, 50, 50, 50]


def test_broken_and_empty_files(tmp_path):
    name = folder(tmp_path, {"a": 3, "b": 3})
    (tmp_path / "a" / "1.wav").write_bytes(b"?")
    with pytest.raises(
        ValueError, match="Cannot read .*a/1.wav' as a wav file"
    ):
        load_audio(name)
    empty = io.BytesIO()
    scipy.io.wavfile.write(empty, 8000, samples(0, 0))
    (tmp_path / "a" / "1.wav").write_bytes(empty.getvalue())
    with pytest.raises(ValueError, match="a/1.wav' has no samples: replace it"):
        load_audio(name)


def test_sets_of_one_class_or_none(tmp_path):
    with pytest.raises(ValueError, match="the same label, 'a': add examples"):
        load_audio(folder(tmp_path, {"a": 4}))
    with pytest.raises(
        ValueError, match="'digits' has no feature that fits `au"
    ):
        load_audio("digits")


def test_tones(tmp_path, monkeypatch):
    for split, size in zip(tones.SIZES, (20, 10, 10), strict=True):
        monkeypatch.setitem(tones.SIZES, split, size)
    strings = load_audio("tones/strings", spelled=True, data_dir=tmp_path)
    assert (sizes(strings), strings.rate) == ([20, 10, 10], tones.RATE)
    for split, part in strings.splits.items():
        found = {
            audio.tobytes(): "".join(strings.labels[n] for n in ids)
            for audio, ids in zip(part["audio"], part["label"], strict=True)
        }
        assert found == {
            e["audio"].tobytes(): e["label"]
            for e in tones.examples(split, "strings")
        }


def test_a_set_of_tfds_that_does_not_say_its_rate(monkeypatch, tmp_path):
    features = {
        "audio": tfds.features.Audio(shape=(None, 2), dtype=np.int16),
        "label": tfds.features.ClassLabel(num_classes=2),
    }
    stereo = [[1, 3], [-5, 5]]
    part = [{"audio": np.int16(stereo), "label": n} for n in range(2)]
    splits = {s: part for s in ("train", "validation", "test")}
    tiny_tfds.fill(monkeypatch, features, splits)
    load = functools.partial(load_audio, tiny_tfds.NAME, data_dir=tmp_path)
    with pytest.raises(
        ValueError, match="not say how many samples .* its rate"
    ):
        load()
    recordings = load(rate=4000)
    assert recordings.rate == 4000
    assert recordings.splits["test"]["audio"][0].tolist() == [2, 0]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"limit": -1}, "limit=-1, where a positive integer"),
        ({"rate": 8e3}, "rate=8000.0, where samples per second"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        load_audio("tones", **options)
