import functools

import numpy as np
import PIL.Image
import pytest
import tensorflow_datasets as tfds

from rnnzoo.datasets import digit_strips, load_captions
from tests import tiny_tfds


def picture(number, shape=(4, 6)):
    return np.full(shape, number, "uint8")


def folder(path, count, rows=None, name="captions.csv", images="images"):
    """Images 0.png, 1.png, ..., and a list of them."""
    (path / images).mkdir(exist_ok=True)
    for n in range(count):
        PIL.Image.fromarray(picture(n)).save(path / images / f"{n}.png")
    if rows is None:
        rows = ["file,caption", *(f"{n}.png,number {n}" for n in range(count))]
    (path / name).write_text("\n".join(rows) + "\n")
    return f"folder:{path}"


def content(captions):
    """{number of the image: its captions} of each split."""
    return {
        split: {
            int(image[0, 0, 0]): texts
            for image, texts in zip(
                part["image"], part["captions"], strict=True
            )
        }
        for split, part in captions.splits.items()
    }


def test_a_folder_with_splits(tmp_path):
    rows = [
        "file,sentence,split,more",
        '0.png,"one, two",train,x',
        "1.png,three,dev,x",
        "2.png, four ,test,x",
        "",
        "0.png,five,train,x",
    ]
    captions = load_captions(folder(tmp_path, 3, rows))
    assert content(captions) == {
        "train": {0: ("one, two", "five")},
        "validation": {1: ("three",)},
        "test": {2: ("four",)},
    }
    assert captions.splits["train"]["image"].shape == (1, 4, 6, 1)
    assert captions.notes == ()


def test_all_captions_of_an_image_stay_together(tmp_path):
    rows = ["image,caption"]
    rows += [f"{n % 20}.png,text {n}" for n in range(100)]
    name = folder(tmp_path, 20, rows, "captions.txt", "Images")
    captions = load_captions(name)
    found = content(captions)
    assert [len(part) for part in found.values()] == [16, 2, 2]
    assert {
        n: texts for part in found.values() for n, texts in part.items()
    } == {n: tuple(f"text {n + 20 * k}" for k in range(5)) for n in range(20)}
    assert captions.notes[0] == (
        "cut off the training examples: 2 for validation, 2 for test"
    )
    limited = content(load_captions(name, limit=3))
    assert [len(part) for part in limited.values()] == [3, 2, 2]
    assert limited["test"] == found["test"]
    assert content(load_captions(name, seed=1))["test"] != found["test"]


def test_rows_as_programs_write_them(tmp_path):
    texts = [f"one\u2028line\x85 {n}" for n in range(6)]
    texts[1] = 'a "b", c'
    rows = [f"{n}.png,{text}" for n, text in enumerate(texts)]
    rows[1] = '1.png,"a ""b"", c"'
    name = folder(tmp_path, 6, ["\ufefffile,caption", *rows, "\r"], "list.csv")
    (tmp_path / "._list.csv").write_bytes(b"\0\xff")
    found = content(load_captions(name))
    assert {n: x for part in found.values() for n, x in part.items()} == {
        n: (text,) for n, text in enumerate(texts)
    }


def test_a_list_for_each_split(tmp_path):
    rows = ["path,text"]
    for n, split in enumerate(("train", "val", "test")):
        name = folder(tmp_path, 3, [*rows, f"{n}.png,t{n}"], f"{split}.csv")
    assert content(load_captions(name)) == {
        "train": {0: ("t0",)},
        "validation": {1: ("t1",)},
        "test": {2: ("t2",)},
    }


def test_columns_by_name(tmp_path):
    rows = ["who,what,file", *(f"{n}.png,a{n},x" for n in range(3))]
    name = folder(tmp_path, 3, rows)
    found = content(load_captions(name, image="who", caption="what"))
    assert sorted(t for part in found.values() for t in part.values()) == [
        (f"a{n}",) for n in range(3)
    ]
    with pytest.raises(
        ValueError, match="no column 'whom', .* who, what, file"
    ):
        load_captions(name, image="whom")
    with pytest.raises(
        ValueError, match="no column 'caption' or 'sentence' or"
    ):
        load_captions(name)


