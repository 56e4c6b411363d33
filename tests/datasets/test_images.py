import functools
import shutil

import numpy as np
import PIL.Image
import pytest
import tensorflow_datasets as tfds

from rnnzoo.datasets import load_images, picture_arrays
from tests import tiny_tfds


def picture(number, shape=(4, 6)):
    return np.full(shape, number, "uint8")


def folder(path, counts, splits=("",), shape=(4, 6)):
    """Images of one value each: counted up, over all classes and splits."""
    number = 0
    for split in splits:
        for name, count in counts.items():
            (path / split / name).mkdir(parents=True)
            for n in range(count):
                file = path / split / name / f"{n}.png"
                PIL.Image.fromarray(picture(number, shape)).save(file)
                number += 1
    return f"folder:{path}"


def sizes(images):
    assert list(images.splits) == ["train", "validation", "test"]
    return [len(split["label"]) for split in images.splits.values()]


def values(images, split):
    return images.splits[split]["image"][:, 0, 0, 0].tolist()


def test_a_folder_with_classes(tmp_path):
    images = load_images(folder(tmp_path, {"10": 20, "9": 30}))
    assert images.labels == ("9", "10")
    assert sizes(images) == [40, 5, 5]
    assert images.notes == (
        "cut off the training examples: 5 for validation, 5 for test",
    )
    seen = []
    for split, part in images.splits.items():
        assert part["image"].shape[1:] == (4, 6, 1)
        assert part["image"].dtype == np.uint8
        assert part["label"].dtype == np.int32
        # The first twenty are of the class "10", which comes second.
        assert [v < 20 for v in values(images, split)] == part["label"].tolist()
        seen += values(images, split)
    assert sorted(seen) == list(range(50))
    # A tenth of each class, and classes alternate.
    assert np.bincount(images.splits["test"]["label"]).tolist() == [3, 2]
    assert 4 <= images.splits["train"]["label"][:12].sum() <= 8
    again = load_images(f"folder:{tmp_path}", limit=4)
    assert sizes(again) == [4, 4, 4]
    assert values(again, "test") == values(images, "test")[:4]
    other = load_images(f"folder:{tmp_path}", seed=1)
    assert values(other, "test") != values(images, "test")


def test_a_folder_with_splits(tmp_path):
    name = folder(tmp_path, {"a": 2, "b": 3}, ("train", "val", "test"))
    images = load_images(name)
    assert sizes(images) == [5, 5, 5]
    assert values(images, "validation") == [5, 7, 6, 8, 9]


def test_colours_in_one_are_colours_in_all(tmp_path):
    name = folder(tmp_path, {"a": 3, "b": 3})
    colour = np.zeros((4, 6, 3), "uint8")
    colour[..., 1] = 99
    PIL.Image.fromarray(colour).save(tmp_path / "b" / "2.png")
    images = load_images(name)
    found = np.concatenate([s["image"] for s in images.splits.values()])
    assert found.shape == (6, 4, 6, 3)
    assert {tuple(image[0, 0]) for image in found} == {
        (0, 99, 0),
        *((n, n, n) for n in range(5)),
    }


def test_another_size(tmp_path):
    name = folder(tmp_path, {"a": 3, "b": 3})
    PIL.Image.fromarray(picture(9, (5, 6))).save(tmp_path / "b" / "2.png")
    with pytest.raises(
        ValueError,
        match=r"/b/2.png' is 5 x 6 x 1 .* but '.*.png' is 4 x 6 x 1: give size",
    ):
        load_images(name)
    images = load_images(name, size=(2, 3))
    assert images.splits["train"]["image"].shape == (2, 2, 3, 1)


def test_a_broken_file(tmp_path):
    name = folder(tmp_path, {"a": 3, "b": 3})
    (tmp_path / "a" / "1.png").write_bytes(b"?")
    with pytest.raises(ValueError, match="Cannot read .*/a/1.png' as a pict"):
        load_images(name)


def test_wrong_folders(tmp_path):
    with pytest.raises(ValueError, match="no sub-folders, .*holds: nothing"):
        load_images(f"folder:{tmp_path}")
    name = folder(tmp_path, {"a": 3})
    with pytest.raises(ValueError, match="have the same label, 'a': add exam"):
        load_images(name)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.txt").write_text("x")
    with pytest.raises(
        ValueError, match="class '.*/b' has no images, .*.webp. It holds: x.txt"
    ):
        load_images(name)
    PIL.Image.fromarray(picture(1)).save(tmp_path / "b" / "1.png")
    with pytest.raises(
        ValueError, match="has 1 different examples of 'b', too few to cut off"
    ):
        load_images(name)


