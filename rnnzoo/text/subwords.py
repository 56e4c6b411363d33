"""A vocabulary whose tokens are pieces of words, by SentencePiece."""

import base64
import io
import re

import numpy as np

from rnnzoo.text.checks import checked_lines
from rnnzoo.text.special import BEGIN, END, LABELS, PAD, UNKNOWN
from rnnzoo.text.vocabulary import Vocabulary

KINDS = ("bpe", "unigram", "word")

# Where every character gets a piece. With more characters than this share of
# the pieces, as in Chinese, too few would be left for words.
_MOST_CHARACTERS = 0.25
_COVERAGE_OF_MANY = 0.9995


class SubwordVocabulary(Vocabulary):
    """Pieces of words and their ids, learnt from texts.

    A text is taken as it comes, white space included: `decode` gives back what
    was encoded, except characters never seen in learning. In pieces a space is
    "\u2581", and each text starts with one.

    Args:
        model: bytes. A serialised SentencePiece model with the ids 0 to 3 for
            pad, begin, end and unknown; `from_texts` learns one.
        lowercase: bool. Whether texts are lowercased before they are encoded.

    References:
        Kudo & Richardson, "SentencePiece: A simple and language independent
        subword tokenizer and detokenizer for Neural Text Processing", 2018.

    Example:

    >>> texts = ["a low tower", "the low town"]
    >>> vocabulary = SubwordVocabulary.from_texts(texts, size=24)
    >>> len(vocabulary)
    24
    >>> ids = vocabulary.encode(["the tower"], add_end=True)
    >>> vocabulary.decode(ids)
    ['the tower']
    """

    def __init__(self, model, lowercase=False):
        self.lowercase = bool(lowercase)
        self._processor = _processor(model)
        self.pieces = tuple(
            self._processor.id_to_piece(number)
            for number in range(len(LABELS), len(self._processor))
        )

    @classmethod
    def from_texts(cls, texts, size=8000, kind="bpe", lowercase=False):
        """The vocabulary learnt from `texts`, the same each time.

        For one vocabulary of two languages, give the texts of both.

        Args:
            texts: sequence of non-empty strings.
            size: int. Most ids, the four special ones included; a few texts
                yield fewer pieces.
            kind: "bpe" (byte-pair encoding: the most frequent pairs are merged)
                or "unigram" (a language model of pieces); or "word": what
                stands between spaces is one piece, as suits commands and
                formulas, and the rarer words are unknown.
            lowercase: bool. Whether all texts are lowercased, here and in
                `encode`.

        Raises:
            ValueError: an unknown kind; no texts; a size too small for the
                characters of the texts, with one that is not.
        """
        if kind not in KINDS:
            raise ValueError(
                f"Received kind={kind!r}, where one of "
                f"{', '.join(map(repr, KINDS))} is expected."
            )
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(
                f"Received size={size!r}, where a positive integer is expected."
            )
        texts = checked_lines(texts)
        if not texts:
            raise ValueError(
                "Received no text to learn pieces from. Give at least one line."
            )
        texts = [_prepared(text, lowercase) for text in texts]
        return cls(_learn(texts, size, kind), lowercase)

    def encode(self, texts, add_end=False):
        """Ids of some lines, padded on the right to the longest.

        Args:
            texts: sequence of non-empty strings.
            add_end: whether each row ends with `END`, as targets must.

        Returns:
            int32 array of shape (lines, longest), where characters without a
            piece are `UNKNOWN`.
        """
        texts = [_prepared(t, self.lowercase) for t in checked_lines(texts)]
        rows = self._processor.encode(texts, add_eos=bool(add_end))
        ids = np.full(
            (len(rows), max(map(len, rows), default=int(add_end))),
            PAD,
            dtype="int32",
        )
        for row, values in zip(ids, rows, strict=True):
            row[: len(values)] = values
        return ids

    def decode(self, ids):
        """Strings of some rows of ids: the inverse of `encode`.

        A row is read up to its first `END`. `PAD` and `BEGIN` leave no trace,
        `UNKNOWN` becomes U+FFFD, the replacement character.

        Args:
            ids: integers of shape (lines, timesteps), or a list of such rows.

        Returns:
            A list of strings, one per row.
        """
        rows = [self._up_to_end(row).tolist() for row in ids]
        return self._processor.decode(rows) if rows else []

    def get_config(self):
        model = self._processor.serialized_model_proto()
        return {
            "model": base64.b64encode(model).decode("ascii"),
            "lowercase": self.lowercase,
        }

    @classmethod
    def from_config(cls, config):
        try:
            model = base64.b64decode(config["model"], validate=True)
        except ValueError as error:
            raise ValueError(
                f"The model of this vocabulary is not base64: {error}. The "
                "file may be cut off or edited."
            ) from error
        return cls(**{**config, "model": model})


def _prepared(text, lowercase):
    # SentencePiece takes UTF-8, which has no lone surrogates.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.lower() if lowercase else text


def _sentencepiece():
    try:
        import sentencepiece
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "A vocabulary of subwords needs the module 'sentencepiece', which "
            "is not installed: run `pip install 'rnnzoo[recipes]'`.",
            name=error.name,
        ) from error
    return sentencepiece


def _processor(model):
    """SentencePiece's own object for a model whose special ids are ours."""
    sentencepiece = _sentencepiece()
    try:
        # An empty model raises nothing, but complains on stderr later.
        processor = sentencepiece.SentencePieceProcessor(
            model_proto=model or b"empty"
        )
    except RuntimeError as error:
        raise ValueError(
            f"Received {len(model)} bytes that are no SentencePiece model: "
            f"{error}. The file may be cut off or edited."
        ) from error
    found = (
        processor.pad_id(),
        processor.bos_id(),
        processor.eos_id(),
        processor.unk_id(),
    )
    if found != (PAD, BEGIN, END, UNKNOWN):
        raise ValueError(
            f"Received a SentencePiece model with the ids {found} for pad, "
            f"begin, end and unknown, where {(PAD, BEGIN, END, UNKNOWN)} are "
            "expected. Learn one with `SubwordVocabulary.from_texts`."
        )
    return processor


def _learn(texts, size, kind):
    """The bytes of a model of `size` pieces, or of all there are."""
    sentencepiece = _sentencepiece()
    characters = len(set().union(*texts))
    many = characters > _MOST_CHARACTERS * size
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=model,
            vocab_size=size,
            model_type=kind,
            character_coverage=_COVERAGE_OF_MANY if many else 1.0,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            pad_id=PAD,
            bos_id=BEGIN,
            eos_id=END,
            unk_id=UNKNOWN,
            # A space belongs to the piece that follows it.
            unk_surface=" \ufffd" if kind == "word" else "\ufffd",
            # Longer lines would be left out without a word.
            max_sentence_length=4 * max(map(len, texts)),
            # More threads add up the counts in another order.
            num_threads=1,
            # Errors only, and these are raised.
            minloglevel=2,
        )
    except RuntimeError as error:
        most = re.search(r"too high .* <= (\d+)", str(error))
        if most:
            return _learn(texts, int(most[1]), kind)
        raise ValueError(_wrong_size(str(error), size)) from error
    return model.getvalue()


def _wrong_size(message, size):
    least = re.search(r"smaller than required_chars. \d+ vs (\d+)", message)
    if least:
        return (
            f"Received size={size}, but these texts need {least[1]} ids for "
            f"their characters alone: give size={least[1]} or more."
        )
    return f"SentencePiece cannot learn from these texts: {message}"
