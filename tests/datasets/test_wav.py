import numpy as np
import pytest
import scipy.io.wavfile

from rnnzoo.datasets import read_wav
from rnnzoo.datasets.wav import mono, resampled

RAMP = np.arange(-300, 300, dtype="int16")


def saved(path, samples, rate=8000):
    scipy.io.wavfile.write(path, rate, samples)
    return path


@pytest.mark.parametrize(
    "samples",
    [
        RAMP,
        RAMP.astype("int32") * 65536,
        (RAMP / 32767).astype("float32"),
        RAMP / 32767,
        np.stack([RAMP - 50, RAMP + 50], axis=1),
    ],
    ids=["int16", "int32", "float32", "float64", "stereo"],
)
def test_all_that_a_file_may_hold(tmp_path, samples):
    found, rate = read_wav(saved(tmp_path / "x.wav", samples))
    assert (found.dtype, rate) == (np.int16, 8000)
    np.testing.assert_array_equal(found, RAMP)


def test_bytes(tmp_path):
    path = saved(tmp_path / "x.wav", np.array([0, 128, 255], "uint8"))
    assert read_wav(str(path))[0].tolist() == [-32768, 0, 127 * 256]


def test_what_is_beyond_is_cut_off():
    found = mono(np.array([-2.0, 2.0, np.nan, 0.5]))
    assert found.tolist() == [-32768, 32767, 0, 16384]


def test_integers_of_tfds():
    assert mono(RAMP.astype("int64")).dtype == np.int16
    with pytest.raises(ValueError, match="up to 40000 do not fit into 16"):
        mono(np.array([1, 40_000]))


@pytest.mark.parametrize("own, rate", [(8000, 16_000), (44_100, 8000)])
def test_a_tone_keeps_its_pitch_at_another_rate(tmp_path, own, rate):
    def tone(rate):
        return 10_000 * np.sin(2 * np.pi * 500 * np.arange(rate) / rate)

    path = saved(tmp_path / "x.wav", tone(own).astype("int16"), own)
    found, given = read_wav(path, rate)
    assert (len(found), given) == (rate, rate)
    inner = slice(rate // 10, -rate // 10)
    np.testing.assert_allclose(found[inner], tone(rate)[inner], atol=30)
    assert read_wav(path)[1] == own
    assert resampled(found, rate, rate) is found


def test_higher_tones_than_a_rate_can_carry_are_gone(tmp_path):
    high = 10_000 * np.sin(2 * np.pi * 3500 * np.arange(8000) / 8000)
    found, _ = read_wav(saved(tmp_path / "x.wav", high.astype("int16")), 4000)
    assert np.abs(found[400:-400].astype(int)).max() < 100


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no recording at all"])
def test_files_that_are_none(tmp_path, content):
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(ValueError, match="Cannot read .*x.wav' as a wav file"):
        read_wav(tmp_path / "x.wav")


def test_half_a_file(tmp_path):
    path = saved(tmp_path / "x.wav", RAMP)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="Cannot read .*x.wav' as a wav file"):
        read_wav(path)


def test_no_samples_and_no_file(tmp_path):
    path = saved(tmp_path / "x.wav", RAMP[:0])
    with pytest.raises(ValueError, match="x.wav' has no samples"):
        read_wav(path)
    with pytest.raises(ValueError, match="no file .*y.wav"):
        read_wav(tmp_path / "y.wav")


def test_notes_in_a_file_do_no_harm(tmp_path):
    path = saved(tmp_path / "x.wav", RAMP)
    content = bytearray(path.read_bytes() + b"note\x04\0\0\0abcd")
    content[4:8] = (len(content) - 8).to_bytes(4, "little")
    path.write_bytes(content)
    np.testing.assert_array_equal(read_wav(path)[0], RAMP)
