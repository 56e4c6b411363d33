"""Pictures of all splits in arrays, once their sizes are known to agree."""

import pathlib

import numpy as np

from rnnzoo.datasets.pictures import (
    padded,
    picture_shape,
    read_picture,
    resized,
)

# Bytes of memory that are worth a note.
_MUCH = 2**28


def check_size(size):
    """Raises ValueError unless `size` is None or (height, width)."""
    if size is None:
        return
    pair = isinstance(size, (tuple, list)) and len(size) == 2
    if not pair or not all(isinstance(n, int) and n > 0 for n in size):
        raise ValueError(
            f"Received size={size!r}, where (height, width) in pixels or None "
            "is expected."
        )


def from_files(paths):
    """(name, Path) of each file, as `TfdsMedia.contents` has arrays."""
    return ((repr(str(path)), path) for path in paths)


def all_channels(paths):
    """1 if all of these pictures are grey, 3 if any has colours."""
    return max(picture_shape(path)[2] for path in paths)


def read_pictures(items, contents, size, channels, pad=False):
    """Pictures in one array per split.

    Args:
        items: dict from a split to a list of what `contents` takes.
        contents: function from such a list to an iterable of (name, Path or
            uint8 array).
        size: (height, width) that all get; None for their own.
        channels: int. Of those that are files.
        pad: bool. Whether they get `size` by zeros at the right and at the
            bottom; they are resized otherwise.

    Returns:
        dict from a split to uint8 `(pictures, height, width, channels)`.

    Raises:
        ValueError: a picture that cannot be read, or of another size.
    """
    arrays, first, shape = {}, None, None
    for split, some in items.items():
        for number, (name, content) in enumerate(contents(some)):
            values = picture(name, content, None if pad else size, channels)
            if pad:
                values = _padded(name, values, size)
            if shape is None:
                first, shape = name, values.shape
            check_shape(name, values.shape, first, shape)
            if number == 0:
                arrays[split] = np.empty((len(some), *shape), "uint8")
            arrays[split][number] = values
    return arrays


def picture(name, content, size, channels):
    """One picture, from a file or an array."""
    if isinstance(content, pathlib.Path):
        return read_picture(content, size, channels)
    if content.dtype != np.uint8:
        raise ValueError(
            f"{name} is a picture of {content.dtype}, where uint8 is expected: "
            "choose another data set."
        )
    return content if size is None else resized(content, size)


def memory(what, arrays):
    """A note on what arrays cost, where that is much: a list of str."""
    size = sum(array.nbytes for array in arrays)
    if size < _MUCH:
        return []
    return [f"{what}: {size / 2**20:,.0f} MiB of memory"]


def _padded(name, values, size):
    try:
        return padded(values, size)
    except ValueError as error:
        raise ValueError(
            f"{name} does not fit: {error}. Give a larger size, or leave out "
            "pad, to resize it."
        ) from error


def check_shape(name, shape, first, known):
    """Raises ValueError for a picture that is not as the first one."""
    if shape != known:
        sizes = [" x ".join(map(str, each)) for each in (shape, known)]
        raise ValueError(
            f"{name} is {sizes[0]} (height x width x channels), but {first} is "
            f"{sizes[1]}: give size=(height, width), to resize all of them."
        )
