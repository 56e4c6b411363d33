"""One vector or image in, a sequence out."""

import keras

from rnnzoo.architectures.options import (
    chosen_stack,
    vocabulary_object,
    vocabulary_size,
)
from rnnzoo.architectures.writer import Writer
from rnnzoo.cells.checks import (
    one_of,
    positive_integer,
    positive_integers,
    share,
)
from rnnzoo.inputs import check_rows, check_targets, check_values
from rnnzoo.layers import (
    ItemEncoder,
    TokenDecoder,
    small_cnn,
    small_crnn,
)
from rnnzoo.layers.attention import attention_config


@keras.saving.register_keras_serializable("rnnzoo")
class OneToMany(Writer):
    """One vector or image to a sequence of tokens: captioning.

    By default as Show and Tell, Vinyals et al. 2015,
    https://arxiv.org/abs/1411.4555; with `attention`, `input_feeding` and
    `doubly_stochastic` as Show, Attend and Tell, Xu et al. 2015,
    https://arxiv.org/abs/1502.03044.

    Input: a dict with `"source"`, values `(batch, *input_shape)`, and
    `"target"`, token ids `(batch, timesteps)` that finish with end (2) and
    are padded with 0; the model shifts them itself. Output: logits
    `(batch, timesteps, vocabulary)`; the targets of the loss are those of the
    input. `generate(source)` writes new sequences.

    Args:
        input_shape: tuple of int. Shape of one input: a vector or an image;
            or, for attention without an `encoder`, features (regions,
            channels) that were made before.
        vocabulary: int or vocabulary. Number of token ids.
        condition: how the decoder learns of the input: `"initial_state"`,
            `"first_input"` or `"every_step"`; see
            `rnnzoo.layers.TokenDecoder`.
        encoder: what makes features of an input: None, the input itself;
            `"cnn"`, two convolutions; `"crnn"`, the same with a GRU over their
            columns, for lines of writing; or any Keras layer or model, such
            as one of `keras.applications`. See `rnnzoo.layers.ItemEncoder`.
        attention: a name such as `"additive"`, or a
            `rnnzoo.layers.MemoryAttention`, over the regions of the features;
            None: the decoder knows their summary only.
        input_feeding: bool. Whether the decoder reads what attention found a
            step before; its steps then come one after the other.
        doubly_stochastic: float. Weight of the penalty that makes attention
            see every region in the end, see `rnnzoo.layers.TokenDecoder`.
        cell: str, `rnnzoo.Cell` or Keras cell.
        units: int or None. Size of a cell that is given by name, 128 if None.
        num_layers: int. Number of recurrent layers.
        residual, pre_norm, block, dropout, recurrent_dropout: see
            `rnnzoo.layers.Stack`.
        decoder: a `rnnzoo.layers.Stack` instead of the words from `cell` on.
        tied: bool. Whether tokens are written with the matrix that they are
            read with.
        label_smoothing: float. Share of each target's probability that the
            loss spreads over all tokens.
        scheduled_sampling: a `rnnzoo.layers.ScheduledSampling`, or None.
        max_length: int. Longest target, its end included.
        dtype: dtype policy.

    Raises:
        ValueError: an unknown option or cell; inputs of another shape, ids
            outside the vocabulary, a target longer than `max_length`.

    Example:

    ```python
    model = rnnzoo.build("one_to_many", input_shape=(4,), vocabulary=9, units=8)
    model.compile()
    pairs = {"source": np.ones((2, 4)), "target": np.array([[5, 2], [6, 2]])}
    model.fit(pairs, verbose=0)
    ids = model.generate(np.ones((2, 4)), max_length=5)
    ```
    """

    vocabulary_names = ("vocabulary",)

    def __init__(
        self,
        *,
        input_shape=(64,),
        vocabulary=256,
        condition="initial_state",
        encoder=None,
        attention=None,
        input_feeding=False,
        doubly_stochastic=0.0,
        cell="gru",
        units=None,
        num_layers=1,
        residual=False,
        pre_norm=False,
        block=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        decoder=None,
        tied=False,
        label_smoothing=0.0,
        scheduled_sampling=None,
        max_length=64,
        dtype=None,
        **kwargs,
    ):
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
        stack = chosen_stack(
            "decoder", decoder, words, dtype=dtype, name="stack"
        )
        policy = stack.dtype_policy
        input_shape = positive_integers("input_shape", input_shape)
        read = ItemEncoder(
            stack.output_size,
            chosen_network(encoder, input_shape, policy),
            regions=attention is not None,
            dtype=policy,
            name="encoder",
        )
        write = TokenDecoder(
            stack,
            vocabulary_size("vocabulary", vocabulary, written=True),
            attention,
            condition,
            input_feeding=input_feeding,
            tied=one_of("tied", tied, (False, True)),
            scheduled_sampling=scheduled_sampling,
            doubly_stochastic=doubly_stochastic,
            name="decoder",
        )

        # === Functional model ===
        source = keras.Input(input_shape, name="source")
        target = keras.Input((None,), dtype="int32", name="target")
        super().__init__(
            inputs={"source": source, "target": target},
            outputs=write(target, read(source)),
            **kwargs,
        )

        # === Config ===
        self.encoder = read
        self.decoder = write
        self.item_shape = input_shape
        self.label_smoothing = share("label_smoothing", label_smoothing)
        self.max_length = positive_integer("max_length", max_length)
        self.vocabulary = vocabulary_object(vocabulary)

    def encode(self, source):
        # What is compiled for any batch has lost its shape.
        shape = (-1, *self.item_shape)
        return self.encoder(keras.ops.reshape(source, shape))

    def generate(self, source, *, details=False, **options):
        """Writes one sequence for each input.

        Args:
            source: values `(batch, *input_shape)`.
            details: bool. Whether to return all that is known of the
                sequences, see below.
            **options: `beam_width`, `max_length` (the model's if None),
                `n_best`, `temperature` and others of
                `rnnzoo.decoding.Options`.

        Returns:
            A list of strings where the model has its vocabulary, else ids
            `(batch, length)` with end, padded with 0.
            With `n_best`, a list of up to `n_best` pairs (string, score) for
            each input, best first; or ids `(batch, n_best, length)` and scores
            `(batch, n_best)`, minus infinity where there are no more
            sequences. A score is the log-probability (natural logarithm) of
            the sequence over its length penalty, see `rnnzoo.decoding.rank`.
            With `details`, a `rnnzoo.decoding.Generated`.

        Raises:
            ValueError: inputs of another shape; an option out of range.
        """
        source = self.source_tensor(source)
        spell = self.vocabulary and self.vocabulary.decode
        return self.write(source, options, spell, details)

    def begin_parts(self, source_length):
        return {"source": (self.item_shape, "float32")}

    def source_tensor(self, source):
        check_values("source", source, self.item_shape)
        return keras.ops.convert_to_tensor(source, "float32")

    def examples(self, source, target):
        """What `fit` takes, from values and texts.

        Args:
            source: values `(batch, *input_shape)`.
            target: list of strings, as many as values.

        Returns:
            `{"source": values, "target": ids}`.

        Raises:
            ValueError: an empty text; a model without a vocabulary.
        """
        if self.vocabulary is None:
            raise ValueError(
                "Received strings, but the model has no vocabulary. Pass "
                "{'source': ..., 'target': ids} to `fit`, or build it with "
                "vocabulary=rnnzoo.text.CharacterVocabulary.from_texts(...)."
            )
        target = self.vocabulary.encode(target, add_end=True)
        return {"source": source, "target": target}

    def check(self, x, y=None):
        super().check(x, y)
        check_values("source", x["source"], self.item_shape)
        size = self.decoder.vocabulary_size
        check_targets("target", x["target"], size, self.max_length)
        check_rows(x)

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        network = self.encoder.network
        sampling = self.decoder.scheduled_sampling
        return {
            "input_shape": self.item_shape,
            "vocabulary": self.decoder.vocabulary_size,
            "condition": self.decoder.condition,
            "encoder": network and serialize(network),
            "attention": attention_config(self.decoder.attention),
            "input_feeding": self.decoder.input_feeding,
            "doubly_stochastic": self.decoder.doubly_stochastic,
            "decoder": serialize(self.decoder.stack),
            "tied": self.decoder.tied,
            "label_smoothing": self.label_smoothing,
            "scheduled_sampling": sampling and serialize(sampling),
            "max_length": self.max_length,
            "name": self.name,
        }


def chosen_network(encoder, input_shape, dtype):
    """The network that an `encoder` stands for, or None.

    Raises:
        ValueError: neither a name nor a Keras layer.
    """
    if encoder is None or isinstance(encoder, keras.layers.Layer):
        return encoder
    if isinstance(encoder, str):
        networks = {"cnn": small_cnn, "crnn": small_crnn}
        name = one_of("encoder", encoder, tuple(networks))
        return networks[name](input_shape, dtype=dtype)
    raise ValueError(
        "`encoder` takes 'cnn', 'crnn', or a Keras layer or model from inputs "
        f"to features. Received: encoder={encoder!r}"
    )