def test_a_label_outside_the_list(tmp_path):
    name = folder(tmp_path, {"cat": 2, "dog": 2}, ("train", "test"))
    (tmp_path / "test" / "dog").rename(tmp_path / "test" / "dogs")
    with pytest.raises(
        ValueError,
        match="2 examples for test .* label 'dogs', which is none of the 2 of "
        "training, cat, dog; did you mean 'dog'",
    ):
        load_images(name)


def test_splits_that_are_wrong(tmp_path):
    name = folder(tmp_path, {"a": 3, "b": 3}, ("test", "val"))
    with pytest.raises(ValueError, match="no training examples, but valid"):
        load_images(name)
    folder(tmp_path, {"a": 1, "b": 1}, ("valid",))
    with pytest.raises(ValueError, match="several folders for validation, val"):
        load_images(name)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    def tiny(splits, keys=("image", "label"), **features):
        features = {
            "image": tfds.features.Image(shape=(None, None, 1)),
            "label": tfds.features.ClassLabel(names=["b", "a"]),
            **features,
        }
        tiny_tfds.fill(monkeypatch, features, splits, keys)
        return functools.partial(load_images, tiny_tfds.NAME, data_dir=tmp_path)

    return tiny


def examples(count, start=0, **more):
    return [
        {"image": picture(n, (4, 6, 1)), "label": n % 2, **more}
        for n in range(start, start + count)
    ]


def test_a_cut_does_not_depend_on_where_the_folder_is(tmp_path, monkeypatch):
    name = folder(tmp_path / "here", {"1": 10, "2": 20})
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    monkeypatch.chdir(tmp_path)
    for other in (
        f"folder:{tmp_path / 'there'}",
        "folder:here",
        "folder:./here",
    ):
        for split, rows in load_images(name).splits.items():
            np.testing.assert_array_equal(
                load_images(other).splits[split]["image"], rows["image"]
            )


def test_what_systems_leave_behind_is_not_read(tmp_path):
    name = folder(tmp_path, {"9": 3, "10": 3}, ("Train", "VAL", "test"))
    for path in ("", "test", "test/10"):
        for left in (
            ".DS_Store",
            "Thumbs.db",
            "desktop.ini",
            "__MACOSX/._0.png",
        ):
            file = tmp_path / path / left
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"x")
    images = load_images(name)
    assert images.labels == ("9", "10")
    assert [len(x["label"]) for x in images.splits.values()] == [6, 6, 6]


def test_a_set_of_tfds(tiny):
    images = tiny({"train": examples(40), "test": examples(6, 100)})()
    assert images.labels == ("b", "a")
    assert sizes(images) == [36, 4, 6]
    assert np.bincount(images.splits["validation"]["label"]).tolist() == [2, 2]
    seen = values(images, "train") + values(images, "validation")
    assert sorted(seen) == list(range(40))
    for split, part in images.splits.items():
        assert [v % 2 for v in values(images, split)] == part["label"].tolist()
    assert images.notes[0] == (
        "cut off the training examples: 4 for validation"
    )


def test_an_option_names_a_feature(tiny):
    load = tiny(
        {"train": examples(10, kind=3) + examples(10, 20, kind=8)},
        keys=None,
        kind=tfds.features.Scalar(np.int64),
    )
    assert load().labels == ("b", "a")
    images = load(label="kind")
    assert images.labels == ("3", "8")
    for split, part in images.splits.items():
        expected = [int(v >= 20) for v in values(images, split)]
        assert expected == part["label"].tolist()
    with pytest.raises(
        ValueError,
        match="'lable' that fits `label`. Those that"
        " do: kind, label|label, kind",
    ):
        load(label="lable")


def test_sizes_of_tfds(tiny):
    odd = {"image": picture(1, (5, 6, 1)), "label": 0}
    load = tiny({s: [odd, *examples(4)] for s in ("train", "test")})
    with pytest.raises(ValueError, match="Example . of 'train' .* give size"):
        load()
    images = load(size=(4, 3))
    assert images.splits["test"]["image"].shape == (5, 4, 3, 1)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"limit": 0}, "limit=0, where a positive integer"),
        ({"size": 32}, "size=32, where .height, width. in pixels"),
        ({"size": (32, 0)}, r"size=\(32, 0\), where"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        load_images("digits", **options)


def test_sets_without_images():
    with pytest.raises(
        ValueError, match="'dates' has no feature that fits `im"
    ):
        load_images("dates")
    with pytest.raises(ValueError, match="Unknown data set 'digit'.*'digits'"):
        load_images("digit")


def test_memory_is_told_where_it_is_much():
    class Large:
        nbytes = 200 * 2**20

    assert picture_arrays.memory("images", [Large()]) == []
    told = picture_arrays.memory("images", [Large(), Large()])
    assert told == ["images: 400 MiB of memory"]
