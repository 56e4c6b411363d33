"""The writing half of a network: an encoded input to a sequence of tokens."""

import keras
from keras import ops

from rnnzoo.cells.checks import one_of
from rnnzoo.layers.attention_decoder import AttentionDecoder
from rnnzoo.layers.bridge import Bridge
from rnnzoo.layers.embedding import embedding
from rnnzoo.layers.stack import Stack
from rnnzoo.text import BEGIN

CONDITIONS = ("initial_state", "first_input", "every_step")


@keras.saving.register_keras_serializable("rnnzoo")
class TokenDecoder(keras.layers.Layer):
    """Writes tokens, one at a time or, in training, the whole target at once.

    It learns of the input by its summary, and of the memory by attention:

    * `"initial_state"`: a `Bridge` sets the states; a cell none of whose
      states means anything from outside gets it as first input instead;
    * `"first_input"`: a projection of it is read before the first token;
    * `"every_step"`: a projection of it is added to each token's embedding.

    Args:
        stack: a `Stack`, not bidirectional.
        vocabulary_size: int. Number of token ids.
        attention: `"additive"`, `"multiplicative"` or None.
        condition: see above.
        dropout: float. Share of embedding features dropped in training.

    Call arguments:
        tokens: target ids `(batch, timesteps)`, without begin; the decoder
            shifts them itself.
        encoded: dict with `"summary"` `(batch, n)` and, for attention,
            `"memory"` `(batch, memory steps, m)` and `"mask"`.

    Returns:
        Logits in float32, `(batch, timesteps, vocabulary_size)`.

    Raises:
        ValueError: unknown condition or attention; a bidirectional stack.
    """

    def __init__(
        self,
        stack,
        vocabulary_size,
        attention=None,
        condition="initial_state",
        dropout=0.0,
        **kwargs,
    ):
        kwargs.setdefault("dtype", stack.dtype_policy)
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.attention = attention
        self.condition = one_of("condition", condition, CONDITIONS)
        self.dropout = dropout
        policy = self.dtype_policy
        width = stack.output_size
        self.embedding = embedding(vocabulary_size, width, policy)
        self.drop = keras.layers.Dropout(dropout, dtype=policy, name="drop")
        self.decoder = AttentionDecoder(
            stack, attention, return_state=True, dtype=policy, name="decoder"
        )
        if condition == "initial_state" and not stack.conditionable_states:
            condition = "first_input"
        if condition == "initial_state":
            self.bridge = Bridge(stack, dtype=policy, name="bridge")
        else:
            self.bridge = keras.layers.Dense(width, dtype=policy, name="bridge")
        self.effective_condition = condition
        self.head = keras.layers.Dense(
            vocabulary_size, dtype=head_policy(policy), name="head"
        )

    @property
    def stack(self):
        return self.decoder.stack

    def build(self, tokens_shape, encoded_shape):
        self.embedding.build(tokens_shape)
        shape = (*tokens_shape, self.embedding.output_dim)
        self.decoder.build(shape, memory_shape=encoded_shape.get("memory"))
        self.bridge.build(encoded_shape["summary"])
        self.head.build((*tokens_shape, self.decoder.output_size))

    def compute_output_spec(self, tokens, encoded, training=False):
        shape = (*tokens.shape, self.vocabulary_size)
        return keras.KerasTensor(shape, self.head.compute_dtype)

    def call(self, tokens, encoded, training=False):
        outputs, constants = self.recur(tokens, encoded, training)
        outputs, _ = self.decoder.look(outputs, constants.get("attention"))
        return self.head(outputs)

    def recur(self, tokens, encoded, training=False):
        """`(outputs, constants)` of the stack for a whole target."""
        states, constants = self.begin(encoded)
        begin = ops.full_like(tokens[:, :1], BEGIN)
        x = self.embedding(ops.concatenate([begin, tokens[:, :-1]], axis=1))
        if "context" in constants:
            x = x + constants["context"][:, None]
        outputs, *_ = self.stack(
            self.drop(x, training=training),
            initial_state=states,
            training=training,
        )
        return outputs, constants

    def attention_weights(self, tokens, encoded):
        """Where each target step looks: `(batch, timesteps, memory steps)`."""
        if self.attention is None:
            raise ValueError(
                "This model has no attention to show. Build it with "
                "attention='additive' or attention='multiplicative'."
            )
        outputs, constants = self.recur(tokens, encoded)
        return self.decoder.look(outputs, constants["attention"])[1]

    def begin(self, encoded):
        """`(states, constants)` before the first token.

        `constants` do not change from step to step.
        """
        summary = encoded["summary"]
        states = self.stack.get_initial_state(ops.shape(summary)[0])
        constants = {}
        if self.attention is not None:
            constants["attention"] = self.decoder.prepare(
                encoded["memory"], encoded.get("mask")
            )
        if self.effective_condition == "initial_state":
            states = self.bridge(summary, states)
        elif self.effective_condition == "first_input":
            _, states = self.stack.step(self.bridge(summary), states)
        else:
            constants["context"] = self.bridge(summary)
        return states, constants

    def step(self, tokens, states, constants):
        """One token: `(logits, states)` from ids `(batch,)`."""
        x = self.embedding(tokens)
        if "context" in constants:
            x = x + constants["context"]
        attention = constants.get("attention")
        output, states = self.decoder.step(x, states, attention)
        return self.head(output), states

    def get_config(self):
        config = {
            "stack": keras.saving.serialize_keras_object(self.stack),
            "vocabulary_size": self.vocabulary_size,
            "attention": self.attention,
            "condition": self.condition,
            "dropout": self.dropout,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        stack = Stack.from_config(config.pop("stack")["config"])
        return cls(stack, **config)


def head_policy(policy):
    """The type of logits: float32 at least, where losses are exact enough."""
    return keras.backend.result_type(policy.compute_dtype, "float32")
