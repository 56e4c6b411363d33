import numpy as np

from rnnzoo.serving import examples, readers

RANDOM = np.random.RandomState(0)


def written(folder, files):
    """Writes what a run would, and returns the paths."""
    for path, content in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        (folder / path).write_bytes(content)
    return [str(folder / path) for path in files]


def test_pictures_are_read_as_they_were(tmp_path):
    for channels in (1, 3):
        pixels = RANDOM.randint(0, 256, (4, 6, channels), "uint8")
        paths = written(tmp_path, examples.picture(pixels))
        settings = {"size": [4, 6], "channels": channels}
        found, _ = readers.images(paths, settings, None)
        np.testing.assert_array_equal(found[0], pixels / np.float32(255))
    assert examples.picture(np.zeros((4, 6, 2), "uint8")) == {}


def test_frames_are_read_in_their_order(tmp_path):
    clip = RANDOM.randint(0, 256, (11, 4, 4, 3), "uint8")
    files = examples.frames(clip)
    assert list(files)[:2] == ["example/00.png", "example/01.png"]
    written(tmp_path, files)
    settings = {"size": [4, 4], "channels": 3, "every": 1}
    found, _ = readers.frames([tmp_path / "example"], settings, None)
    np.testing.assert_array_equal(found["inputs"][0], clip / np.float32(255))
    assert examples.frames(np.zeros((2, 4, 4, 2), "uint8")) == {}


def test_recordings_are_read_as_they_were(tmp_path):
    from rnnzoo.datasets import read_wav

    samples = RANDOM.randint(-32768, 32768, 500).astype("int16")
    (path,) = written(tmp_path, examples.recording(samples, 8000))
    found, rate = read_wav(path)
    assert rate == 8000
    np.testing.assert_array_equal(found, samples)


def test_a_series_is_read_as_it_was(tmp_path):
    times = np.datetime64("2024-02-28T22:00:00") + np.arange(4) * 3600
    values = RANDOM.normal(size=(4, 2)).astype("float32") * [1e-7, 1e9]
    values = values.astype("float32")
    files = examples.series(times, values, ["time", "a, b"])
    assert files["example.csv"].startswith('time_,time,"a, b"\n')
    settings = {
        "columns": ["a, b", "time"],
        "calendar": [],
        "look_back": 4,
        "mean": [0.0, 0.0],
        "deviation": [1.0, 1.0],
    }
    found, ahead = readers.series(written(tmp_path, files), settings, None)
    np.testing.assert_array_equal(found[0], values[:, ::-1])
    assert next(ahead[0]) == "2024-02-29T02:00:00"
