"""Random elements of Z_n, and their sum modulo n up to each step."""

import numpy as np

SEED = 5
SIZES = {"train": 10_000, "validation": 500, "test": 500}
# Configs of the builder; `examples` takes any order. Of order 2 it is parity.
ORDERS = (2, 3, 5)

TRAINED = 40  # longest sequence of the training set
LONGEST = 256  # every sequence of the test set


def examples(split, order):
    """Yields the examples of a split.

    Training sequences have 1 to 40 steps, each length as likely as another,
    so that there are short ones to begin with; validation sequences have 40
    steps, those of the test 256. The output at step t is that for the first t
    elements, so a test sequence asks for every length up to its own.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        order: int. Number n of elements, 2 or more.

    Yields:
        `{"inputs", "targets"}`, int64 arrays of one length: the elements, and
        what they compose to up to each step.
    """
    # RandomState, because its streams are the same in every NumPy to come.
    random = np.random.RandomState([SEED, order, list(SIZES).index(split)])
    for _ in range(SIZES[split]):
        length = {"validation": TRAINED, "test": LONGEST}.get(split)
        if length is None:
            length = random.randint(1, TRAINED + 1)
        elements = random.randint(order, size=length)
        yield {"inputs": elements, "targets": np.cumsum(elements) % order}
