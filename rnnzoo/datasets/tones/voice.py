"""How a speaker says a word: a buzz through two resonances, as vowels are."""

import dataclasses

import numpy as np

# Samples per second.
RATE = 8000
# First and second formant of a vowel, in hertz, as of a man's voice.
VOWELS = {"a": (730, 1090), "e": (530, 1840), "i": (270, 2290), "o": (460, 800)}
# The word of each class. All have the same vowels, so that only their order
# tells one from another: what is averaged over time says nothing.
WORDS = (
    "aeio",
    "aoie",
    "aieo",
    "eaoi",
    "eoai",
    "ioea",
    "iaoe",
    "oaei",
    "oiae",
    "oeia",
)

# Hertz from the middle of a resonance to where it has half its strength.
_BANDWIDTH = 110
# The share of a vowel in which its formants move on to those of the next.
_GLIDE = 0.4
# Samples from one value of the formants to the next; between, gains are lines.
_CONTROL = 40
# What lies higher is left out, below half the rate.
_HIGHEST = 3500


@dataclasses.dataclass(frozen=True)
class Speaker:
    """What one voice has in common in all that it says.

    Attributes:
        pitch: float. Hertz.
        tract: float. Its formants, as a multiple of those in `VOWELS`.
        pace: float. Seconds per vowel.
    """

    pitch: float
    tract: float
    pace: float

    @classmethod
    def drawn(cls, random):
        return cls(
            pitch=random.uniform(90, 240),
            tract=random.uniform(0.85, 1.2),
            pace=random.uniform(0.04, 0.08),
        )


def spoken(word, speaker, random):
    """A word, as float64 samples of 1 at most, without silence around it.

    Args:
        word: str of vowels of `VOWELS`.
        speaker: a `Speaker`.
        random: np.random.RandomState. Draws how long each vowel is, and how
            the pitch moves.
    """
    seconds = speaker.pace * random.uniform(0.7, 1.4, size=len(word))
    ends = np.cumsum(seconds)
    count = int(ends[-1] * RATE)
    time = np.arange(count) / RATE
    pitch = speaker.pitch * np.interp(
        time, (0, ends[-1]), random.uniform(0.9, 1.1, size=2)
    )
    harmonics = np.arange(1, int(_HIGHEST / pitch.max()) + 1)[:, None]

    coarse = np.arange(0, count + _CONTROL, _CONTROL)
    formants = speaker.tract * _formants(word, seconds, ends, coarse / RATE)
    heard = harmonics * pitch[np.minimum(coarse, count - 1)]
    gains = 1 / (1 + ((heard - formants[:, None]) / _BANDWIDTH) ** 2)
    # The second resonance is the weaker, and so are high harmonics of a buzz.
    gains = (gains[0] + 0.6 * gains[1]) / np.sqrt(harmonics)
    share = np.arange(_CONTROL) / _CONTROL
    gains = gains[:, :-1, None] + share * np.diff(gains)[..., None]
    gains = gains.reshape(len(gains), -1)[:, :count]

    # Harmonic n + 1 from harmonic n, which is quicker than as many sines.
    first = np.exp(2j * np.pi * np.cumsum(pitch) / RATE)
    samples, harmonic = np.zeros(count), np.ones(count)
    for gain in gains:
        harmonic = harmonic * first
        samples += gain * harmonic.imag
    return samples * _fade(count) / np.abs(samples).max()


def _formants(word, seconds, ends, time):
    """Both formants at each time, `(2, times)`: they stay, then glide."""
    values = np.array([VOWELS[vowel] for vowel in word], float)
    glide = _GLIDE / 2 * seconds
    starts = ends - seconds
    knots = np.stack([starts + glide, ends - glide], axis=1).ravel()
    return np.stack([np.interp(time, knots, np.repeat(v, 2)) for v in values.T])


def _fade(count):
    """From 0 to 1 and back within 10 milliseconds, against clicks."""
    edge = np.minimum(np.arange(count), np.arange(count)[::-1])
    return np.minimum(edge / (0.01 * RATE), 1)
