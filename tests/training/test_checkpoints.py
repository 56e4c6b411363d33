import resource

import ml_dtypes
import numpy as np
import pytest

from rnnzoo.training import checkpoints

ARRAYS = {
    "model/0": np.array([[1.5, -0.0, np.nan, np.inf]], "float32"),
    "model/1": np.array([1.5, -2.0], ml_dtypes.bfloat16),
    "optimizer/0": np.array(7, "int64"),
    "metrics/0": np.zeros((0, 3)),
    "seeds": np.array([1, 2**32 - 1], "uint32"),
}
ABOUT = {"epoch": 3, "best": 0.1, "callbacks": [["A", {"good": None}, {}]]}


def save(directory, *numbers):
    for number in numbers:
        arrays = {"count": np.full(1000, number)}
        checkpoints.save(directory, number, arrays, {"number": number})


def damage(path, how):
    content = bytearray(path.read_bytes())
    if how == "cut":
        content = content[: len(content) // 2]
    elif how == "empty":
        content = b""
    else:
        content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_bits_come_back(tmp_path):
    checkpoints.save(tmp_path, 1, ARRAYS, ABOUT)
    arrays, about = checkpoints.load(tmp_path)
    assert about == ABOUT
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        assert arrays[name].tobytes() == array.tobytes()


def test_the_newest_counts_and_one_is_in_reserve(tmp_path):
    assert checkpoints.load(tmp_path) is None
    assert not checkpoints.exist(tmp_path)
    save(tmp_path, 9, 10, 200)
    assert checkpoints.load(tmp_path)[1] == {"number": 200}
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["000000000010.npz", "000000000200.npz"]
    assert checkpoints.exist(tmp_path)


@pytest.mark.parametrize("how", ["cut", "empty", "one bit"])
def test_a_damaged_one_falls_back_to_the_one_before(tmp_path, capsys, how):
    save(tmp_path, 1, 2)
    damage(tmp_path / "000000000002.npz", how)
    arrays, about = checkpoints.load(tmp_path)
    assert about == {"number": 1}
    np.testing.assert_array_equal(arrays["count"], np.full(1000, 1))
    said = capsys.readouterr().err
    assert said.startswith(f"warning: the checkpoint {tmp_path}")
    assert "000000000002.npz cannot be read (" in said
    assert said.endswith("and was removed; the one before it is used.\n")
    # What is damaged must not push out what is whole.
    save(tmp_path, 3)
    assert checkpoints.load(tmp_path)[1] == {"number": 3}
    assert len(list(tmp_path.iterdir())) == 2


def test_no_bit_can_be_wrong_unnoticed(tmp_path):
    checkpoints.save(tmp_path, 1, ARRAYS, ABOUT)
    path = tmp_path / "000000000001.npz"
    content = path.read_bytes()
    random = np.random.RandomState(0)
    noticed = 0
    for place in random.randint(0, 8 * len(content), size=300):
        broken = bytearray(content)
        broken[place // 8] ^= 1 << (place % 8)
        path.write_bytes(broken)
        try:
            arrays, about = checkpoints.load(tmp_path)
        except ValueError:
            noticed += 1
            continue
        # A date or a comment inside the file.
        assert about == ABOUT
        for name, array in ARRAYS.items():
            assert arrays[name].tobytes() == array.tobytes()
    assert noticed > 150


def test_if_all_are_damaged_it_says_what_to_do(tmp_path):
    save(tmp_path, 1, 2)
    for path in tmp_path.iterdir():
        damage(path, "cut")
    with pytest.raises(ValueError) as error:
        checkpoints.load(tmp_path)
    said = str(error.value)
    assert said.startswith(f"None of the 2 checkpoints in {tmp_path} can be ")
    assert "000000000002.npz: BadZipFile" in said
    assert said.endswith(
        "Delete that folder, or give --fresh, to start the training anew."
    )
    assert len(list(tmp_path.iterdir())) == 2


@pytest.fixture
def small_disk():
    """Files can have 4 KB: writing more fails as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_leaves_what_was_there(tmp_path, small_disk):
    checkpoints.save(tmp_path, 1, ARRAYS, ABOUT)
    with pytest.raises(OSError) as error:
        save(tmp_path, 2)
    assert str(error.value) == (
        f"The checkpoint {tmp_path}/000000000002.npz cannot be written (File "
        "too large); the one before it is untouched. Make room, and run the "
        "same command again: it goes on from there."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["000000000001.npz"]
    assert checkpoints.load(tmp_path)[1] == ABOUT


def test_a_full_disk_before_the_first(tmp_path, small_disk):
    with pytest.raises(OSError) as error:
        save(tmp_path, 1)
    assert str(error.value) == (
        f"The checkpoint {tmp_path}/000000000001.npz cannot be written (File "
        "too large); there is none before it. Make room, and start again."
    )
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_half_written_is_no_checkpoint(tmp_path):
    save(tmp_path, 1)
    (tmp_path / "unfinished").write_bytes(b"half")
    assert checkpoints.load(tmp_path)[1] == {"number": 1}
    save(tmp_path, 2)
    assert not (tmp_path / "unfinished").exists()
