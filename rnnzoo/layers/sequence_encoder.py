"""The reading half of a network: inputs to a memory."""

import keras
from keras import ops

from rnnzoo.cells.checks import one_of, positive_integer
from rnnzoo.layers.carried_states import CarriedStates
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
        embedding: an embedding to share; None: its own.
        embedding_dim: int or None. Features of the vectors of tokens; None:
            as wide as the stack.
        train_embedding: bool. Whether these vectors are learnt.
        front: Keras layer or None. From `inputs` to features `(batch,
            timesteps, features)`, where these are neither tokens nor values.
        carried_rows: int or None. Number of rows whose states are carried
            from batch to batch, see `CarriedStates`.

    Call arguments:
        inputs: token ids `(batch, timesteps)` with pad 0, real values
            `(batch, timesteps, features)`, or what `front` takes.
        valid: bool `(batch, timesteps)` or None; not for tokens.
        begins: bool `(carried_rows,)`, which rows do not go on from the batch
            before; None: every row stands for itself, and none is carried.

    Returns:
        A dict: `"memory"` `(batch, timesteps, output_size)`, `"mask"` bool
        `(batch, timesteps)`, `"summary"` `(batch, output_size)`.

    Raises:
        ValueError: unknown pooling; states to be carried over by a stack
            that reads backwards.

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
        front=None,
        carried_rows=None,
        embedding_dim=None,
        train_embedding=True,
        **kwargs,
    ):
        kwargs.setdefault("dtype", stack.dtype_policy)
        super().__init__(**kwargs)
        stack.return_state = True
        self.stack = stack
        self.vocabulary_size = vocabulary_size
        self.pooling = one_of("pooling", pooling, POOLINGS)
        self.dropout = dropout
        self.front = front
        if embedding_dim is not None:
            embedding_dim = positive_integer("embedding_dim", embedding_dim)
        self.embedding_dim = embedding_dim
        self.train_embedding = bool(train_embedding)
        policy = self.dtype_policy
        if vocabulary_size is not None:
            self.embedding = embedding or token_embedding(
                vocabulary_size,
                embedding_dim or stack.width,
                policy,
                trainable=self.train_embedding,
            )
        self.drop = keras.layers.Dropout(dropout, dtype=policy, name="drop")
        self.pool = SequencePooling(
            pooling, stack.bidirectional, dtype=policy, name="pool"
        )
        self.carried = None
        if carried_rows is not None:
            check_causal(stack)
            rows = positive_integer("carried_rows", carried_rows)
            self.carried = CarriedStates(rows, dtype=policy, name="carried")

    def build(self, inputs_shape, valid_shape=None, begins_shape=None):
        shape = inputs_shape
        if self.vocabulary_size is not None:
            if not self.embedding.built:
                self.embedding.build(shape)
            shape = (*shape, self.embedding.output_dim)
        elif self.front is not None:
            if not self.front.built:
                self.front.build(shape)
            shape = self.front.compute_output_shape(shape)
        if not self.stack.built:
            self.stack.build(shape)
        self.pool.build((*shape[:2], self.stack.output_size))
        if self.carried is not None:
            rows = self.carried.rows
            self.carried.create(self.stack.get_initial_state(rows))

    def compute_output_spec(
        self, inputs, valid=None, begins=None, training=False
    ):
        batch, timesteps = keras.tree.flatten(inputs)[0].shape[:2]
        size = self.stack.output_size
        return {
            "memory": keras.KerasTensor(
                (batch, timesteps, size), self.compute_dtype
            ),
            "mask": keras.KerasTensor((batch, timesteps), "bool"),
            "summary": keras.KerasTensor((batch, size), self.compute_dtype),
        }

    def call(self, inputs, valid=None, begins=None, training=False):
        x, mask = self.embed(inputs, valid, training)
        carries = self.carried is not None and begins is not None
        states = None
        if carries:
            initial = self.stack.get_initial_state(self.carried.rows)
            states = self.carried.read(initial, begins, training)
        memory, *states = self.stack(x, states, mask=mask, training=training)
        if carries:
            self.carried.write(states, training)
        summary = self.pool(memory, mask=mask)
        if mask is None:
            mask = ops.ones(ops.shape(memory)[:2], "bool")
        return {"memory": memory, "mask": mask, "summary": summary}

    def embed(self, inputs, valid=None, training=False):
        """`(features, mask)`: what the stack reads."""
        if self.vocabulary_size is None:
            mask = None if valid is None else ops.cast(valid, "bool")
            return inputs if self.front is None else self.front(inputs), mask
        x = self.drop(self.embedding(inputs), training=training)
        return x, ops.not_equal(inputs, PAD)

    def states_after(self, inputs):
        """The states of a causal stack after some tokens.

        Args:
            inputs: ids `(batch, timesteps)` with pad 0.

        Returns:
            List of `(batch, n)`.
        """
        x, mask = self.embed(inputs)
        _, *states = self.stack(x, mask=mask)
        return states

    def step(self, inputs, states):
        """One time step of a causal stack: `(output, states)`.

        Args:
            inputs: ids `(batch,)`, values `(batch, features)`, or one step of
                what `front` takes.
            states: list of tensors, see `Stack.get_initial_state`.
        """
        if self.vocabulary_size is not None:
            inputs = self.embedding(inputs)
        elif self.front is not None:
            one = keras.tree.map_structure(lambda x: x[:, None], inputs)
            inputs = self.front(one)[:, 0]
        return self.stack.step(inputs, states)

    @property
    def carried_rows(self):
        return None if self.carried is None else self.carried.rows

    def get_config(self):
        config = {
            "stack": keras.saving.serialize_keras_object(self.stack),
            "vocabulary_size": self.vocabulary_size,
            "pooling": self.pooling,
            "dropout": self.dropout,
            "front": keras.saving.serialize_keras_object(self.front),
            "carried_rows": self.carried_rows,
            "embedding_dim": self.embedding_dim,
            "train_embedding": self.train_embedding,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        stack = Stack.from_config(config.pop("stack")["config"])
        front = keras.saving.deserialize_keras_object(config.pop("front"))
        return cls(stack, front=front, **config)


def check_causal(stack):
    """Raises `ValueError` for a stack whose states cannot be carried over."""
    if stack.bidirectional:
        raise ValueError(
            "A bidirectional stack reads every batch from its end as well, so "
            "that it cannot go on from the batch before. Received: "
            "carried_rows with bidirectional=True. Leave one of them out."
        )
