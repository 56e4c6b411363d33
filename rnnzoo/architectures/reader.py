"""What the two topologies that read a sequence have in common."""

import keras
import numpy as np

from rnnzoo.architectures.options import (
    chosen_head,
    chosen_stack,
    vocabulary_object,
    vocabulary_size,
)
from rnnzoo.architectures.sequence_inputs import sequence_inputs
from rnnzoo.inputs import check_begins, is_array
from rnnzoo.layers import CharacterEncoder, SequenceEncoder
from rnnzoo.model_streamer import Streamer


class Reader(Streamer):
    """A `SequenceEncoder` and a `Head` on its memory or its summary.

    A subclass writes `make_outputs(encoded, head)`.
    """

    vocabulary_names = ("vocabulary", "character_vocabulary")
    character_vocabulary = None
    # Options of `__init__` that mean nothing to a topology.
    refused_options = ()
    # Whether the head may judge whole sequences.
    of_sequences = False

    def __init__(
        self,
        *,
        vocabulary=256,
        input_dim=None,
        frame_encoder=None,
        characters=None,
        embedding_dim=None,
        train_embedding=True,
        num_outputs=2,
        head="softmax",
        pooling="last",
        cell="gru",
        units=None,
        num_layers=1,
        bidirectional=False,
        residual=False,
        pre_norm=False,
        block=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        carried_rows=None,
        encoder=None,
        dtype=None,
        **kwargs,
    ):
        # === Layers ===
        words = {
            "cell": cell,
            "units": units,
            "num_layers": num_layers,
            "bidirectional": bidirectional,
            "residual": residual,
            "pre_norm": pre_norm,
            "block": block,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
        }
        stack = chosen_stack(
            "encoder", encoder, words, dtype=dtype, name="stack"
        )
        size = vocabulary_size("vocabulary", vocabulary)
        kind = sequence_inputs(
            size,
            stack,
            input_dim,
            frame_encoder,
            character_ids(characters),
            embedding_dim,
            train_embedding,
        )
        encode = SequenceEncoder(
            stack,
            kind.embedded,
            pooling,
            front=kind.front,
            carried_rows=carried_rows,
            embedding_dim=embedding_dim,
            train_embedding=train_embedding,
            name="encoder",
        )
        output = chosen_head(
            type(self).__name__,
            head,
            num_outputs,
            stack.dtype_policy,
            self.of_sequences,
        )

        # === Functional model ===
        inputs = kind.symbols()
        arguments = kind.arguments(inputs)
        optional = kind.optional
        if carried_rows is not None:
            begins = keras.Input((), dtype="bool", name="begins", optional=True)
            inputs["begins"] = arguments["begins"] = begins
            optional += ("begins",)
        outputs = self.make_outputs(encode(**arguments), output)
        # What consists of one array only comes without its name.
        named = len(inputs) > 1
        super().__init__(
            inputs=inputs if named else inputs["inputs"],
            outputs=outputs,
            **kwargs,
        )

        # === Config ===
        self.encoder = encode
        self.head = output
        self.kind = kind
        self.named = named
        self.optional = optional
        self.vocabulary_size = size
        self.input_dim = input_dim
        self.embedding_dim = embedding_dim
        self.vocabulary = vocabulary_object(vocabulary)
        if not isinstance(characters, CharacterEncoder):
            self.character_vocabulary = vocabulary_object(characters)

    def set_vectors(self, vectors):
        """Puts given vectors in place of those that tokens start with.

        Args:
            vectors: `(number of token ids, embedding_dim)`, such as
                `rnnzoo.text.read_vectors` returns.

        Raises:
            ValueError: vectors of another shape, or that are no numbers; a
                model that does not read tokens.
        """
        words = self.kind.front if self.kind.embedded is None else self.encoder
        embedding = getattr(words, "embedding", None)
        if embedding is None:
            raise ValueError(
                "The model reads values, and has no vectors of tokens. "
                f"Received: input_dim={self.input_dim}."
            )
        vectors = np.asarray(vectors)
        shape = tuple(embedding.embeddings.shape)
        if vectors.shape != shape:
            raise ValueError(
                f"`vectors` must have the shape {shape}, a row for each token "
                f"id. Received: the shape {vectors.shape}. Build the model "
                "with the vocabulary that they were read for, and with their "
                "width as `embedding_dim`."
            )
        if not np.isfinite(vectors).all():
            raise ValueError(
                "`vectors` hold NaN or infinity, from which nothing can be "
                "learnt. Look at where they come from."
            )
        embedding.embeddings.assign(vectors)

    def make_outputs(self, encoded, head):
        """The model's outputs from what the encoder returned."""
        raise NotImplementedError(f"{type(self).__name__}.make_outputs")

    def __call__(self, inputs, *args, **kwargs):
        return super().__call__(self.complete(inputs), *args, **kwargs)

    def call(self, inputs, training=None, mask=None, **kwargs):
        # Keras's steps on JAX come here directly.
        return super().call(self.complete(inputs), training, mask, **kwargs)

    def complete(self, inputs):
        """Inputs as the graph takes them, None for those left out."""
        if not self.named:
            return inputs
        return {**dict.fromkeys(self.optional), **self.by_name(inputs)}

    def by_name(self, x):
        """Inputs as a dict; they come alone, where nothing else is given."""
        return x if self.named and isinstance(x, dict) else {"inputs": x}

    def input_mask(self, x):
        """Bool `(batch, timesteps)` of the valid steps, or None for all."""
        return self.kind.mask(self.by_name(x))

    def fit(self, x=None, y=None, batch_size=None, *args, **kwargs):
        """As `keras.Model.fit`, after a check of arrays.

        Raises:
            ValueError: arrays that cannot be meant; rows that go on from the
                batch before, but are to be shuffled.
        """
        begins = x.get("begins") if isinstance(x, dict) else None
        # Where it stands in the signature of Keras.
        shuffle = args[5] if len(args) > 5 else kwargs.get("shuffle", True)
        if is_array(begins) and shuffle:
            raise ValueError(
                "Rows of arrays with 'begins' go on from the batch before, "
                "and `fit` would shuffle them. Received: shuffle=True. Pass "
                "shuffle=False, or a data set of "
                "`rnnzoo.pipelines.continuous.ContinuousText`."
            )
        batch_size = self.carried_batch(x, batch_size)
        return super().fit(x, y, batch_size, *args, **kwargs)

    def evaluate(self, x=None, y=None, batch_size=None, *args, **kwargs):
        """As `keras.Model.evaluate`, after a check of arrays."""
        batch_size = self.carried_batch(x, batch_size)
        return super().evaluate(x, y, batch_size, *args, **kwargs)

    def predict(self, x, batch_size=None, *args, **kwargs):
        """As `keras.Model.predict`, after a check of arrays."""
        batch_size = self.carried_batch(x, batch_size)
        return super().predict(x, batch_size, *args, **kwargs)

    def carried_batch(self, x, batch_size):
        """The batch size, which is that of the carried rows if there are.

        Raises:
            ValueError: another one.
        """
        if not (isinstance(x, dict) and is_array(x.get("begins"))):
            return batch_size
        rows = self.encoder.carried_rows
        if batch_size not in (None, rows):
            raise ValueError(
                f"The states of {rows} rows are carried from batch to batch. "
                f"Received: a batch of {batch_size} rows. Leave `batch_size` "
                f"out, or pass {rows} rows at once."
            )
        return rows

    def check(self, x, y=None):
        self.check_inputs(x)

    def check_inputs(self, x):
        """Raises `ValueError` for `x` that cannot be meant.

        Returns:
            `(batch, timesteps)`.
        """
        x = self.by_name(x)
        required = self.kind.required
        if not {*required} <= {*x} <= {*required, *self.optional}:
            takes = " and ".join(map(repr, required))
            more = " and ".join(map(repr, self.optional))
            raise ValueError(
                f"{type(self).__name__} takes a dict with {takes}"
                f"{f' and, where needed, {more}' if more else ''}. Received: a "
                f"dict with {sorted(x)}."
            )
        begins = x.get("begins")
        shape = self.kind.check(x, empty_rows=begins is not None)
        if begins is not None:
            check_begins("begins", begins, shape[0], self.encoder.carried_rows)
        return shape

    # === One step at a time ===

    @property
    def step_parts(self):
        return self.kind.step_parts

    def initial_states(self, batch_size):
        return self.encoder.stack.get_initial_state(batch_size)

    def advance(self, inputs, states):
        features, states = self.encoder.step(inputs, states)
        return self.head(features), states

    def check_step(self, inputs):
        self.kind.check_step(inputs)

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        characters = getattr(self.kind, "characters", None)
        frame_encoder = None if characters is not None else self.kind.front
        return {
            "vocabulary": self.vocabulary_size,
            "input_dim": self.input_dim,
            "num_outputs": self.head.units,
            "head": keras.saving.serialize_keras_object(self.head),
            "pooling": self.encoder.pooling,
            "frame_encoder": serialize(frame_encoder),
            "characters": serialize(characters),
            "embedding_dim": self.embedding_dim,
            "train_embedding": self.encoder.train_embedding,
            "carried_rows": self.encoder.carried_rows,
            "encoder": serialize(self.encoder.stack),
            "name": self.name,
        }


def character_ids(characters):
    """How many there are, or the layer that encodes them."""
    if characters is None or isinstance(characters, CharacterEncoder):
        return characters
    return vocabulary_size("characters", characters)