@pytest.mark.parametrize(
    "rows, message",
    [
        (
            ["file,caption", "0.png,a", "9.png,b"],
            "Line 3 of .* names '9.png', b",
        ),
        (["file,caption", "0.pgn,a"], "'0.pgn', but .* did you mean '0.png'"),
        (
            ["file,caption", "0.png,"],
            "Line 2 .* nothing in the column 'caption'",
        ),
        (
            ["file,caption", "0.png,a,b"],
            "Line 2 .* has 3 columns, where 2 .*',' in it must",
        ),
        (
            ["file,caption,split", "0.png,a,rest"],
            "Line 2 .* the split 'rest', w",
        ),
        (["file,caption"], "captions.csv' has no rows below its header"),
        (["file,caption", '0.png,"a'], "captions.csv' is broken in line 2"),
        (
            ["file,caption,split", "0.png,a,train", "0.png,b,test"],
            "Line 3 .* '0.png' for test, but another line has it for train",
        ),
    ],
)
def test_wrong_lists(tmp_path, rows, message):
    with pytest.raises(ValueError, match=message):
        load_captions(folder(tmp_path, 3, rows))


def test_no_list_and_several(tmp_path):
    with pytest.raises(
        ValueError, match="no CSV file such as .* holds: nothing"
    ):
        load_captions(f"folder:{tmp_path}")
    folder(tmp_path, 3, name="a.csv")
    assert len(content(load_captions(f"folder:{tmp_path}"))) == 3
    name = folder(tmp_path, 3, name="b.csv")
    with pytest.raises(
        ValueError, match="several CSV files, a.csv, b.csv: call"
    ):
        load_captions(name)


def test_sizes(tmp_path):
    name = folder(tmp_path, 9)
    PIL.Image.fromarray(picture(4, (5, 3))).save(tmp_path / "images" / "4.png")
    with pytest.raises(
        ValueError, match="give size=.height, width., to resize"
    ):
        load_captions(name)
    resized = load_captions(name, size=(2, 2)).splits["train"]["image"]
    assert resized.shape == (7, 2, 2, 1)
    padded = load_captions(name, size=(5, 6), pad=True)
    images = np.concatenate([s["image"] for s in padded.splits.values()])
    assert sorted((images > 0).sum(axis=(1, 2, 3))) == [0, 15, *[24] * 7]
    with pytest.raises(
        ValueError, match="does not fit: .*more than 4 x 6.*pad"
    ):
        load_captions(name, size=(4, 6), pad=True)
    with pytest.raises(ValueError, match="pad=True without a size"):
        load_captions(name, pad=True)


def test_a_broken_image(tmp_path):
    name = folder(tmp_path, 3)
    (tmp_path / "images" / "1.png").write_bytes(b"?")
    with pytest.raises(
        ValueError, match="Cannot read .*images/1.png' as a pic"
    ):
        load_captions(name)


def test_strips(tmp_path, monkeypatch):
    for split, size in zip(digit_strips.SIZES, (6, 3, 4), strict=True):
        monkeypatch.setitem(digit_strips.SIZES, split, size)
    captions = load_captions(
        "digit_strips", None, "words", (12, 52), True, data_dir=tmp_path
    )
    for split, part in captions.splits.items():
        expected = sorted(
            (example["words"], int(example["image"].sum()))
            for example in digit_strips.examples(split, 4)
        )
        assert part["image"].shape == (len(expected), 12, 52, 1)
        found = zip(part["captions"], part["image"], strict=True)
        assert expected == sorted((t, int(i.sum())) for (t,), i in found)


def test_several_captions_in_tfds(monkeypatch, tmp_path):
    features = {
        "image": tfds.features.Image(shape=(None, None, 1)),
        "image/filename": tfds.features.Text(),
        "captions": tfds.features.Sequence(
            {"id": tfds.features.Scalar(np.int64), "text": tfds.features.Text()}
        ),
    }

    def example(number, *texts):
        return {
            "image": picture(number, (4, 6, 1)),
            "image/filename": f"{number}.jpg",
            "captions": [{"id": 1, "text": text} for text in texts],
        }

    splits = {
        "train": [*(example(n, f"a{n}", f"b{n}") for n in range(20))],
        "val": [example(30, "c"), example(31)],
        # As that of coco_captions, without captions.
        "test": [example(40), example(41)],
        "restval": [example(50, "d")],
    }
    tiny_tfds.fill(monkeypatch, features, splits)
    load = functools.partial(load_captions, tiny_tfds.NAME, data_dir=tmp_path)
    captions = load()
    found = content(captions)
    assert found["validation"] == {30: ("c",)}
    assert [len(part) for part in found.values()] == [18, 1, 2]
    assert found["train"] | found["test"] == {
        n: (f"a{n}", f"b{n}") for n in range(20)
    }
    assert captions.notes[:4] == (
        "not read: restval",
        "validation: 1 images without caption left out",
        "test: 2 images without caption left out",
        "cut off the training examples: 2 for test",
    )
    names = content(load(caption="image/filename"))
    assert names["validation"] == {30: ("30.jpg",), 31: ("31.jpg",)}
