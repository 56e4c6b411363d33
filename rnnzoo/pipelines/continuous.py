"""Documents to batches whose rows go on from batch to batch."""

import heapq
import numbers

import numpy as np
import tensorflow as tf

from rnnzoo.pipelines.resumable import gather, resumable
from rnnzoo.text import BEGIN, PAD


class ContinuousText:
    """Documents in parallel streams of ids, for language models.

    For truncated back-propagation through time: the documents of a stream
    follow one another, and row r of a batch goes on where row r of the batch
    before has stopped. Each document starts a new piece, so that a row starts
    anew at the first step of a batch only.

    Every token is a target once per epoch, and its input is the token before
    it, or begin (1) at the start of a document. Documents that finish with end
    (2) teach a model to stop. Streams are about equally long: the longest
    document first, each goes to the shortest stream (Graham 1969,
    https://doi.org/10.1137/0117039). Short streams are filled up with padding.

    Args:
        documents: a list of documents, each a list or an array of ids.
        batch_size: number of streams, the rows of every batch.
        length: tokens per row of a batch, over which gradients flow.
        shuffle_seed: an integer, for an order of the documents that it and the
            number of the epoch determine; None: streams keep the order given.
        begins: whether batches tell which rows start a document, as models with
            `carried_rows` take it; without, rows stand for themselves.
        split: whether documents that are longer than a stream's share are
            split, so that one text fills all streams. A part starts from the
            initial state, after the token before it.

    Attributes:
        examples: number of documents in an epoch; `len()` is that of batches.

    Raises:
        ValueError: no documents, or one that is empty, holds no ids or holds
            padding; a batch size or length that is none.

    Example:

    ```python
    from rnnzoo.pipelines.continuous import ContinuousText

    text = ContinuousText([[5, 6, 7, 2], [8, 2]], batch_size=2, length=3)
    for x, y in text.dataset():
        print(x["inputs"], x["begins"], y)
    ```
    """

    def __init__(
        self,
        documents,
        batch_size,
        length,
        *,
        shuffle_seed=None,
        split=False,
        begins=True,
    ):
        for name, value in (("batch_size", batch_size), ("length", length)):
            if not is_count(value) or value < 1:
                raise ValueError(
                    f"Received {name}={value!r}, where a positive integer is "
                    "expected."
                )
        if shuffle_seed is not None and not is_count(shuffle_seed):
            raise ValueError(
                f"Received shuffle_seed={shuffle_seed!r}, where an integer "
                "from 0 on is expected, or None for the order given."
            )
        if split not in (False, True):
            raise ValueError(
                f"Received split={split!r}, where True or False is expected."
            )
        documents = [checked(*pair) for pair in enumerate(documents, start=1)]
        if not documents:
            raise ValueError(
                "Received no documents at all, where at least one is "
                "expected: is the split empty?"
            )
        self.examples = len(documents)
        self._batch_size = batch_size
        self._length = length
        self._shuffle_seed = shuffle_seed
        self._tells = bool(begins)
        begin = np.array([BEGIN])
        ids = [part for document in documents for part in (begin, document)]
        self._ids = np.concatenate(ids).astype("int32")
        sizes = np.array([len(d) for d in documents])
        pieces = -(-sizes // length)
        self._starts, self._lengths = cut(sizes, pieces, length)
        # Runs of pieces that follow one another: documents, or parts of them.
        share = -(-pieces.sum() // batch_size) if split else pieces.max()
        self._runs = runs(pieces, share)
        counts = np.array([len(run) for run in self._runs])
        streams = balanced(counts, batch_size)
        self._batches = max(sum(counts[s]) for s in streams)

    def __len__(self):
        """The number of batches per epoch."""
        return int(self._batches)

    def dataset(self, epoch=0, batch=0):
        """The batches, from a place on that a training may go on from.

        Args:
            epoch: number of the epoch that the first iteration gives; the
                second gives the next.
            batch: how many batches of the first iteration are left out. A data
                set that leaves any out is good for one iteration.

        Returns:
            A `tf.data.Dataset` of pairs `({"inputs": int32 (batch, length),
            "begins": bool (batch,)}, targets int32 (batch, length))`; without
            `begins`, of inputs and targets alone.
        """
        return resumable(self._order, 2, self._made, len(self), epoch, batch)

    def _order(self, epoch, skipped):
        """Which pieces are where in an epoch: (pieces, begins).

        Both int64 (batches, batch_size). The piece after the last is empty.
        """
        order = np.arange(len(self._runs))
        random = None
        if self._shuffle_seed is not None:
            random = np.random.RandomState([self._shuffle_seed, epoch])
            order = random.permutation(order)
        counts = np.array([len(run) for run in self._runs])
        pieces = np.full((len(self), self._batch_size), len(self._starts))
        begins = np.zeros_like(pieces)
        for row, stream in enumerate(balanced(counts[order], self._batch_size)):
            place = 0
            for run in order[stream]:
                begins[place, row] = 1
                pieces[place : place + counts[run], row] = self._runs[run]
                place += counts[run]
        return pieces[skipped:], begins[skipped:]

    def _made(self, pieces, begins):
        """A data set of batches, from what `_order` returns."""
        with tf.device("cpu:0"):  # Where tf.data runs.
            ids = tf.constant(self._ids)
            starts = tf.constant(np.append(self._starts, 0))
            lengths = tf.constant(np.append(self._lengths, 0))
        size, length = self._batch_size, self._length

        def batch(pieces, begins):
            pieces = tf.ensure_shape(pieces, [size])
            begins = tf.ensure_shape(begins, [size])
            width = tf.constant(length, tf.int64)
            x, y = (
                tf.ensure_shape(
                    gather(ids, starts + shift, lengths, pieces, width),
                    [size, length],
                )
                for shift in (0, 1)
            )
            if not self._tells:
                return x, y
            return {"inputs": x, "begins": begins > 0}, y

        return tf.data.Dataset.from_tensor_slices((pieces, begins)).map(batch)


def is_count(value):
    """Whether a value is an integer from 0 on."""
    is_integer = isinstance(value, numbers.Integral)
    return is_integer and not isinstance(value, bool) and value >= 0


def checked(number, document):
    """The ids of a document, counted from 1, or a ValueError naming it."""
    ids = np.asarray(document)
    if ids.ndim != 1 or ids.dtype.kind not in "iu" or not len(ids):
        raise ValueError(
            f"Document {number} must be a list of ids, with at least one. "
            f"Received: {document!r:.60}. Encode texts with a vocabulary, for "
            "example `vocabulary.encode([text], add_end=True)[0]`."
        )
    if ids.min() < 0 or ids.max() > np.iinfo("int32").max:
        raise ValueError(
            f"Document {number} holds {ids.min()} to {ids.max()}, which no "
            "ids are. Encode it with the model's vocabulary."
        )
    if (ids == PAD).any():
        raise ValueError(
            f"Document {number} holds padding ({PAD}) at place "
            f"{(ids == PAD).argmax()}, which no token may be. Leave it out."
        )
    return ids


def cut(sizes, pieces, length):
    """Where pieces are in documents that lie one after the other.

    Each document has begin before it, so that a piece of inputs that starts at
    some place has its targets one place later.

    Args:
        sizes: (documents,), how many ids each has, without begin.
        pieces: (documents,), how many pieces.
        length: ids of a piece that is not the last.

    Returns:
        (starts, lengths): int64 (all pieces,).
    """
    first = np.cumsum(sizes + 1) - (sizes + 1)
    within = np.concatenate([np.arange(count) for count in pieces]) * length
    starts = np.repeat(first, pieces) + within
    lengths = np.minimum(np.repeat(sizes, pieces) - within, length)
    return starts, lengths


def runs(pieces, share):
    """The pieces of each document, in as many even runs as `share` asks for.

    Args:
        pieces: (documents,), how many pieces each has.
        share: most pieces of a run.

    Returns:
        A list of increasing index arrays.
    """
    parts = -(-pieces // share)
    first = np.cumsum(pieces) - pieces
    return [
        run
        for start, count, number in zip(first, pieces, parts, strict=True)
        for run in np.array_split(np.arange(start, start + count), number)
    ]


def balanced(counts, streams):
    """Parts runs into streams of about the same number of pieces.

    Args:
        counts: (runs,), how many pieces each has.
        streams: how many streams.

    Returns:
        A list of increasing index arrays, one for each stream.
    """
    shortest = [(0, stream) for stream in range(streams)]
    parted = [[] for _ in range(streams)]
    for run in np.argsort(-counts, kind="stable"):
        load, stream = heapq.heappop(shortest)
        parted[stream].append(run)
        heapq.heappush(shortest, (load + counts[run], stream))
    return [np.sort(np.array(runs, dtype="int64")) for runs in parted]
