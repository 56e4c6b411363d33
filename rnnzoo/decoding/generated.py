"""What is known of generated sequences."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Generated:
    """All that is known of generated sequences, best first.

    Attributes:
        texts: for each source a list of str, where the model has its
            vocabulary, else None; fewer than n where there are no more.
        tokens: int32 `(batch, n, length)`, end included, padded with 0.
        scores: float32 `(batch, n)`: the log-probability over its length
            penalty, see `rnnzoo.decoding.rank`, and of drawn ones the
            log-probability; minus infinity where there are no more sequences.
            What they are ordered by, but for a coverage penalty and a
            repetition penalty, which count in the order only.
        log_probabilities: float32 `(batch, n)`, natural logarithms.
        token_log_probabilities: float32 `(batch, n, length)`, 0 at pads.
        attention: float32 `(batch, n, length, memory steps)`: where the model
            looked while it wrote each token; None without attention.
    """

    texts: list | None
    tokens: np.ndarray
    scores: np.ndarray
    log_probabilities: np.ndarray
    token_log_probabilities: np.ndarray
    attention: np.ndarray | None
