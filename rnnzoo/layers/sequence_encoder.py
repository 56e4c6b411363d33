"""The reading half of a network: inputs to a memory."""

import keras
from keras import ops

from rnnzoo.cells.checks import one_of
from rnnzoo.layers.embedding import token_embedding
from rnnzoo.layers.pooling import POOLINGS, SequencePooling
from rnnzoo.layers.stack import Stack
from rnnzoo.text import PAD


@keras.saving.register_keras_serializable("rnnzoo")
class SequenceEncoder(keras.layers.Layer):
    """Embeds tokens, or takes real values, and runs a `Stack` over them.

    Args:
        stack: a `Stack`.
        vocabulary_size: int or None. Number of token ids; None for inputs
            that are real values.
        pooling: str. How `summary` is made; see `SequencePooling`.
        dropout: float. Share of embedding features dropped in training.
        embedding: an embedding to share, as wide as the stack; None: its own.

    Call arguments:
        inputs: token ids `(batch, timesteps)` with pad 0, or real values
            `(batch, timesteps, features)`.
        valid: bool `(batch, timesteps)` or None; for real values only.

    Returns:
        A dict: `"memory"` `(batch, timesteps, output_size)`, `"mask"` bool
        `(batch, timesteps)`, `"summary"` `(batch, output_size)`.

    Raises:
        ValueError: unknown pooling.

    Example:

    ```python
    encoder = rnnzoo.layers.SequenceEncoder(
        rnnzoo.layers.Stack("gru", units=8), vocabulary_size=20
    )
    encoded = encoder(np.array([[5, 6, 7, 0]]))
    ```
    """

    def __init__(
        self,
        stack,
        vocabulary_size=None,
        pooling="last",
        dropout=0.0,
        embedding=None,
        **kwargs,
    ):
        kwargs.setdefault("dtype", stack.dtype_policy)
        super().__init__(**kwargs)
        self.stack = stack
        self.vocabulary_size = vocabulary_size
        self.pooling = one_of("pooling", pooling, POOLINGS)
        self.dropout = dropout
        policy = self.dtype_policy
        if vocabulary_size is not None:
            self.embedding = embedding or token_embedding(
                vocabulary_size, stack.width, policy
            )
        self.drop = keras.layers.Dropout(dropout, dtype=policy, name="drop")
        self.pool = SequencePooling(
            pooling, stack.bidirectional, dtype=policy, name="pool"
        )

    def build(self, inputs_shape, valid_shape=None):
        shape = tuple(inputs_shape)
        if self.vocabulary_size is not None:
            if not self.embedding.built:
                self.embedding.build(shape)
            shape = (*shape, self.embedding.output_dim)
        if not self.stack.built:
            self.stack.build(shape)
        self.pool.build((*shape[:2], self.stack.output_size))

    def compute_output_spec(self, inputs, valid=None, training=False):
        batch, timesteps = inputs.shape[:2]
        size = self.stack.output_size
        return {
            "memory": keras.KerasTensor(
                (batch, timesteps, size), self.compute_dtype
            ),
            "mask": keras.KerasTensor((batch, timesteps), "bool"),
            "summary": keras.KerasTensor((batch, size), self.compute_dtype),
        }

    def call(self, inputs, valid=None, training=False):
        x, mask = self.embed(inputs, valid, training)
        memory = self.stack(x, mask=mask, training=training)
        if self.stack.return_state:
            memory, *_ = memory
        summary = self.pool(memory, mask=mask)
        if mask is None:
            mask = ops.ones(ops.shape(memory)[:2], "bool")
        return {"memory": memory, "mask": mask, "summary": summary}

    def embed(self, inputs, valid=None, training=False):
        """`(features, mask)`: what the stack reads."""
        if self.vocabulary_size is None:
            mask = None if valid is None else ops.cast(valid, "bool")
            return inputs, mask
        x = self.drop(self.embedding(inputs), training=training)
        return x, ops.not_equal(inputs, PAD)

    def step(self, inputs, states):
        """One time step of a causal stack: `(output, states)`.

        Args:
            inputs: ids `(batch,)` or values `(batch, features)`.
            states: list of tensors, see `Stack.get_initial_state`.
        """
        if self.vocabulary_size is not None:
            inputs = self.embedding(inputs)
        return self.stack.step(inputs, states)

    def get_config(self):
        config = {
            "stack": keras.saving.serialize_keras_object(self.stack),
            "vocabulary_size": self.vocabulary_size,
            "pooling": self.pooling,
            "dropout": self.dropout,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        stack = Stack.from_config(config.pop("stack")["config"])
        return cls(stack, **config)
