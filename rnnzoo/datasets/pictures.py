"""Pictures in files and arrays, as uint8 arrays of one size."""

import contextlib

import numpy as np

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")

# What Pillow calls pictures without colours. "I;16" has 16 bits.
_GREY = ("1", "L", "LA", "I;16", "I;16B", "I;16L")


def read_picture(path, size=None, channels=None):
    """A picture from a file, such as PNG or JPEG.

    It is turned as its EXIF data say, what is transparent becomes white, and
    of 16 bits the upper 8 are kept.

    Args:
        path: str or path.
        size: (height, width) to resize to, in pixels; None for its own.
        channels: 1 for grey, 3 for colours; None for what the file has.

    Returns:
        uint8 array `(height, width, channels)`.

    Raises:
        ValueError: no such file, or none that can be read as a picture.
    """
    import PIL.ImageOps

    with _opened(path) as picture:
        grey = _is_grey(picture) if channels is None else channels == 1
        if picture.mode in ("I", "F"):
            raise ValueError(
                "its pixels have 32 bits, where 8 or 16 are expected"
            )
        picture = PIL.ImageOps.exif_transpose(picture)
        if picture.mode.startswith("I;16"):
            values = np.asarray(picture).astype("uint16") >> 8
            picture = PIL.Image.fromarray(values.astype("uint8"))
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            white = PIL.Image.new("RGBA", picture.size, "white")
            picture = PIL.Image.alpha_composite(white, picture)
        picture = picture.convert("L" if grey else "RGB")
        return _array(picture, size)


def picture_shape(path):
    """(height, width, channels) of a picture that is not read any further.

    Raises:
        ValueError: no such file, or none that can be read as a picture.
    """
    with _opened(path) as picture:
        width, height = picture.size
        # EXIF: orientations from 5 on lie on their side. Of TIFF, Pillow knows.
        turned = picture.format != "TIFF"
        if turned and picture.getexif().get(0x0112, 1) >= 5:
            width, height = height, width
        return height, width, 1 if _is_grey(picture) else 3


def resized(values, size):
    """An array `(height, width, channels)` of uint8 in another size.

    Bilinear, and smoothed where it becomes smaller, as for `read_picture`.
    """
    import PIL.Image

    if values.shape[:2] == tuple(size):
        return values
    if values.shape[2] not in (1, 3):
        raise ValueError(
            f"Received a picture of {values.shape[2]} channels to resize, "
            "where 1 or 3 are expected: leave `size` out."
        )
    grey = values.shape[2] == 1
    return _array(PIL.Image.fromarray(values[..., 0] if grey else values), size)


def padded(values, size):
    """An array `(height, width, channels)` at the top left of a larger one.

    The rest is 0.

    Raises:
        ValueError: it is larger than that.
    """
    height, width, channels = values.shape
    if height > size[0] or width > size[1]:
        raise ValueError(
            f"it is {height} x {width} (height x width), more than "
            f"{size[0]} x {size[1]}"
        )
    canvas = np.zeros((*size, channels), "uint8")
    canvas[:height, :width] = values
    return canvas


@contextlib.contextmanager
def _opened(path):
    """A picture of Pillow, and errors that name the file, while it is read."""
    import PIL.Image

    try:
        with PIL.Image.open(path) as picture:
            yield picture
    except FileNotFoundError as error:
        raise ValueError(f"There is no file {str(path)!r}.") from error
    except Exception as error:  # Decoders of Pillow raise all sorts.
        raise ValueError(
            f"Cannot read {str(path)!r} as a picture: "
            f"{' '.join(str(error).split())}. Replace it, or remove it."
        ) from error


def _is_grey(picture):
    return picture.mode in _GREY


def _array(picture, size):
    import PIL.Image

    if size is not None and picture.size != (size[1], size[0]):
        picture = picture.resize(
            (size[1], size[0]), PIL.Image.Resampling.BILINEAR
        )
    values = np.asarray(picture)
    return values[..., None] if values.ndim == 2 else values
