"""A sequence in, one output per step out."""

import keras
import numpy as np
from keras import ops

from rnnzoo.architectures.reader import Reader
from rnnzoo.architectures.sequence_inputs import Tokens
from rnnzoo.inputs import (
    as_list,
    check_outputs,
    check_padding,
    check_tokens,
    is_array,
    is_strings,
)
from rnnzoo.model_generator import Generator, Start
from rnnzoo.text import BEGIN, PAD


@keras.saving.register_keras_serializable("rnnzoo")
class Synced(Generator, Reader):
    """A sequence to one output per step: tagging, video, language models.

    Unless bidirectional, the model is causal and streams: see `step`. The
    labels themselves come from `labels`; with the heads `"crf"` and `"ctc"`
    only a whole sequence tells them, and a step gives what they go by.

    Input: token ids `(batch, timesteps)` with pad 0; or, with `input_dim`,
    values `(batch, timesteps, input_dim)` or frames `(batch, timesteps,
    *input_dim)`, alone or as a dict with `"inputs"` and a bool `"mask"`
    `(batch, timesteps)`; or, with `characters`, a dict with `"words"`, ids
    `(batch, timesteps)`, and `"characters"`, ids `(batch, timesteps,
    characters)`, with pad 0. Output: logits or
    values `(batch, timesteps, num_outputs)`. Targets: one per step, see
    `rnnzoo.layers.Head`; those of masked steps do not count. With the head
    `"crf"`, outputs are the emissions of `rnnzoo.layers.CRFHead`, and a target
    may be -1, unknown. With `"ctc"`, targets are `(batch, labels)`, padded with
    0, without their places: see `rnnzoo.layers.CTCHead`.

    Args:
        vocabulary: int or vocabulary. Number of token ids; ignored with
            `input_dim`.
        input_dim: int, tuple of int or None. Number of values per step, or
            shape of a frame (height, width, channels); None for tokens.
        frame_encoder: Keras layer or model from frames `(batch, *input_dim)`
            to vectors `(batch, features)`, or a `rnnzoo.layers.FrameEncoder`;
            one of these with as many features as `units` if None.
        characters: int, vocabulary, `rnnzoo.layers.CharacterEncoder` or None.
            Number of character ids, where words come with their characters.
        embedding_dim: int or None. Features of the vector of a token or word;
            as many as `units` if None. `set_vectors` puts those there that
            `rnnzoo.text.read_vectors` has read from a file.
        train_embedding: bool. Whether these vectors are learnt.
        num_outputs: int. Number of classes, labels or values.
        head: `"softmax"`, `"sigmoid"`, `"regression"`, `"crf"` or `"ctc"`; or
            a head with options, such as `rnnzoo.layers.CRFHead(5,
            forbidden=...)`, which has its own `num_outputs`.
        cell: str, `rnnzoo.Cell` or Keras cell.
        units: int or None. Size of a cell that is given by name, 128 if None.
        num_layers: int. Number of recurrent layers.
        bidirectional, residual, pre_norm, block, dropout, recurrent_dropout:
            see `rnnzoo.layers.Stack`.
        carried_rows: int or None. Number of rows of every batch, for truncated
            back-propagation through time: each row starts from the states
            that the same row of the batch before has ended with. The inputs
            are then a dict with `"begins"`, bool `(carried_rows,)`, which
            rows start a document instead; see
            `rnnzoo.pipelines.continuous.ContinuousText`. Without it, rows
            stand for themselves.
        encoder: a `rnnzoo.layers.Stack` instead of the words from `cell` on.
        dtype: dtype policy.

    Raises:
        ValueError: an unknown option or cell; inputs of another shape, ids
            outside the vocabulary, an empty row.

    Example:

    ```python
    model = rnnzoo.build("synced", vocabulary=50, num_outputs=3, units=8)
    model.compile()
    ids = np.array([[5, 6, 7], [8, 9, 0]])
    tags = np.array([[0, 1, 2], [1, 2, 0]])
    model.fit(ids, tags, verbose=0)
    logits, states = model.step(ids[:, 0])
    logits, states = model.step(ids[:, 1], states)
    ```
    """

    # There is an output at every step, and so nothing to pool.
    refused_options = ("pooling",)
    of_sequences = True
    # Most tokens that `generate` writes, unless it is told otherwise.
    max_length = 256

    def make_outputs(self, encoded, head):
        return head(encoded["memory"])

    def valid_steps(self, x, y):
        return self.input_mask(x)

    def labels(self, inputs):
        """The best label of every step.

        With head="softmax" the class of the highest logit; with "crf" the
        labels that are best together, found by the algorithm of Viterbi; with
        "ctc" the labels of the whole sequence, moved to the left.

        Args:
            inputs: as for `predict`, arrays.

        Returns:
            int32 array `(batch, timesteps)`, 0 at masked steps, and with
            "ctc" after the labels.

        Raises:
            ValueError: a head without classes; what `predict` raises.
        """
        if not is_array(inputs) and not isinstance(inputs, dict):
            raise ValueError(
                "`labels` takes arrays, of one batch. Received: "
                f"{type(inputs).__name__}. Call it for each batch of a data "
                "set."
            )
        inputs, _ = self.checked(inputs)
        parts, symbols = self.by_name(inputs), self.by_name(self.input)
        self.carried_batch(inputs, len(parts[self.kind.required[0]]))
        names = [name for name in symbols if parts.get(name) is not None]

        def best(*tensors):
            x = dict(zip(names, tensors, strict=True))
            x = x if self.named else x["inputs"]
            return self.head.best(self(x), self.input_mask(x))

        tensors = [
            ops.convert_to_tensor(parts[name], symbols[name].dtype)
            for name in names
        ]
        # A graph holds for any batch and length, and for nothing else.
        shapes = tuple(tuple(tensor.shape[2:]) for tensor in tensors)
        width = getattr(self.head, "beam_width", None)
        found = self.run(("labels", *names, shapes, width), best, *tensors)
        return ops.convert_to_numpy(found)

    # === Writing ===

    def generate(self, source=None, *, details=False, **options):
        """Goes on with some texts, as a language model.

        For a causal model of tokens that was trained to tell the next one,
        `num_outputs` of which are the ids of its vocabulary: at each step its
        input is the token before, begin (1) at first.

        Args:
            source: the beginnings of texts: list of strings, where the model
                has its vocabulary; or token ids `(batch, timesteps)`, padded
                on the right with 0. None: one text from its first token on.
            details: bool. Whether to return all that is known of what was
                written, see below.
            **options: `max_length` (256 if left out), `temperature`, `top_p`,
                `seed`, `beam_width`, `n_best` and others of
                `rnnzoo.decoding.Options`.

        Returns:
            What comes after the beginnings: a list of strings where the model
            has its vocabulary, else ids `(batch, length)` with end, padded
            with 0. With `n_best` and with `details` as of
            `rnnzoo.architectures.Seq2Seq.generate`.

        Raises:
            ValueError: a model that cannot write; an empty beginning; an
                option out of range.
        """
        self.check_writes()
        size = self.vocabulary_size
        if is_strings(source):
            if self.vocabulary is None:
                raise ValueError(
                    "Received strings, but the model has no vocabulary. Pass "
                    "token ids, or build it with vocabulary=rnnzoo.text."
                    "CharacterVocabulary.from_texts(...)."
                )
            source = self.vocabulary.encode(as_list(source))
        if source is None:
            # What comes before the first token is what begins it.
            source = np.array([[BEGIN]])
        check_tokens("source", source, size)
        check_padding("source", source)
        source = ops.convert_to_tensor(source, "int32")
        spell = self.vocabulary and self.vocabulary.decode
        return self.write(source, options, spell, details)

    def start(self, source):
        steps = ops.cumsum(ops.ones_like(source), axis=1)
        # Begin, but where it is there already, and all tokens but the last.
        begin = ops.full_like(source[:, :1], BEGIN)
        read = ops.concatenate([begin, source[:, :-1]], axis=1)
        begun = ops.logical_and(steps == 1, source == BEGIN)
        valid = ops.logical_and(source != PAD, ops.logical_not(begun))
        states = self.encoder.states_after(ops.where(valid, read, PAD))
        is_last = ops.equal(
            steps, ops.max(ops.where(source != PAD, steps, 0), 1, True)
        )
        first = ops.sum(ops.where(is_last, source, 0), axis=1)

        def step(tokens, states):
            return *self.advance(tokens, states), None

        return Start(step, states, first)

    def options(self, **options):
        chosen = super().options(**options)
        if chosen.coverage_penalty:
            raise ValueError(
                f"Received coverage_penalty={chosen.coverage_penalty}, but a "
                "language model has no attention that could cover a source. "
                "Leave the penalty out."
            )
        return chosen

    def check_writes(self):
        """Raises `ValueError` for a model that is no language model."""
        reasons = {
            "is bidirectional": self.encoder.stack.bidirectional,
            "does not read tokens": not isinstance(self.kind, Tokens),
            f"has head={self.head.kind!r}": self.head.kind != "softmax",
            f"has {self.head.units} outputs for {self.vocabulary_size} ids": (
                self.head.units != self.vocabulary_size
            ),
        }
        for reason, holds in reasons.items():
            if holds:
                raise ValueError(
                    "Only a causal model of tokens with head='softmax' and "
                    "num_outputs equal to its vocabulary can write. This one "
                    f"{reason}."
                )

    def check(self, x, y=None):
        shape = self.check_inputs(x)
        if y is not None:
            mask = self.input_mask(x)
            valid = None if mask is None else ops.convert_to_numpy(mask)
            check_outputs("y", y, self.head, shape, valid)
