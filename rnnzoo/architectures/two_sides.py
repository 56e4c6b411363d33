"""What the two sides of an encoder-decoder must have in common."""

import numbers

import numpy as np

from rnnzoo.architectures.options import vocabulary_object
from rnnzoo.text import UNKNOWN, WordVocabulary


def checked_slots(copy_slots, label_smoothing):
    """`copy_slots` as int; raises `ValueError` for no number of words."""
    is_count = isinstance(copy_slots, numbers.Integral) and copy_slots >= 0
    if isinstance(copy_slots, bool) or not is_count:
        raise ValueError(
            "`copy_slots` is how many words outside the vocabulary a source "
            "may have, 0 or more, or None to copy nothing. Received: "
            f"copy_slots={copy_slots!r}"
        )
    if copy_slots and label_smoothing:
        raise ValueError(
            "Smoothed labels give some probability to every output, and most "
            "slots stand for no word at all. Received: copy_slots="
            f"{copy_slots}, label_smoothing={label_smoothing}. Leave one of "
            "them out."
        )
    return int(copy_slots)


def check_copied(source, target, vocabulary_size):
    """Raises `ValueError` for words of targets that no source has."""
    source, target = np.asarray(source), np.asarray(target)
    rows, steps = np.nonzero(target >= vocabulary_size)
    ids = target[rows, steps]
    missing = (source[rows] != ids[:, None]).all(axis=1)
    if missing.any():
        first = missing.argmax()
        raise ValueError(
            f"`target` holds the id {ids[first]} (row {rows[first]}, step "
            f"{steps[first]}), a word to copy that this row of `source` does "
            "not have. Encode both with `model.examples`, or take unknown "
            f"({UNKNOWN})."
        )


def check_shared(option, sizes, vocabularies):
    """Raises `ValueError` unless both sides can have one vocabulary."""
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"{option} takes one vocabulary for both sides. Received: "
            f"source_vocabulary of {sizes[0]} and target_vocabulary of "
            f"{sizes[1]} ids. Make one of the texts of both."
        )
    known = {getattr(words, "fingerprint", None) for words in vocabularies}
    if len(known - {None}) > 1:
        raise ValueError(
            f"{option} takes one vocabulary for both sides. Received: two of "
            "the same size, in which ids stand for other tokens. Make one of "
            "the texts of both."
        )


def check_words(vocabularies):
    """Raises `ValueError` for vocabularies without words to copy."""
    for vocabulary in vocabularies:
        known = vocabulary_object(vocabulary)
        if known is not None and not isinstance(known, WordVocabulary):
            raise ValueError(
                "copy_slots takes vocabularies of words. Received: "
                f"{vocabulary!r}. Make a rnnzoo.text.WordVocabulary, or leave "
                "copy_slots out."
            )


def check_widths(reader, writer):
    """Raises `ValueError` unless both sides read vectors of one width."""
    if reader.width != writer.output_size:
        raise ValueError(
            "tied='all' takes encoder and decoder of one width. Received: an "
            f"encoder of {reader.width} units for each direction and a "
            f"decoder of {writer.output_size}. Choose tied='target', or the "
            "same number of units."
        )
