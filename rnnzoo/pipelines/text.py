"""Pairs of texts to batches of ids."""

from collections.abc import Mapping

import numpy as np

from rnnzoo.pipelines import columns
from rnnzoo.pipelines.examples import Examples
from rnnzoo.text.checks import checked_lines

# Lines encoded at a time: one long line then pads few others.
_BLOCK = 4096


class TextPairs:
    """Pairs of texts as batches of ids, for `seq2seq`.

    The texts are encoded once and kept in memory as ids. Batches hold texts of
    similar length, padded to one of at most twelve widths, and each pair occurs
    exactly once per epoch.

    Args:
        pairs: a dict of two sequences of strings, `"source"` and `"target"`.
        source_vocabulary: a vocabulary of `rnnzoo.text`.
        target_vocabulary: another one, or the same.
        batch_size: pairs per batch; one batch of an epoch may hold fewer.
        shuffle_seed: an integer, for an order that it and the number of the
            epoch determine; None for the order of the pairs, short ones first.
        max_source_length: most ids that a source may have; None for any number.
        max_target_length: the same for a target, its end included.
        drop_longer: whether pairs that exceed these are left out, and counted
            in `dropped`; otherwise they are an error.

    Attributes:
        examples: number of pairs in an epoch; `len()` is that of batches.
        dropped: number of pairs left out.

    Raises:
        ValueError: empty lines, lines without counterpart, no pairs at all,
            pairs that are too long, a batch size that is none.
    """

    def __init__(
        self,
        pairs,
        source_vocabulary,
        target_vocabulary,
        batch_size,
        *,
        shuffle_seed=None,
        max_source_length=None,
        max_target_length=None,
        drop_longer=False,
    ):
        source, target = _checked(pairs)
        source = _encode(source, source_vocabulary, add_end=False)
        target = _encode(target, target_vocabulary, add_end=True)
        short = _short("source", source.lengths, max_source_length, drop_longer)
        short &= _short(
            "target", target.lengths, max_target_length, drop_longer
        )
        kept = np.flatnonzero(short)
        if not len(kept):
            raise ValueError(
                f"All {len(short)} pairs are longer than max_source_length="
                f"{max_source_length} or max_target_length="
                f"{max_target_length}: raise these."
            )
        self.examples = len(kept)
        self.dropped = len(short) - len(kept)
        self._batches = Examples(
            {"source": source.take(kept), "target": target.take(kept)},
            batch_size,
            shuffle_seed=shuffle_seed,
        )

    def __len__(self):
        """The number of batches per epoch."""
        return len(self._batches)

    def dataset(self, epoch=0, batch=0):
        """The batches, from a place on that a training may go on from.

        Args:
            epoch: number of the epoch that the first iteration gives; the
                second gives the next.
            batch: how many batches of the first iteration are left out. A data
                set that leaves any out is good for one iteration.

        Returns:
            A `tf.data.Dataset` of `{"source": int32 (batch, timesteps),
            "target": int32 (batch, timesteps)}`.
        """
        return self._batches.dataset(epoch, batch)


def _checked(pairs):
    """The two lists of strings in `pairs`, non-empty and of one length."""
    if not isinstance(pairs, Mapping) or not {"source", "target"} <= set(pairs):
        raise ValueError(
            f"Received pairs of type {type(pairs).__name__}, where a "
            "dict of lists is expected, with the keys 'source' and 'target'."
        )
    source = checked_lines(pairs["source"], "source line")
    target = checked_lines(pairs["target"], "target line")
    if len(source) != len(target):
        raise ValueError(
            f"Received {len(source)} source lines but {len(target)} target "
            "lines, where each source line needs its target line."
        )
    if not source:
        raise ValueError(
            "Received no pairs at all, where at least one is expected: is the "
            "split empty?"
        )
    return source, target


def _encode(texts, vocabulary, add_end):
    return columns.of_blocks(
        [
            vocabulary.encode(texts[start : start + _BLOCK], add_end=add_end)
            for start in range(0, len(texts), _BLOCK)
        ]
    )


def _short(side, lengths, longest, drop_longer):
    """Which rows are short enough: bool (rows,)."""
    if longest is None:
        return np.full(len(lengths), True)
    long = np.flatnonzero(lengths > longest)
    if len(long) and not drop_longer:
        line = int(long[0])
        end = " with its end" if side == "target" else ""
        raise ValueError(
            f"{side} line {line + 1} has {lengths[line]} ids{end}, but at most "
            f"{longest} are allowed, and {len(long)} such pairs are longer: "
            f"raise max_{side}_length, or leave them out by drop_longer=True."
        )
    return lengths <= longest
