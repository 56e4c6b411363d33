"""Recordings to log-mel features: how loud each band is, frame by frame."""

import dataclasses
import functools

import numpy as np

# Of the power in a band, added before the logarithm: silence is not -inf.
# Samples reach from -1 to 1, so that this is about the noise of 16 bits.
_FLOOR = 1e-8


@dataclasses.dataclass(frozen=True)
class LogMel:
    """How samples become features, to store with a model.

    A frame is weighted by a Hann window; its power spectrum is summed by
    triangles that overlap by half and are equally wide on the mel scale of
    O'Shaughnessy (1987), 2595 log10(1 + f / 700), from `lowest` to half the
    rate, each with a peak of 1.

    Args:
        rate: int. Samples per second.
        frame: float. Milliseconds of a frame.
        hop: float. Milliseconds from one frame to the next.
        bands: int. Number of mel bands.
        lowest: float. Hertz where the first band begins.

    Raises:
        ValueError: a number out of its range; more bands than the spectrum of
            a frame can tell apart.

    Example:

    ```python
    from rnnzoo.pipelines.audio import LogMel

    tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    features = LogMel(rate=8000)(tone)   # (98, 40): 98 frames of 40 bands
    ```
    """

    rate: int
    frame: float = 25.0
    hop: float = 10.0
    bands: int = 40
    lowest: float = 60.0

    def __post_init__(self):
        for name in ("rate", "bands"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"Received {name}={value!r}, where a positive integer is "
                    "expected."
                )
        for name, samples in (
            ("frame", self.frame_samples),
            ("hop", self.hop_samples),
        ):
            if samples < 1:
                raise ValueError(
                    f"Received {name}={getattr(self, name)!r}, in milliseconds,"
                    f" which is no sample at a rate of {self.rate}: raise it."
                )
        if not 0 <= self.lowest < self.rate / 2:
            raise ValueError(
                f"Received lowest={self.lowest!r}, where hertz from 0 to below "
                f"{self.rate / 2:g}, half the rate, are expected."
            )
        if (self._filters.max(axis=0) == 0).any():
            raise ValueError(
                f"Received bands={self.bands}, more than frames of "
                f"{self.frame_samples} samples can tell apart: lower it, or "
                "raise frame."
            )

    @property
    def frame_samples(self):
        """Samples of a frame."""
        return round(self.rate * self.frame / 1000)

    @property
    def hop_samples(self):
        """Samples from one frame to the next."""
        return round(self.rate * self.hop / 1000)

    def __call__(self, samples):
        """The features of one recording.

        Args:
            samples: array `(samples,)`, int16, or floats from -1 to 1. One
                that is shorter than a frame is filled up with zeros; samples
                at the end that fill no frame are left out.

        Returns:
            float32 array `(frames, bands)`, natural logarithms of power.

        Raises:
            ValueError: samples of another shape or type, or none at all.
        """
        samples = np.asarray(samples)
        if samples.ndim != 1 or not samples.size:
            raise ValueError(
                f"Received samples of the shape {samples.shape}, where "
                "(samples,), one at least, is expected."
            )
        if samples.dtype == np.int16:
            samples = samples / 32768
        elif not np.issubdtype(samples.dtype, np.floating):
            raise ValueError(
                f"Received samples of the type {samples.dtype}, where int16 or "
                "floats from -1 to 1 are expected."
            )
        length, hop = self.frame_samples, self.hop_samples
        samples = np.pad(samples, (0, max(length - len(samples), 0)))
        frames = np.lib.stride_tricks.sliding_window_view(samples, length)[
            ::hop
        ]
        spectrum = np.fft.rfft(frames * self._window, self._points)
        power = spectrum.real**2 + spectrum.imag**2
        return np.log(power @ self._filters + _FLOOR).astype("float32")

    @functools.cached_property
    def _window(self):
        # Periodic, as for spectra, and of the power 1 for any length.
        window = np.hanning(self.frame_samples + 1)[:-1]
        return window / np.sqrt(np.sum(window**2) or 1)

    @functools.cached_property
    def _points(self):
        """The next power of two: a finer grid costs little."""
        return 1 << (self.frame_samples - 1).bit_length()

    @functools.cached_property
    def _filters(self):
        """The triangles, `(frequencies, bands)`."""
        low, high = _mel(np.array([self.lowest, self.rate / 2]))
        corners = _hertz(np.linspace(low, high, self.bands + 2))
        left, middle, right = corners[:-2], corners[1:-1], corners[2:]
        grid = np.fft.rfftfreq(self._points, 1 / self.rate)[:, None]
        rising = (grid - left) / (middle - left)
        falling = (right - grid) / (right - middle)
        return np.maximum(np.minimum(rising, falling), 0)


@dataclasses.dataclass(frozen=True)
class Normalisation:
    """Makes each band 0 in the mean, with a standard deviation of 1.

    Args:
        mean: tuple of float. Of each band.
        deviation: tuple of float. The same, above 0.
    """

    mean: tuple
    deviation: tuple

    @classmethod
    def of(cls, features):
        """That of recordings, those of training.

        Args:
            features: sequence of arrays `(frames, bands)`.

        Raises:
            ValueError: none at all.
        """
        if not len(features):
            raise ValueError("Received no features, to take the mean of.")
        count = sum(len(one) for one in features)
        mean = sum(one.sum(axis=0, dtype="float64") for one in features) / count
        square = sum(((one - mean) ** 2).sum(axis=0) for one in features)
        # A band that never changes stays 0.
        deviation = np.sqrt(square / count)
        deviation[deviation < 1e-6] = 1
        return cls(tuple(mean.tolist()), tuple(deviation.tolist()))

    def __call__(self, features):
        """Normalised features, float32 `(frames, bands)`."""
        mean, deviation = np.array(self.mean), np.array(self.deviation)
        return ((features - mean) / deviation).astype("float32")


def _mel(hertz):
    return 2595 * np.log10(1 + hertz / 700)


def _hertz(mel):
    return 700 * (10 ** (mel / 2595) - 1)
