"""Which scans stand side by side: the examples of each split."""

import functools

import numpy as np
from sklearn.datasets import load_digits

from rnnzoo.datasets.digit_strips.words import in_words

SEED = 4
SIZES = {"train": 10_000, "validation": 500, "test": 1_000}
# Configs of the builder: most digits of a strip.
LONGEST = (4, 6)
# The scans come form by form. A form starts with 0 to 9 twice, which tells
# where one ends: no form is in two splits, and so hardly any writer.
SCANS = {"train": (0, 1157), "validation": (1157, 1415), "test": (1415, 1797)}
HEIGHT = 12
# Empty columns before, between and after the digits, at most.
GAP = 4
_SIDE = 8


@functools.cache
def scans(split):
    """The scanned digits of a split: `(images, digits)`.

    Uint8 `(scans, 8, 8)`, 255 where there is ink, and int `(scans,)`.
    """
    images, digits = load_digits(return_X_y=True)
    images = np.round(images * 255 / 16).astype("uint8")
    part = slice(*SCANS[split])
    return images.reshape(-1, _SIDE, _SIDE)[part], digits[part]


def examples(split, longest):
    """Yields the examples of a split.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        longest: int, 1 to 6. Most digits of a strip.

    Yields:
        `{"image": uint8 (HEIGHT, width, 1), "digits": str, "words": str}`.
        Numbers of each length are as frequent as those of another, and do not
        start with zero.
    """
    images, digits = scans(split)
    # RandomState, because its streams are the same in every NumPy to come.
    random = np.random.RandomState([SEED, longest, list(SIZES).index(split)])
    of_digit = [np.flatnonzero(digits == digit) for digit in range(10)]
    for _ in range(SIZES[split]):
        count = random.randint(1, longest + 1)
        number = random.randint(count > 1 and 10 ** (count - 1), 10**count)
        drawn = [random.choice(of_digit[int(d)]) for d in str(number)]
        yield {
            "image": strip(images[drawn], random),
            "digits": str(number),
            "words": in_words(number),
        }


def strip(images, random):
    """Digits side by side, with gaps, each somewhat up or down."""
    gaps = random.randint(GAP + 1, size=len(images) + 1)
    tops = random.randint(HEIGHT - _SIDE + 1, size=len(images))
    width = _SIDE * len(images) + gaps.sum()
    canvas = np.zeros((HEIGHT, width, 1), "uint8")
    left = 0
    for image, gap, top in zip(images, gaps, tops, strict=False):
        left += gap
        canvas[top : top + _SIDE, left : left + _SIDE, 0] = image
        left += _SIDE
    return canvas
