"""Pairs of texts to batches of ids."""

import itertools
import math
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from rnnzoo.pipelines import buckets
from rnnzoo.text.checks import checked_lines

# Lines encoded at a time: one long line then pads few others.
_BLOCK = 4096


def columns(dataset, *names):
    """Some text features of a data set, as lists of strings in its order.

    Args:
        dataset: a `tf.data.Dataset` of dicts of scalars, as TFDS gives.
        names: keys of those dicts.

    Returns:
        A tuple with one list of str per name.
    """
    known = dataset.element_spec
    wrong = [name for name in names if name not in known]
    if wrong:
        raise ValueError(
            f"The data set has no feature {wrong[0]!r}: choose from "
            f"{sorted(known)}."
        )
    if any(spec.shape.rank != 0 for spec in tf.nest.flatten(known)):
        # Only scalars can be batched whatever they hold; a map costs seconds.
        dataset = dataset.map(lambda example: {n: example[n] for n in names})
    lists = tuple([] for _ in names)
    for block in dataset.batch(_BLOCK).as_numpy_iterator():
        for texts, name in zip(lists, names, strict=True):
            texts.extend(text.decode("utf-8") for text in block[name])
    return lists


def text_pairs(
    pairs,
    source_vocabulary,
    target_vocabulary,
    batch_size,
    *,
    shuffle_seed=None,
    initial_epoch=0,
    max_target_length=None,
):
    """Pairs of texts as batches of ids, for `seq2seq`.

    The texts are encoded once and kept in memory. Batches hold texts of similar
    length, padded to one of at most nine shapes, and each pair occurs exactly
    once per epoch.

    Args:
        pairs: a `tf.data.Dataset` of dicts with the scalar texts `"source"` and
            `"target"`, or a dict of two sequences of strings by these names.
        source_vocabulary: a vocabulary of `rnnzoo.text`.
        target_vocabulary: another one, or the same.
        batch_size: pairs per batch; one batch of an epoch may hold fewer.
        shuffle_seed: an integer, for an order that it and the number of the
            epoch determine; None for the order of the pairs, short ones first.
        initial_epoch: the number of the first epoch, for a resumed training.
        max_target_length: most ids that a target may have, the end included.

    Returns:
        A `tf.data.Dataset` of `{"source": int32 (batch, timesteps), "target":
        int32 (batch, timesteps)}`. Its first iteration is epoch
        `initial_epoch`, its second the next.
    """
    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(
            f"Received batch_size={batch_size!r}, where a positive integer is "
            "expected."
        )
    source, target = _checked(pairs)
    source = _encode(source, source_vocabulary, add_end=False)
    target = _encode(target, target_vocabulary, add_end=True)
    _check_length(target.lengths, max_target_length)
    groups = buckets.assign(source.lengths + target.lengths, batch_size)
    widths = _widths(groups, source.lengths, target.lengths)
    epochs = itertools.count(initial_epoch)

    def batches():
        random = None
        if shuffle_seed is not None:
            random = np.random.RandomState([shuffle_seed, next(epochs)])
        for group, rows in buckets.epoch(groups, batch_size, random):
            yield {
                "source": source.batch(rows, widths[group][0]),
                "target": target.batch(rows, widths[group][1]),
            }

    ids = tf.TensorSpec((None, None), "int32")
    dataset = tf.data.Dataset.from_generator(
        batches, output_signature={"source": ids, "target": ids}
    )
    count = math.ceil(len(source) / batch_size)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(count))
    return dataset.prefetch(tf.data.AUTOTUNE)


def _checked(pairs):
    """The two lists of strings in `pairs`, non-empty and of one length."""
    if isinstance(pairs, tf.data.Dataset):
        pairs = dict(
            zip(
                ("source", "target"),
                columns(pairs, "source", "target"),
                strict=True,
            )
        )
    if not isinstance(pairs, Mapping) or not {"source", "target"} <= set(pairs):
        raise ValueError(
            f"Received pairs of type {type(pairs).__name__}, where a "
            "tf.data.Dataset of dicts or a dict is expected, with the keys "
            "'source' and 'target'."
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
    return buckets.Rows(
        [
            vocabulary.encode(texts[start : start + _BLOCK], add_end=add_end)
            for start in range(0, len(texts), _BLOCK)
        ]
    )


def _check_length(lengths, longest):
    if longest is None or lengths.max() <= longest:
        return
    line = int(np.flatnonzero(lengths > longest)[0])
    raise ValueError(
        f"target line {line + 1} has {lengths[line]} ids with its end, but at "
        f"most {longest} are allowed: raise max_target_length, or leave the "
        "pair out."
    )


def _widths(groups, *lengths):
    """For each bucket, the width of its batches on every side.

    Never narrower than the bucket before, whose rest it receives.
    """
    widest = [[side[rows].max() for rows in groups] for side in lengths]
    return np.maximum.accumulate(np.array(widest).T, axis=0).tolist()
