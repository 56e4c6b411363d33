"""What passes when, and behind what: the examples of each split."""

import numpy as np

from rnnzoo.datasets.digit_strips.examples import scans

SEED = 7
SIZES = {"train": 3_000, "validation": 200, "test": 500}
# Frames of a clip, from and to.
LENGTHS = (8, 20)
# Pixels of a frame, in both directions.
SIDE = 16
# The label of a frame that shows no digit.
NONE = 10

_DIGIT = 8
# Pixels per frame.
_SPEED = (1.5, 3.0)
# Columns of the wall that digits pass behind. There is room for a whole digit
# on one side of it.
_WALL = (8, 13)
# The row where a digit begins, from and below.
_TOPS = (3, 6)
# Frames without any digit before the first and between two, at most.
_PAUSE = 3
# The share of a digit's ink that a frame shows, so that one alone may not do.
_CONTRAST = (0.4, 1.0)
_NOISE = 15


def examples(split):
    """Yields the examples of a split.

    Args:
        split: `"train"`, `"validation"` or `"test"`.

    Yields:
        `{"video": uint8 (frames, SIDE, SIDE, 1), "labels": int64 (frames,)}`:
        of each frame, the digit whose ink it shows, in part at least, or
        `NONE`.
    """
    images, digits = scans(split)
    # RandomState, because its streams are the same in every NumPy to come.
    random = np.random.RandomState([SEED, list(SIZES).index(split)])
    for _ in range(SIZES[split]):
        yield clip(images, digits, random)


def clip(images, digits, random):
    """Digits that move from one edge to the other, one after the other."""
    count = random.randint(LENGTHS[0], LENGTHS[1] + 1)
    video = np.zeros((count, SIDE, SIDE), "float64")
    labels = np.full(count, NONE)
    wall = random.randint(2, 4)
    wall_start = random.randint(_WALL[0], _WALL[1] - wall + 1)
    frame = random.randint(_PAUSE + 1)
    while frame < count:
        which = random.randint(len(images))
        frame = _passing(
            images[which], digits[which], frame, video, labels, random
        )
        frame += random.randint(_PAUSE + 1)
    if random.randint(2):
        wall_start = SIDE - wall - wall_start
    video[:, :, wall_start : wall_start + wall] = 0
    labels[video.max(axis=(1, 2)) == 0] = NONE
    video *= random.uniform(*_CONTRAST, size=(count, 1, 1))
    video += _NOISE * random.standard_normal(video.shape)
    return {
        "video": np.clip(np.round(video), 0, 255).astype("uint8")[..., None],
        "labels": labels,
    }


def _passing(image, digit, frame, video, labels, random):
    """Draws a digit from `frame` on; returns the frame that it is gone in.

    One that would not have come in as a whole before the end stays away, since
    nothing could tell which it is.
    """
    speed = random.uniform(*_SPEED)
    top = random.randint(*_TOPS)
    leftwards = random.randint(2)
    if frame + _DIGIT / speed >= len(video):
        return len(video)
    for step in range(int((SIDE + _DIGIT) / speed) + 1):
        left = int(step * speed) - _DIGIT
        if leftwards:
            left = SIDE - _DIGIT - left
        start, end = max(left, 0), min(left + _DIGIT, SIDE)
        if 0 <= frame + step < len(video) and start < end:
            part = image[:, start - left : end - left]
            video[frame + step, top : top + _DIGIT, start:end] = part
            labels[frame + step] = digit
    return frame + step + 1
