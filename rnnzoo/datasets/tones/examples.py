"""Who says what, and in which noise: the examples of each split."""

import numpy as np

from rnnzoo.datasets.tones.voice import RATE, WORDS, Speaker, spoken

SEED = 6
SIZES = {"train": 2_000, "validation": 200, "test": 500}
# Voices of each split, which occur in no other.
SPEAKERS = {"train": 40, "validation": 10, "test": 20}
CONFIGS = ("words", "strings")
# Most words of a string.
LONGEST = 4

# Seconds, drawn uniformly: around what is said, and between two words.
_AROUND = (0.02, 0.3)
_BETWEEN = (0.03, 0.1)
# Of the loudest sample to the full range, and of the noise to that, in dB.
_LOUDNESS = (-20, -3)
_NOISE = (-30, -5)


def examples(split, config):
    """Yields the examples of a split.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        config: `"words"` for one word each, classes as frequent as one another;
            `"strings"` for 1 to `LONGEST` of them, one after the other.

    Yields:
        `{"audio": int16 (samples,), "label": int, "speaker": int}`; the label
        of a string is a str such as `"4071"`. Samples are `RATE` a second.
    """
    # RandomState, because its streams are the same in every NumPy to come.
    part = list(SIZES).index(split)
    voices = np.random.RandomState([SEED, part])
    speakers = [Speaker.drawn(voices) for _ in range(SPEAKERS[split])]
    random = np.random.RandomState([SEED, part, 1 + CONFIGS.index(config)])
    first = sum(list(SPEAKERS.values())[:part])
    for number in range(SIZES[split]):
        who = random.randint(len(speakers))
        if config == "words":
            said = [number % len(WORDS)]
            label = said[0]
        else:
            said = random.randint(len(WORDS), size=random.randint(LONGEST) + 1)
            label = "".join(map(str, said))
        audio = recording(said, speakers[who], random)
        yield {"audio": audio, "label": label, "speaker": first + who}


def recording(said, speaker, random):
    """Words with silence around and between them, in noise, as int16."""
    pieces = [_silence(_AROUND, random)]
    for number, word in enumerate(said):
        if number:
            pieces.append(_silence(_BETWEEN, random))
        pieces.append(spoken(WORDS[word], speaker, random))
    pieces.append(_silence(_AROUND, random))
    samples = np.concatenate(pieces)
    loudness, noise = 10 ** (
        np.array([random.uniform(*_LOUDNESS), random.uniform(*_NOISE)]) / 20
    )
    samples += noise * random.standard_normal(len(samples))
    return np.clip(np.round(32767 * loudness * samples), -32768, 32767).astype(
        "int16"
    )


def _silence(seconds, random):
    return np.zeros(int(random.uniform(*seconds) * RATE))
