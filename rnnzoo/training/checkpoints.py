"""Checkpoints on disk: each is whole or not there, and one is in reserve."""

import io
import json
import os
import pathlib
import sys

import numpy as np

# The newest, and the one before in case that it cannot be read.
_KEPT = 2


def save(directory, number, arrays, about):
    """Writes one checkpoint, and removes all but the one before it.

    A process killed at any moment, or a full disk, leaves what was there.

    Args:
        directory: str or path of an existing folder.
        number: int. The newest checkpoint has the highest.
        arrays: dict from name to `numpy.ndarray`.
        about: anything that JSON can hold.

    Raises:
        OSError: it cannot be written.
    """
    directory = pathlib.Path(directory)
    # In memory first: a zip file that breaks off halfway hides the reason.
    content = pack(arrays, about)
    target = directory / f"{number:012}.npz"
    unfinished = directory / "unfinished"
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        before = "there is none before it. Make room, and start again."
        if exist(directory):
            before = (
                "the one before it is untouched. Make room, and run the same "
                "command again: it goes on from there."
            )
        raise OSError(
            f"The checkpoint {target} cannot be written "
            f"({error.strerror or error}); {before}"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    for path in _paths(directory)[:-_KEPT]:
        path.unlink()


def load(directory):
    """Reads the newest checkpoint that can be read.

    One that cannot is removed, with a warning that says so.

    Args:
        directory: str or path.

    Returns:
        (arrays, about) as given to `save`; None if there is no checkpoint.

    Raises:
        ValueError: there are checkpoints, but none can be read.
    """
    damaged = {}
    for path in reversed(_paths(directory)):
        try:
            # From memory: given a path, NumPy leaves a damaged file open.
            found = unpack(path.read_bytes())
        except Exception as error:
            # NumPy, zip and JSON each have their own for a damaged file.
            damaged[path] = f"{type(error).__name__}: {error}"
            continue
        for path, reason in damaged.items():
            print(
                f"warning: the checkpoint {path} cannot be read ({reason}) "
                "and was removed; the one before it is used.",
                file=sys.stderr,
            )
            path.unlink()
        return found
    if damaged:
        path, reason = next(iter(damaged.items()))
        raise ValueError(
            f"None of the {len(damaged)} checkpoints in {directory} can be "
            f"read ({path.name}: {reason}). Delete that folder, or give "
            "--fresh, to start the training anew."
        )
    return None


def exist(directory):
    """Whether there is a checkpoint in `directory`, readable or not."""
    return bool(_paths(directory))


def _paths(directory):
    """Oldest first."""
    return sorted(pathlib.Path(directory).glob("*.npz"))


def pack(arrays, about):
    """What is in the file of a checkpoint.

    Args:
        arrays, about: as for `save`.

    Returns:
        bytes-like.
    """
    content = io.BytesIO()
    plain, dtypes = _as_plain(arrays)
    inside = {"about": about, "dtypes": dtypes, "names": list(plain)}
    text = np.frombuffer(json.dumps(inside).encode(), "uint8")
    np.savez(content, json=text, **plain)
    return content.getbuffer()


def unpack(content):
    """What `pack` was given.

    Raises:
        ValueError and others: it is damaged.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    inside = json.loads(arrays.pop("json").tobytes())
    # Zip has a checksum for each array, but none for its list of them.
    if list(arrays) != inside["names"]:
        raise ValueError("arrays are missing")
    for name, dtype in inside["dtypes"].items():
        arrays[name] = arrays[name].view(dtype)
    return arrays, inside["about"]


def _as_plain(arrays):
    """Arrays that NumPy's format knows, and the dtypes of the others.

    It would write bfloat16 and its like as bytes without a meaning.
    """
    plain, dtypes = {}, {}
    for name, array in arrays.items():
        array = np.asarray(array)
        if array.dtype.kind == "V":
            dtypes[name] = array.dtype.name
            array = array.view(f"u{array.dtype.itemsize}")
        plain[name] = array
    return plain, dtypes
