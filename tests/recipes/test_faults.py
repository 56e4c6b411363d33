"""What is wrong with a user's data is told before a run begins."""

import pathlib
import wave

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from recipes.common import settings
from tests.recipes.recipes import module


@pytest.fixture
def here(tmp_path, monkeypatch):
    """This process, with its runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    # Cannot be undone, and must not reach the tests after this one.
    monkeypatch.setattr(
        tf.config.experimental, "enable_op_determinism", lambda: None
    )
    return tmp_path


def write(path, text):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def picture(path, side=8):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((side, side), 9, "uint8")).save(path)


def sound(path, samples=800):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.arange(samples).astype("int16").tobytes())


def one_class():
    for number in range(9):
        write(f"data/good/{number}.txt", f"text {number}")


def label_outside():
    write("data/train.csv", "text,label\n" + "a,x\nb,y\n" * 9)
    write("data/test.csv", "text,label\nc,z\n")


def two_sizes():
    for kind in "ab":
        for number in range(6):
            picture(f"data/{kind}/{number}.png", 8 + (number == 5))


def broken_picture():
    for kind in "ab":
        for number in range(6):
            picture(f"data/{kind}/{number}.png")
    pathlib.Path("data/b/3.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")


def missing_picture():
    picture("data/1.png")
    write("data/captions.csv", "file,caption\n1.png,a cat\n2.png,a dog\n")


def broken_sound():
    for kind in "ab":
        for number in range(6):
            sound(f"data/{kind}/{number}.wav")
    pathlib.Path("data/a/2.wav").write_bytes(b"RIFF....WAVE")


def gap():
    hours = [number for number in range(400) if number != 100]
    days = [f"2024-01-{1 + h // 24:02d} {h % 24:02d}:00:00" for h in hours]
    rows = [f"{day},{n % 24}\n" for n, day in enumerate(days[:300])]
    write("data.csv", "time,load\n" + "".join(rows))


def no_frames():
    for number in range(6):
        picture(f"data/clip{number}/1.png")
    pathlib.Path("data/empty").mkdir()
    rows = [f"clip{n},{n % 2}\n" for n in range(6)]
    write("data/labels.csv", "clip,labels\n" + "".join(rows) + "empty,1\n")


def uneven_tags():
    write("data/train.conll", "a DT\ncat NN\n\ndogs\n")


def no_text():
    write("data/a.txt", "\n")


@pytest.mark.parametrize(
    "name, make, words",
    [
        ("sentiment", one_class, "one class only"),
        ("sentiment", label_outside, "'z'"),
        ("digits", two_sizes, "5.png"),
        ("digits", broken_picture, "3.png"),
        ("captioning", missing_picture, "2.png"),
        ("speech", broken_sound, "2.wav"),
        ("forecasting", gap, "2024-01-05"),
        ("video_frames", no_frames, "empty"),
        ("tagging", uneven_tags, "Line 4 of"),
        ("language_model", no_text, "a.txt"),
    ],
)
def test_a_fault_is_told_before_a_run_begins(here, name, make, words):
    make()
    place = "data.csv" if pathlib.Path("data.csv").exists() else "data"
    recipe = module(name)
    config = recipe.Config(dataset=f"folder:{place}", smoke=True)
    with pytest.raises(ValueError, match=words):
        recipe.main(config)
    assert not pathlib.Path("mlruns").exists()


@pytest.mark.parametrize(
    "name, options, words",
    [
        ("sentiment", {"vectors": "glove.txt"}, "--vocabulary words"),
        ("tagging", {"balance": True}, "--head softmax"),
        ("forecasting", {"train": 10.0}, "all three"),
        ("forecasting", {"segment": 24}, "--calendar none"),
        ("translation", {"n_best": 3}, "--beam_width 3"),
        ("speech", {"spelled": True, "balance": True, "limit": 20}, "strings"),
        ("digits", {"cell": "gruu"}, "gru"),
    ],
)
def test_settings_that_do_not_go_together(here, name, options, words):
    recipe = module(name)
    config = settings.complete(
        recipe.Config(smoke=True, **options), recipe.SMOKE
    )
    with pytest.raises(ValueError, match=words):
        recipe.main(config)
    assert not pathlib.Path("mlruns").exists()
