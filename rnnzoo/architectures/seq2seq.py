"""A sequence in, another sequence out."""

import keras
import numpy as np
from keras import ops

from rnnzoo.architectures.options import (
    chosen_stack,
    vocabulary_object,
    vocabulary_size,
)
from rnnzoo.architectures.two_sides import (
    check_copied,
    check_shared,
    check_widths,
    check_words,
    checked_slots,
)
from rnnzoo.architectures.writer import Writer
from rnnzoo.cells.checks import one_of, positive_integer, share
from rnnzoo.inputs import (
    as_list,
    check_rows,
    check_targets,
    check_tokens,
    is_strings,
)
from rnnzoo.layers import SequenceEncoder, TokenDecoder
from rnnzoo.layers.attention import attention_config
from rnnzoo.layers.copying import known_ids
from rnnzoo.text import UNKNOWN, WordVocabulary


@keras.saving.register_keras_serializable("rnnzoo")
class Seq2Seq(Writer):
    """A sequence to another one, after reading all of it: translation.

    Input: a dict with `"source"`, token ids `(batch, timesteps)` with pad 0,
    and `"target"`, token ids `(batch, timesteps)` that finish with end (2)
    and are padded with 0; the model shifts them itself. Output: logits
    `(batch, timesteps, target vocabulary)`; the targets of the loss are those
    of the input. `generate(source)` writes new sequences.

    Papers: Sutskever, Vinyals and Le 2014, https://arxiv.org/abs/1409.3215;
    attention: see `rnnzoo.layers.AttentionDecoder`.

    Args:
        source_vocabulary: int or vocabulary. Number of token ids.
        target_vocabulary: int or vocabulary. Number of token ids.
        attention: a name such as `"additive"`, `"multiplicative"`,
            `"monotonic"` or `"coverage"`, or a `rnnzoo.layers.MemoryAttention`;
            None for the plain form, in which one vector carries the whole
            source.
        input_feeding: bool. Whether the decoder reads what attention found a
            step before; its steps then come one after the other.
        cell: str, `rnnzoo.Cell` or Keras cell.
        units: int or None. Size of a cell that is given by name, 128 if None.
        num_layers: int. Number of recurrent layers on either side.
        bidirectional: bool or None. Whether the encoder reads backwards as
            well; None: unless there is a `block`, which cannot.
        residual, pre_norm, block, dropout, recurrent_dropout: see
            `rnnzoo.layers.Stack`.
        encoder, decoder: a `rnnzoo.layers.Stack` instead of the words from
            `cell` on, for that side; a bridge joins any two.
        tied: which tokens share a matrix: None; `"target"`: targets are
            written with the one that they are read with; `"all"`: sources
            are read with it as well.
        label_smoothing: float. Share of each target's probability that the
            loss spreads over all tokens, Szegedy et al. 2016,
            https://arxiv.org/abs/1512.00567.
        scheduled_sampling: a `rnnzoo.layers.ScheduledSampling`, or None: in
            training the decoder reads the right tokens only.
        copy_slots: int or None. How many words outside the vocabulary may be
            copied from a source, whose ids follow those of the vocabulary:
            see `rnnzoo.layers.Copying` and
            `rnnzoo.text.WordVocabulary.encode_open`; None: nothing is copied.
        coverage_loss: float. Weight of looking twice at one place, see
            `rnnzoo.layers.TokenDecoder`.
        max_length: int. Longest target, its end included.
        dtype: dtype policy.

    Raises:
        ValueError: an unknown option or cell; ids outside the vocabulary, an
            empty row, a target longer than `max_length`.

    Example:

    ```python
    model = rnnzoo.build(
        "seq2seq", source_vocabulary=9, target_vocabulary=9, units=8
    )
    model.compile()
    source = np.array([[5, 6], [7, 0]])
    target = np.array([[6, 5, 2], [7, 2, 0]])
    model.fit({"source": source, "target": target}, verbose=0)
    ids = model.generate(source, beam_width=4, max_length=5)
    ```
    """

    vocabulary_names = ("source_vocabulary", "target_vocabulary")

    def __init__(
        self,
        *,
        source_vocabulary=256,
        target_vocabulary=256,
        attention="multiplicative",
        input_feeding=False,
        cell="gru",
        units=None,
        num_layers=1,
        bidirectional=None,
        residual=False,
        pre_norm=False,
        block=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        encoder=None,
        decoder=None,
        tied=None,
        label_smoothing=0.0,
        scheduled_sampling=None,
        copy_slots=None,
        coverage_loss=0.0,
        max_length=64,
        dtype=None,
        **kwargs,
    ):
        if encoder is not None and encoder is decoder:
            raise ValueError(
                "`encoder` and `decoder` are the same Stack, whose weights "
                "would be shared. Build one for each side."
            )

        # === Layers ===
        words = {
            "cell": cell,
            "units": units,
            "num_layers": num_layers,
            "residual": residual,
            "pre_norm": pre_norm,
            "block": block,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
        }
        if encoder is None and bidirectional is None:
            bidirectional = block is None
        shared = encoder is None or decoder is None
        sizes = (
            vocabulary_size("source_vocabulary", source_vocabulary),
            vocabulary_size("target_vocabulary", target_vocabulary, True),
        )
        vocabularies = (source_vocabulary, target_vocabulary)
        if one_of("tied", tied, (None, "target", "all")) == "all":
            check_shared("tied='all'", sizes, vocabularies)
        label_smoothing = share("label_smoothing", label_smoothing)
        if copy_slots is not None:
            copy_slots = checked_slots(copy_slots, label_smoothing)
            check_shared(f"copy_slots={copy_slots}", sizes, vocabularies)
            check_words(vocabularies)

        def reader(embedding=None):
            stack = chosen_stack(
                "encoder",
                encoder,
                {**words, "bidirectional": bool(bidirectional)},
                shared,
                dtype=dtype,
                name="reader",
            )
            return SequenceEncoder(
                stack, sizes[0], embedding=embedding, name="encoder"
            )

        def writer():
            stack = chosen_stack(
                "decoder", decoder, words, shared, dtype=dtype, name="writer"
            )
            return TokenDecoder(
                stack,
                sizes[1],
                attention,
                input_feeding=input_feeding,
                tied=tied is not None,
                scheduled_sampling=scheduled_sampling,
                copy_slots=copy_slots,
                coverage_loss=coverage_loss,
                name="decoder",
            )

        if tied == "all":
            write = writer()
            read = reader(write.embedding)
            check_widths(read.stack, write.stack)
        else:
            read, write = reader(), writer()

        # === Functional model ===
        source = keras.Input((None,), dtype="int32", name="source")
        target = keras.Input((None,), dtype="int32", name="target")
        super().__init__(
            inputs={"source": source, "target": target},
            outputs=write(target, encoded(read, write, source)),
            **kwargs,
        )

        # === Config ===
        self.encoder = read
        self.decoder = write
        self.tied = tied
        self.label_smoothing = label_smoothing
        self.max_length = positive_integer("max_length", max_length)
        self.source_vocabulary = vocabulary_object(source_vocabulary)
        self.target_vocabulary = vocabulary_object(target_vocabulary)

    def encode(self, source):
        return encoded(self.encoder, self.decoder, source, training=False)

    def generate(
        self, source, *, details=False, replace_unknown=False, **options
    ):
        """Writes one target for each source.

        Args:
            source: list of strings, where the model has its vocabularies; or
                token ids `(batch, timesteps)`.
            details: bool. Whether to return all that is known of the targets,
                see below.
            replace_unknown: bool. Whether an unknown token of the target
                becomes the word of the source that attention was on most, as
                of Luong et al. 2015, https://arxiv.org/abs/1410.8206; for
                strings, of models that read words.
            **options: `beam_width`, `max_length` (the model's if None),
                `n_best`, `temperature` and others of
                `rnnzoo.decoding.Options`.

        Returns:
            A list of strings for strings; ids `(batch, length)` with end,
            padded with 0, for ids.
            With `n_best`, a list of up to `n_best` pairs (string, score) for
            each source, best first; or ids `(batch, n_best, length)` and scores
            `(batch, n_best)`, minus infinity where there are no more
            sequences. A score is the log-probability (natural logarithm) of
            the sequence over its length penalty, see `rnnzoo.decoding.rank`.
            With `details`, a `rnnzoo.decoding.Generated`.

        Raises:
            ValueError: an empty line; ids outside the vocabulary; strings for
                a model without vocabularies; an option out of range.
        """
        ids, words = self.source_ids(source)
        spell = replace = None
        if is_strings(source):
            vocabulary = self.known_vocabulary("target_vocabulary")
            extra = () if words is None else (words,)

            def spell(tokens):
                return vocabulary.decode(tokens, *extra)

        if replace_unknown:
            spell, replace = self.replacing(source, words)
        return self.write(ids, options, spell, details, replace)

    def replacing(self, source, copied):
        """`(spell, replace)` of `write`: unknown words from the source.

        `copied` are the words that have ids of their own, or None.
        """
        sides = (self.source_vocabulary, self.target_vocabulary)
        of_words = all(isinstance(side, WordVocabulary) for side in sides)
        if not (is_strings(source) and of_words):
            raise ValueError(
                "replace_unknown puts words of the source in: pass strings "
                "to a model whose vocabularies are both a "
                "rnnzoo.text.WordVocabulary. Received: "
                f"{type(source).__name__}, source_vocabulary={sides[0]!r}, "
                f"target_vocabulary={sides[1]!r}."
            )
        if self.decoder.attention is None:
            raise ValueError(
                "replace_unknown goes by attention, and the model has none. "
                "Build it with attention='additive'."
            )
        lines = [line.split() for line in source]
        copied = [[]] * len(lines) if copied is None else copied
        words = [own + line for own, line in zip(copied, lines, strict=True)]
        first = len(sides[1]) + np.array([len(own) for own in copied])

        def replace(tokens, attention):
            """Ids of source words, by their places from `first` on."""
            place = first[:, None, None] + attention.argmax(axis=-1)
            return np.where(tokens == UNKNOWN, place, tokens)

        return lambda tokens: sides[1].decode(tokens, words), replace

    def attention_weights(self, source, target):
        """Where the decoder looks while it writes `target`.

        Args:
            source, target: lists of strings, or token ids
                `(batch, timesteps)`.

        Returns:
            Float32 `(batch, target steps, source steps)`; rows sum to one,
            those of monotonic attention to one at most.

        Raises:
            ValueError: the model has no attention.
        """
        source, words = self.source_ids(source)
        target = self.target_ids(target, words)
        check_rows({"source": source, "target": target})
        if self.decoder.attention is None:
            self.decoder.attention_weights(target, None)  # raises
        return ops.convert_to_numpy(self.looked_at(source, target))

    def examples(self, source, target):
        """What `fit` takes, from texts.

        Args:
            source, target: lists of strings, as many of each.

        Returns:
            `{"source": ids, "target": ids}`.

        Raises:
            ValueError: an empty line; a model without vocabularies.
        """
        check_rows({"source": as_list(source), "target": as_list(target)})
        ids, words = self.source_ids(source)
        target = self.target_ids(target, words)
        x = {"source": ops.convert_to_numpy(ids)}
        return {**x, "target": ops.convert_to_numpy(target)}

    def begin_parts(self, source_length):
        return {"source": ((source_length,), "int32")}

    def source_tensor(self, source):
        return self.source_ids(source)[0]

    def source_ids(self, source):
        """`(ids, words)`: ids as a tensor, and the copied words, or None."""
        words = None
        if is_strings(source):
            source = as_list(source)
            vocabulary = self.known_vocabulary("source_vocabulary")
            if self.decoder.copying is None:
                source = vocabulary.encode(source)
            else:
                source, words = self.open_ids(vocabulary, source)
        check_tokens("source", source, self.source_size)
        return ops.convert_to_tensor(source, "int32"), words

    def open_ids(self, vocabulary, source):
        """`(ids, words)` with words outside the vocabulary."""
        ids, words = vocabulary.encode_open(source)
        slots = self.decoder.copy_slots
        # Words for which there is no room are unknown.
        ids = np.where(ids < self.source_size, ids, UNKNOWN)
        return ids, [own[:slots] for own in words]

    def target_ids(self, target, words=None):
        if is_strings(target):
            target = as_list(target)
            vocabulary = self.known_vocabulary("target_vocabulary")
            if words is None:
                target = vocabulary.encode(target, add_end=True)
            else:
                target, _ = vocabulary.encode_open(target, True, words)
        check_tokens("target", target, self.decoder.output_size)
        return ops.convert_to_tensor(target, "int32")

    @property
    def source_size(self):
        """Number of ids that a source may hold."""
        return self.encoder.vocabulary_size + (self.decoder.copy_slots or 0)

    def known_vocabulary(self, name):
        vocabulary = getattr(self, name)
        if vocabulary is None:
            raise ValueError(
                f"Received strings, but the model has no {name}. Pass token "
                f"ids, or build it with {name}=rnnzoo.text.CharacterVocabulary"
                ".from_texts(...)."
            )
        return vocabulary

    def check(self, x, y=None):
        super().check(x, y)
        check_tokens("source", x["source"], self.source_size)
        size = self.decoder.output_size
        check_targets("target", x["target"], size, self.max_length)
        check_rows(x)
        check_copied(x["source"], x["target"], self.decoder.vocabulary_size)

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        sampling = self.decoder.scheduled_sampling
        return {
            "source_vocabulary": self.encoder.vocabulary_size,
            "target_vocabulary": self.decoder.vocabulary_size,
            "attention": attention_config(self.decoder.attention),
            "input_feeding": self.decoder.input_feeding,
            "encoder": serialize(self.encoder.stack),
            "decoder": serialize(self.decoder.stack),
            "tied": self.tied,
            "label_smoothing": self.label_smoothing,
            "scheduled_sampling": sampling and serialize(sampling),
            "copy_slots": self.decoder.copy_slots,
            "coverage_loss": self.decoder.coverage_loss,
            "max_length": self.max_length,
            "name": self.name,
        }


def encoded(read, write, source, **options):
    """What the decoder `write` needs to know of a source."""
    if write.copying is None:
        return read(source, **options)
    known = known_ids(source, write.vocabulary_size)
    return {**read(known, **options), "source": source}
