"""Rows of different lengths in batches of few shapes: NumPy, no TensorFlow."""

import numpy as np

from rnnzoo.text import PAD

# Enough that little is padding, few enough that shapes repeat.
MOST_BUCKETS = 12
# Below this many batches in a bucket, buckets would hardly be shuffled.
FEWEST_BATCHES = 8


class Rows:
    """Rows of ids, stored one after the other without padding.

    Row i is `ids[starts[i] : starts[i] + lengths[i]]`.

    Args:
        blocks: integer arrays (rows, timesteps), padded on the right.
    """

    def __init__(self, blocks):
        present = [ids != PAD for ids in blocks]
        self.lengths = np.concatenate([p.sum(axis=1) for p in present])
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.ids = np.concatenate(
            [ids[p] for ids, p in zip(blocks, present, strict=True)]
        )

    def __len__(self):
        return len(self.lengths)


def assign(lengths, batch_size):
    """Sorts rows into buckets of about as many ids, short rows first.

    With as many rows instead, the last bucket would hold more of the few long
    ones, and all of it is as wide as the longest.

    Args:
        lengths: (rows,), how long each row is in all.
        batch_size: rows per batch.

    Returns:
        A list of increasing index arrays, one per bucket.
    """
    count = len(lengths) // (batch_size * FEWEST_BATCHES)
    count = min(max(count, 1), MOST_BUCKETS)
    ascending = np.sort(lengths)
    ids = np.cumsum(ascending)
    shares = ids[-1] * np.linspace(0, 1, count + 1)[1:]
    edges = np.unique(ascending[np.searchsorted(ids, shares)])
    bucket = np.searchsorted(edges, lengths)
    return [np.flatnonzero(bucket == number) for number in range(len(edges))]


def epoch(buckets, batch_size, random=None):
    """Batches in which each row of the buckets occurs exactly once.

    What does not fill a batch moves on to the next bucket, so that all batches
    but one are full.

    Args:
        buckets: what `assign` returns.
        batch_size: rows per batch.
        random: a `numpy.random.RandomState` to shuffle by, or None to keep the
            order, short rows first.

    Returns:
        A list of pairs (number of the bucket, indices of rows).
    """
    batches = []
    left = np.empty(0, dtype="int64")
    for number, rows in enumerate(buckets):
        if random is not None:
            rows = random.permutation(rows)
        rows = np.concatenate([left, rows])
        full = len(rows) - len(rows) % batch_size
        for start in range(0, full, batch_size):
            batches.append((number, rows[start : start + batch_size]))
        left = rows[full:]
    if len(left):
        batches.append((len(buckets) - 1, left))
    if random is not None:
        random.shuffle(batches)
    return batches


def widths(buckets, lengths):
    """How wide the batches of each bucket are.

    Never narrower than those of the bucket before, whose rest it receives, and
    rounded up by at most an eighth, so that the data of another split or size
    have the same shapes.

    Args:
        buckets: what `assign` returns.
        lengths: (rows, sides), how long each row is on each side.

    Returns:
        int64 array (buckets, sides).
    """
    widest = np.stack([lengths[rows].max(axis=0) for rows in buckets])
    widest = np.maximum.accumulate(widest, axis=0)
    # 1 up to 15, 2 up to 31, 4 up to 63, ...
    step = 2 ** np.maximum(np.log2(widest).astype("int64") - 3, 0)
    return -(-widest // step) * step
