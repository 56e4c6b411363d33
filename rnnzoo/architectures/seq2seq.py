"""A sequence in, another sequence out."""

import keras
import numpy as np
from keras import ops

from rnnzoo.architectures.options import (
    chosen_stack,
    vocabulary_object,
    vocabulary_size,
)
from rnnzoo.architectures.writer import Writer
from rnnzoo.cells.checks import positive_integer
from rnnzoo.inputs import check_rows, check_targets, check_tokens
from rnnzoo.layers import SequenceEncoder, Stack, TokenDecoder


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
        attention: `"additive"`, `"multiplicative"`, or None for the plain
            form, in which one vector carries the whole source.
        cell: str, `rnnzoo.Cell` or Keras cell.
        units: int or None. Size of a cell that is given by name, 128 if None.
        num_layers: int. Number of recurrent layers on either side.
        bidirectional: bool or None. Whether the encoder reads backwards as
            well; None: unless there is a `block`, which cannot.
        residual, pre_norm, block, dropout, recurrent_dropout: see
            `rnnzoo.layers.Stack`.
        encoder, decoder: a `rnnzoo.layers.Stack` instead of the words from
            `cell` on, for that side.
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
        max_length=64,
        dtype=None,
        **kwargs,
    ):
        if encoder is not None and encoder is decoder:
            raise ValueError(
                "`encoder` and `decoder` are the same Stack, whose weights "
                "would be shared. Build one for each side."
            )

        if bidirectional is None:
            bidirectional = block is None

        # === Layers ===
        def stack(name, **options):
            return Stack(
                cell,
                units,
                num_layers,
                residual=residual,
                pre_norm=pre_norm,
                block=block,
                dropout=dropout,
                recurrent_dropout=recurrent_dropout,
                dtype=dtype,
                name=name,
                **options,
            )

        read = SequenceEncoder(
            chosen_stack("encoder", encoder)
            or stack("reader", bidirectional=bidirectional),
            vocabulary_size("source_vocabulary", source_vocabulary),
            name="encoder",
        )
        write = TokenDecoder(
            chosen_stack("decoder", decoder) or stack("writer"),
            vocabulary_size("target_vocabulary", target_vocabulary, True),
            attention,
            name="decoder",
        )

        # === Functional model ===
        source = keras.Input((None,), dtype="int32", name="source")
        target = keras.Input((None,), dtype="int32", name="target")
        super().__init__(
            inputs={"source": source, "target": target},
            outputs=write(target, read(source)),
            **kwargs,
        )

        # === Config ===
        self.encoder = read
        self.decoder = write
        self.max_length = positive_integer("max_length", max_length)
        self.source_vocabulary = vocabulary_object(source_vocabulary)
        self.target_vocabulary = vocabulary_object(target_vocabulary)

    def encode(self, source):
        return self.encoder(source, training=False)

    def generate(
        self,
        source,
        beam_width=1,
        max_length=None,
        length_penalty=1.0,
        n_best=None,
    ):
        """Writes one target for each source.

        Args:
            source: list of strings, where the model has its vocabularies; or
                token ids `(batch, timesteps)`.
            beam_width: int. 1: greedy search; above: beam search.
            max_length: int or None. Longest target; the model's if None.
            length_penalty: float. Of beam search, see
                `rnnzoo.decoding.beam_search`.
            n_best: int or None. How many sequences are returned for each
                source, at most `beam_width`; None: the best alone.

        Returns:
            A list of strings for strings; ids `(batch, length)` with end,
            padded with 0, for ids.
            With `n_best`, a list of up to `n_best` pairs (string, score) for
            each source, best first; or ids `(batch, n_best, length)` and scores
            `(batch, n_best)`, minus infinity where there are no more
            sequences. A score is the log-probability (natural logarithm) of
            the sequence over its length penalty, see `rnnzoo.decoding.rank`.

        Raises:
            ValueError: an empty line; ids outside the vocabulary; strings for
                a model without vocabularies; no positive width, length or
                `n_best`.
        """
        ids, vocabulary = self.source_ids(source), None
        if is_strings(source):
            vocabulary = self.known_vocabulary("target_vocabulary")
        return self.write(
            ids,
            vocabulary,
            beam_width,
            max_length,
            length_penalty,
            n_best=n_best,
        )

    def attention_weights(self, source, target):
        """Where the decoder looks while it writes `target`.

        Args:
            source, target: lists of strings, or token ids
                `(batch, timesteps)`.

        Returns:
            Float32 `(batch, target steps, source steps)`; rows sum to one.

        Raises:
            ValueError: the model has no attention.
        """
        source = self.source_ids(source)
        if is_strings(target):
            target = self.encode_strings(target, "target_vocabulary", True)
        check_tokens("target", target, self.decoder.vocabulary_size)
        check_rows({"source": source, "target": target})
        target = ops.convert_to_tensor(target, "int32")
        weights = self.run(
            "attention_weights",
            lambda s, t: self.decoder.attention_weights(t, self.encode(s)),
            source,
            target,
        )
        return ops.convert_to_numpy(weights)

    def source_ids(self, source):
        if is_strings(source):
            source = self.encode_strings(source, "source_vocabulary")
        check_tokens("source", source, self.encoder.vocabulary_size)
        return ops.convert_to_tensor(source, "int32")

    def encode_strings(self, lines, name, add_end=False):
        lines = lines.tolist() if isinstance(lines, np.ndarray) else lines
        return self.known_vocabulary(name).encode(lines, add_end=add_end)

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
        check_tokens("source", x["source"], self.encoder.vocabulary_size)
        size = self.decoder.vocabulary_size
        check_targets("target", x["target"], size, self.max_length)
        check_rows(x)

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            "source_vocabulary": self.encoder.vocabulary_size,
            "target_vocabulary": self.decoder.vocabulary_size,
            "attention": self.decoder.attention,
            "encoder": serialize(self.encoder.stack),
            "decoder": serialize(self.decoder.stack),
            "max_length": self.max_length,
            "name": self.name,
        }


def is_strings(lines):
    """Whether `lines` are text; a single string is, and is refused later."""
    if isinstance(lines, np.ndarray):
        return lines.dtype.kind in "OU"
    return isinstance(lines, str) or (
        isinstance(lines, list | tuple)
        and any(isinstance(line, str) for line in lines)
    )
