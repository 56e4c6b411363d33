"""Numbers in random order, two of them marked, and the sum of these two."""

import numpy as np

SEED = 3
SIZES = {"train": 10_000, "validation": 500, "test": 1_000}
# Configs of the builder; `arrays` makes sequences of any length.
LENGTHS = (10, 100, 600, 1000)


def arrays(split, length):
    """All examples of a split.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        length: int. Steps of a sequence, 2 or more.

    Returns:
        `{"inputs": float32 (examples, length, 2), "target": float32
        (examples,)}`. The first channel is uniform in [0, 1); the second is 1
        at one step of the first half and at one of the second, else 0.
    """
    # RandomState, because its streams are the same in every NumPy to come.
    random = np.random.RandomState([SEED, length, list(SIZES).index(split)])
    count = SIZES[split]
    values = random.random_sample((count, length)).astype("float32")
    half = length // 2
    rows = np.arange(count)
    marked = np.zeros_like(values)
    marked[rows, random.randint(half, size=count)] = 1
    marked[rows, random.randint(half, length, size=count)] = 1
    inputs = np.stack([values, marked], axis=-1)
    return {"inputs": inputs, "target": (values * marked).sum(axis=1)}
