import functools

import numpy as np
import PIL.Image
import pytest
import tensorflow_datasets as tfds

from rnnzoo.datasets import load_frames, moving_digits
from tests import tiny_tfds


def picture(number, shape=(4, 6)):
    return np.full(shape, number, "uint8")


def folder(path, frames, rows):
    """Clips of grey frames, whose values count up from ten times the clip."""
    for clip, count in enumerate(frames):
        (path / "clips" / f"c{clip}").mkdir(parents=True, exist_ok=True)
        for n in range(count):
            file = path / "clips" / f"c{clip}" / f"frame{n}.png"
            PIL.Image.fromarray(picture(12 * clip + n)).save(file)
    (path / "labels.csv").write_text("\n".join(rows) + "\n")
    return f"folder:{path}"


def values(clips, split):
    return [
        video[:, 0, 0, 0].tolist() for video in clips.splits[split]["video"]
    ]


def labels(clips, split):
    return [
        [clips.labels[n] for n in ids] for ids in clips.splits[split]["labels"]
    ]


def test_a_folder(tmp_path):
    rows = [
        "clip,labels,split",
        "c0,a b b a,train",
        "c1,none,train",
        "c2,a,val",
        "c3,b a,test",
    ]
    name = folder(tmp_path, (4, 12, 1, 2), rows)
    clips = load_frames(name)
    assert clips.labels == ("a", "b", "none")
    # frame2 comes before frame10.
    assert values(clips, "train") == [[0, 1, 2, 3], [*range(12, 24)]]
    assert labels(clips, "train") == [[*"abba"], ["none"] * 12]
    assert values(clips, "test") == [[36, 37]]
    assert labels(clips, "test") == [["b", "a"]]
    test = clips.splits["test"]
    assert test["video"][0].shape == (2, 4, 6, 1)
    assert test["video"][0].dtype == np.uint8
    assert test["labels"][0].dtype == np.int32
    third = load_frames(name, every=3, size=(2, 3), limit=1)
    assert values(third, "train") == [[0, 3]]
    assert labels(third, "train") == [["a", "a"]]
    assert third.splits["train"]["video"][0].shape == (2, 2, 3, 1)


