"""Recordings in wav files and arrays, as one channel of int16."""

import math
import pathlib
import warnings

import numpy as np

ENDINGS = (".wav",)


def read_wav(path, rate=None):
    """A recording from a wav file.

    Several channels become their mean, and any sample format int16.

    Args:
        path: str or path.
        rate: int. Samples per second to resample to; None for the file's own.

    Returns:
        `(samples, rate)`: an int16 array `(samples,)`, and how many there are
        per second.

    Raises:
        ValueError: no such file, none that can be read, or an empty one.
    """
    import scipy.io.wavfile

    path = pathlib.Path(path)
    if not path.is_file():
        raise ValueError(f"There is no file {str(path)!r}.")
    try:
        with warnings.catch_warnings():
            # What it warns of, such as an early end, makes a file unusable,
            # but for chunks that it does not know: they hold notes, not sound.
            warnings.simplefilter("error", scipy.io.wavfile.WavFileWarning)
            warnings.filterwarnings("ignore", "Chunk .non-data. not understood")
            own, samples = scipy.io.wavfile.read(path)
    except Exception as error:  # The reader raises all sorts, struct.error too.
        raise ValueError(
            f"Cannot read {str(path)!r} as a wav file: "
            f"{' '.join(str(error).split())}. Replace it, or remove it."
        ) from error
    if not samples.size:
        raise ValueError(
            f"{str(path)!r} has no samples: replace it, or remove it."
        )
    if own < 1:
        raise ValueError(
            f"{str(path)!r} has {own} samples per second by its header: "
            "replace it, or remove it."
        )
    samples = mono(samples)
    if rate is None:
        return samples, own
    return resampled(samples, own, rate), rate


def mono(samples):
    """Samples `(samples,)` or `(samples, channels)` of any type as int16.

    Integers of 32 bits keep their upper 16, bytes are around 128, and floats
    reach from -1 to 1; what is beyond is cut off. NaN becomes 0.

    Raises:
        ValueError: integers of 64 bits that do not fit into 16.
    """
    if samples.dtype == np.int16 and samples.ndim == 1:
        return samples
    if np.issubdtype(samples.dtype, np.floating):
        values = np.nan_to_num(samples.astype("float64")) * 32767
    elif samples.dtype == np.uint8:
        values = (samples.astype("float64") - 128) * 256
    elif samples.dtype == np.int32:
        values = samples / 65536
    else:
        values = samples.astype("float64")
        if len(values) and np.abs(values).max() > 32768:
            raise ValueError(
                f"samples of up to {np.abs(values).max():.0f} do not fit into "
                "16 bits"
            )
    if values.ndim == 2:
        values = values.mean(axis=1)
    return _int16(values)


def resampled(samples, own, rate):
    """Samples of int16 at another rate, low-pass filtered where it is lower."""
    import scipy.signal

    if own == rate:
        return samples
    divisor = math.gcd(own, rate)
    return _int16(
        scipy.signal.resample_poly(
            samples.astype("float64"), rate // divisor, own // divisor
        )
    )


def _int16(values):
    return np.clip(np.round(values), -32768, 32767).astype("int16")
