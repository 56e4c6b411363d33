"""A word of symbols, blanks, a signal, and the word once more as the target."""

import numpy as np

SEED = 4
SIZES = {"train": 10_000, "validation": 500, "test": 1_000}
# Configs of the builder; `arrays` takes any delay.
DELAYS = (10, 100, 600, 1000)

SYMBOLS = 8  # the ids 0 to 7
BLANK = 8
RECALL = 9  # the signal to begin
WORD = 10  # symbols to remember


def arrays(split, delay):
    """All examples of a split.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        delay: int. Steps from the last symbol to the first recalled one, T.

    Returns:
        `{"inputs", "targets"}`, ids `(examples, delay + 20)`, uint8. Inputs:
        10 symbols, T - 1 blanks, the signal, 10 blanks. Targets: T + 10
        blanks, then the 10 symbols.
    """
    words = _words(delay)[split]
    inputs = np.full((len(words), delay + 2 * WORD), BLANK, "uint8")
    targets = inputs.copy()
    inputs[:, :WORD] = words
    inputs[:, WORD + delay - 1] = RECALL
    targets[:, -WORD:] = words
    return {"inputs": inputs, "targets": targets}


def _words(delay):
    """The words of each split: no word occurs twice, in any of them."""
    # RandomState, because its streams are the same in every NumPy to come.
    random = np.random.RandomState([SEED, delay])
    total = sum(SIZES.values())
    numbers = random.randint(SYMBOLS**WORD, size=2 * total)
    numbers = np.array([*dict.fromkeys(numbers.tolist())][:total])
    words = numbers[:, None] // SYMBOLS ** np.arange(WORD) % SYMBOLS
    ends = np.cumsum([*SIZES.values()])[:-1]
    return dict(zip(SIZES, np.split(words, ends), strict=True))