def test_a_folder_is_cut(tmp_path):
    rows = ["clip,labels", *(f"c{n},{'ab'[n % 2]}" for n in range(20))]
    clips = load_frames(folder(tmp_path, [2] * 20, rows))
    assert [len(part["video"]) for part in clips.splits.values()] == [16, 2, 2]
    for split in clips.splits:
        for found, names in zip(
            values(clips, split), labels(clips, split), strict=True
        ):
            assert names == ["ab"[found[0] // 12 % 2]] * 2


@pytest.mark.parametrize(
    "row, message",
    [
        ("c9,a", "Line 3 .* names 'c9', but there is no such file"),
        (
            "c1,a b a",
            "Line 3 .* has 3 labels for the 2 frames of '.*/c1': give",
        ),
        ("c2,a", "Line 3 .* the clip '.*/c2', which has no frames: a folder"),
        ("labels.csv,a", "the clip '.*labels.csv', which has no frames"),
    ],
)
def test_wrong_lists(tmp_path, row, message):
    name = folder(tmp_path, (2, 2, 0), ["clip,labels", "c0,a b", row])
    with pytest.raises(ValueError, match=message):
        load_frames(name)


def test_wrong_folders(tmp_path):
    with pytest.raises(
        ValueError, match="no CSV file such as labels.csv, .* no"
    ):
        load_frames(f"folder:{tmp_path}")
    rows = ["clip,labels,split", "c0,a b,train", "c1,a,dev", "c2,b,test"]
    name = folder(tmp_path, (2, 2, 2), rows)
    odd = tmp_path / "clips" / "c1" / "frame1.png"
    PIL.Image.fromarray(picture(0, (5, 6))).save(odd)
    with pytest.raises(
        ValueError, match="c1/frame1.png' is 5 x 6 x 1 .*c0/frame0.png' is 4 x"
    ):
        load_frames(name)
    odd.write_bytes(b"?")
    with pytest.raises(
        ValueError, match="Cannot read .*c1/frame1.png' as a pi"
    ):
        load_frames(name)
    rows[-1] = "c2,c,test"
    name = folder(tmp_path, (2, 2, 2), rows)
    with pytest.raises(
        ValueError, match="1 examples for test .* the label 'c'"
    ):
        load_frames(name)


def test_one_class_only(tmp_path):
    rows = ["clip,labels", "c0,a", "c1,a", "c2,a"]
    with pytest.raises(ValueError, match="the same label, 'a': add examples"):
        load_frames(folder(tmp_path, (1, 1, 1), rows))


def test_moving_digits(tmp_path, monkeypatch):
    for split, size in zip(moving_digits.SIZES, (5, 3, 4), strict=True):
        monkeypatch.setitem(moving_digits.SIZES, split, size)
    clips = load_frames("moving_digits", data_dir=tmp_path)
    assert clips.labels == (*"0123456789", "none")
    for split, part in clips.splits.items():
        found = zip(part["video"], part["labels"], strict=True)
        assert {(v.tobytes(), tuple(ids)) for v, ids in found} == {
            (e["video"].tobytes(), tuple(e["labels"]))
            for e in moving_digits.examples(split)
        }


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    def tiny(features, splits):
        tiny_tfds.fill(monkeypatch, features, splits)
        return functools.partial(load_frames, tiny_tfds.NAME, data_dir=tmp_path)

    return tiny


def test_a_label_for_a_whole_clip_of_tfds(tiny):
    features = {
        "video": tfds.features.Video(shape=(None, 4, 6, 1)),
        "label": tfds.features.ClassLabel(names=["run", "swim"]),
    }

    def examples(count, start):
        return [
            {
                "video": np.stack([picture(n, (4, 6, 1))] * (2 + n % 3)),
                "label": n % 2,
            }
            for n in range(start, start + count)
        ]

    splits = {"train": examples(20, 0), "test": examples(4, 50)}
    load = tiny(features, splits)
    clips = load()
    assert [len(part["video"]) for part in clips.splits.values()] == [18, 2, 4]
    for split in clips.splits:
        for found, names in zip(
            values(clips, split), labels(clips, split), strict=True
        ):
            assert len(found) == len(names) == 2 + found[0] % 3
            assert set(names) == {["run", "swim"][found[0] % 2]}
    halved = load(every=2, size=(2, 3)).splits["test"]
    assert {v.shape[1:] for v in halved["video"]} == {(2, 3, 1)}
    assert sorted(len(v) for v in halved["video"]) == [1, 2, 2, 2]
    assert [len(n) for n in halved["labels"]] == [
        len(v) for v in halved["video"]
    ]


def test_clips_of_tfds_without_labels(tiny):
    # As moving_mnist, whose only split is called test.
    features = {"image_sequence": tfds.features.Video(shape=(3, 4, 6, 1))}
    video = np.zeros((3, 4, 6, 1), "uint8")
    load = tiny(features, {"test": [{"image_sequence": video}] * 10})
    clips = load()
    assert [len(part["video"]) for part in clips.splits.values()] == [8, 1, 1]
    assert clips.labels == () and set(clips.splits["test"]) == {"video"}
    assert "no labels: frames only" in clips.notes
    with pytest.raises(
        ValueError, match="no feature 'label' that fits `label`"
    ):
        load(label="label")


def test_wrong_clips_of_tfds(tiny):
    features = {
        "video": tfds.features.Video(shape=(None, 4, 6, 1)),
        "labels": tfds.features.Sequence(tfds.features.Text()),
    }
    video = np.zeros((2, 4, 6, 1), "uint8")
    good = {"video": video, "labels": ["a", "b"]}
    splits = {"train": [good, good], "validation": [good]}
    bad = {"video": video, "labels": ["a", "b", "a"]}
    load = tiny(features, {**splits, "test": [bad]})
    with pytest.raises(
        ValueError, match="has 3 labels for another number of f"
    ):
        load()


def test_a_clip_of_tfds_without_frames(tiny):
    features = {
        "video": tfds.features.Video(shape=(None, 4, 6, 1)),
        "label": tfds.features.Scalar(np.int64),
    }
    video = np.zeros((2, 4, 6, 1), "uint8")
    train = [{"video": video, "label": n} for n in range(2)]
    splits = {"train": train, "validation": train}
    load = tiny(
        features, {**splits, "test": [{"video": video[:0], "label": 0}]}
    )
    with pytest.raises(
        ValueError, match="Example 0 of 'test' .* has no frames"
    ):
        load()


def test_wrong_options():
    with pytest.raises(ValueError, match="every=0, where a positive integer"):
        load_frames("moving_digits", every=0)
    with pytest.raises(
        ValueError, match="'dates' has no feature that fits `vi"
    ):
        load_frames("dates")
