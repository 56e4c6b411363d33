"""The writing half of a network: an encoded input to a sequence of tokens."""

import keras
from keras import ops

from rnnzoo import kernels
from rnnzoo.cells.checks import in_range, one_of
from rnnzoo.layers.attention import attention_config
from rnnzoo.layers.attention_decoder import AttentionDecoder, Looked
from rnnzoo.layers.attention_penalties import coverage_loss, doubly_stochastic
from rnnzoo.layers.bridge import Bridge
from rnnzoo.layers.copying import Copying, known_ids
from rnnzoo.layers.embedding import TiedEmbedding, token_embedding
from rnnzoo.layers.head import head_dtype
from rnnzoo.layers.scheduled_sampling import check_sampling, sampled
from rnnzoo.layers.stack import Stack
from rnnzoo.text import BEGIN, PAD

CONDITIONS = ("initial_state", "first_input", "every_step")


@keras.saving.register_keras_serializable("rnnzoo")
class TokenDecoder(keras.layers.Layer):
    """Writes tokens, one at a time or, in training, the whole target at once.

    It learns of the input by its summary, and of the memory by attention:

    * `"initial_state"`: a `Bridge` sets the states; a cell none of whose
      states means anything from outside gets it as first input instead;
    * `"first_input"`: a projection of it is read before the first token;
    * `"every_step"`: a projection of it is added to each token's embedding.

    Penalties of the attention are added to the loss of a sequence: with a_tj
    the share of memory step j at target step t,

        coverage_loss:      lambda sum_t sum_j min(a_tj, sum_{k<t} a_kj)
        doubly_stochastic:  lambda sum_j (1 - sum_t a_tj)^2

    of See, Liu & Manning 2017, https://arxiv.org/abs/1704.04368, and of Xu et
    al. 2015, https://arxiv.org/abs/1502.03044.

    Args:
        stack: a `Stack`, not bidirectional.
        vocabulary_size: int. Number of token ids.
        attention, input_feeding: see `AttentionDecoder`.
        condition: see above.
        dropout: float. Share of embedding features dropped in training.
        tied: bool. Whether tokens are written with the matrix that they are
            read with, see `TiedEmbedding`.
        scheduled_sampling: a `ScheduledSampling`, or None: in training the
            decoder reads the right tokens only.
        copy_slots: int or None. How many words outside the vocabulary may be
            copied from a source, see `Copying`; None: nothing is copied.
        coverage_loss, doubly_stochastic: float, lambda of the penalties.

    Call arguments:
        tokens: target ids `(batch, timesteps)`, without begin; the decoder
            shifts them itself.
        encoded: dict with `"summary"` `(batch, n)`; for attention `"memory"`
            `(batch, memory steps, m)` and `"mask"`; to copy `"source"`, ids
            `(batch, memory steps)`.

    Returns:
        Logits in float32, `(batch, timesteps, output_size)`: of the
        vocabulary, and of the words that may be copied.

    Raises:
        ValueError: unknown condition or attention; a bidirectional stack;
            copying or a penalty without attention.
    """

    def __init__(
        self,
        stack,
        vocabulary_size,
        attention=None,
        condition="initial_state",
        dropout=0.0,
        input_feeding=False,
        tied=False,
        scheduled_sampling=None,
        copy_slots=None,
        coverage_loss=0.0,
        doubly_stochastic=0.0,
        **kwargs,
    ):
        kwargs.setdefault("dtype", stack.dtype_policy)
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.attention = attention
        self.condition = one_of("condition", condition, CONDITIONS)
        self.dropout = dropout
        self.input_feeding = bool(input_feeding)
        self.tied = bool(tied)
        self.scheduled_sampling = check_sampling(scheduled_sampling)
        self.copy_slots = copy_slots
        self.coverage_loss = float(
            in_range("coverage_loss", coverage_loss, "[0, inf)")
        )
        self.doubly_stochastic = float(
            in_range("doubly_stochastic", doubly_stochastic, "[0, inf)")
        )
        self.check_attention()
        policy = self.dtype_policy
        width = stack.output_size
        make = TiedEmbedding if tied else token_embedding
        options = {"name": "embedding"} if tied else {}
        self.embedding = make(vocabulary_size, width, dtype=policy, **options)
        self.drop = keras.layers.Dropout(dropout, dtype=policy, name="drop")
        self.decoder = AttentionDecoder(
            stack,
            attention,
            input_feeding,
            return_state=True,
            dtype=policy,
            name="decoder",
        )
        if condition == "initial_state" and not stack.conditionable_states:
            condition = "first_input"
        if condition == "initial_state":
            self.bridge = Bridge(stack, dtype=policy, name="bridge")
        else:
            self.bridge = keras.layers.Dense(width, dtype=policy, name="bridge")
        self.effective_condition = condition
        if not tied:
            self.head = keras.layers.Dense(
                vocabulary_size, dtype=head_dtype(policy), name="head"
            )
        self.copying = None
        if copy_slots is not None:
            self.copying = Copying(
                vocabulary_size, copy_slots, dtype=policy, name="copying"
            )
        # Of the last call, `(batch, timesteps)`; for `Model.compute_loss`.
        self.penalties = None

    def check_attention(self):
        if self.attention is not None:
            return
        without = {
            "copy_slots": None,
            "coverage_loss": 0.0,
            "doubly_stochastic": 0.0,
        }
        for name, nothing in without.items():
            if getattr(self, name) != nothing:
                raise ValueError(
                    f"Received {name}={getattr(self, name)!r} without "
                    "attention, which it is made of. Choose an attention, "
                    "such as attention='additive'."
                )

    @property
    def stack(self):
        return self.decoder.stack

    @property
    def output_size(self):
        return self.vocabulary_size + (self.copy_slots or 0)

    def build(self, tokens_shape, encoded_shape):
        if not self.embedding.built:
            self.embedding.build(tokens_shape)
        width = self.embedding.output_dim
        shape = (*tokens_shape, width)
        memory_shape = encoded_shape.get("memory")
        self.decoder.build(shape, memory_shape=memory_shape)
        self.bridge.build(encoded_shape["summary"])
        units = self.decoder.output_size
        if not self.tied:
            self.head.build((*tokens_shape, units))
        if self.copying is not None:
            gate = memory_shape[-1] + units + width
            self.copying.build((*tokens_shape, gate))

    def compute_output_spec(self, tokens, encoded, training=False):
        shape = (*tokens.shape, self.output_size)
        return keras.KerasTensor(shape, head_dtype(self.dtype_policy))

    # === A whole target ===

    def call(self, tokens, encoded, training=False):
        if training and self.scheduled_sampling is not None:
            logits, weights = self.write_sampling(tokens, encoded)
        else:
            looked, x, constants = self.recur(tokens, encoded, training)
            logits = self.write(looked, x, constants)
            weights = looked.weights
        self.penalties = self.penalise(weights, tokens, encoded.get("mask"))
        return logits

    def recur(self, tokens, encoded, training=False):
        """`(Looked, inputs, constants)` for a whole target."""
        states, constants = self.begin(encoded)
        begin = ops.full_like(tokens[:, :1], BEGIN)
        x = self.embed(ops.concatenate([begin, tokens[:, :-1]], axis=1))
        if "context" in constants:
            x = x + constants["context"][:, None]
        x = self.drop(x, training=training)
        looked, _ = self.decoder.walk(
            x,
            initial_state=states,
            training=training,
            constants=constants.get("attention"),
        )
        return looked, x, constants

    def write_sampling(self, tokens, encoded):
        """With scheduled sampling: `(logits, weights)`, step by step."""
        states, constants = self.begin(encoded)
        batch_size, timesteps = ops.shape(tokens)[0], ops.shape(tokens)[1]
        coins, uniform = self.scheduled_sampling.draw(batch_size, timesteps)
        begin = ops.full_like(tokens[:, :1], BEGIN)
        right = ops.concatenate([begin, tokens[:, :-1]], axis=1)
        masks = self.stack.draw_noise(batch_size)
        width = self.embedding.output_dim
        ones = ops.ones((batch_size, width), self.compute_dtype)
        mask = self.drop(ones, training=True)
        noise = self.draw_attention_noise(constants, batch_size, timesteps)

        def step(inputs, states):
            right, coin, uniform, *noise = inputs
            *states, guess = states
            token = ops.where(coin, guess[:, 0], right)
            x = self.embed(token)
            if "context" in constants:
                x = x + constants["context"]
            x = x * mask
            looked, states = self.decoder.step_looking(
                x, states, constants.get("attention"), masks, *noise
            )
            logits = self.write_once(looked, x, constants)
            guess = sampled(logits, uniform)[:, None]
            kept = () if looked.weights is None else (looked.weights,)
            return (logits, *kept), [*states, guess]

        logits = ops.zeros(
            (batch_size, self.output_size), head_dtype(self.dtype_policy)
        )
        kept = ()
        if self.attention is not None:
            shape = ops.shape(constants["attention"]["memory"])[:2]
            kept = (ops.zeros(shape, "float32"),)
        (logits, *kept), *_ = kernels.loop(
            step,
            (right, coins, uniform, *noise),
            # No coin falls at the first step, where nothing was written.
            [*states, right[:, :1]],
            (logits, *kept),
        )
        return logits, kept[0] if kept else None

    def draw_attention_noise(self, constants, batch_size, timesteps):
        """A list of the noise of a whole target's attention, or empty."""
        if not self.decoder.looks_back:
            return []
        steps = ops.shape(constants["attention"]["memory"])[1]
        shape = (batch_size, timesteps, steps)
        noise = self.decoder.attend.draw_noise(shape)
        return [] if noise is None else [noise]

    def attention_weights(self, tokens, encoded):
        """Where each target step looks: `(batch, timesteps, memory steps)`."""
        if self.attention is None:
            raise ValueError(
                "This model has no attention to show. Build it with "
                "attention='additive' or attention='multiplicative'."
            )
        return self.recur(tokens, encoded)[0].weights

    def penalise(self, weights, tokens, mask=None):
        """What is added to the loss at each step, or None.

        Args:
            weights: `(batch, timesteps, memory steps)`, the attention.
            tokens: ids `(batch, timesteps)`, the targets.
            mask: bool `(batch, memory steps)`, which are there; or None.
        """
        if not (self.coverage_loss or self.doubly_stochastic):
            return None
        valid = ops.not_equal(tokens, PAD)[..., None]
        shares = ops.where(valid, weights, 0.0)
        total = 0.0
        if self.coverage_loss:
            total = self.coverage_loss * coverage_loss(shares)
        if self.doubly_stochastic:
            of_step = doubly_stochastic(shares, mask)
            total = total + self.doubly_stochastic * of_step
        return total

    # === Step by step ===

    def begin(self, encoded):
        """`(states, constants)` before the first token.

        `constants` do not change from step to step.
        """
        summary = encoded["summary"]
        batch_size = ops.shape(summary)[0]
        states = self.stack.get_initial_state(batch_size)
        constants = {}
        if self.attention is not None:
            constants["attention"] = self.decoder.prepare(
                encoded["memory"], encoded.get("mask")
            )
        if self.copying is not None:
            source = ops.convert_to_tensor(encoded["source"])
            # Data sets are not checked, and such an id would be a place of
            # the next step's.
            constants["source"] = known_ids(
                ops.cast(source, "int32"), self.output_size
            )
        if self.effective_condition == "initial_state":
            states = self.bridge(summary, states)
        elif self.effective_condition == "first_input":
            x = self.bridge(summary)
            if self.input_feeding:
                x = ops.pad(x, [(0, 0), (0, self.decoder.output_size)])
            _, states = self.stack.step(x, states)
        else:
            constants["context"] = self.bridge(summary)
        beyond = self.decoder.beyond_stack(
            batch_size, constants.get("attention")
        )
        return [*states, *beyond], constants

    def absent(self, constants):
        """Bool `(batch, output_size)`: words to copy that no source has.

        None where nothing is copied.
        """
        if self.copying is None:
            return None
        return self.copying.absent(constants["source"])

    def step(self, tokens, states, constants):
        """One token: `(logits, states)` from ids `(batch,)`.

        There may be several rows of tokens and states for each of the
        constants: beams of one source, that follow each other.
        """
        logits, states, _ = self.step_looking(tokens, states, constants)
        return logits, states

    def step_looking(self, tokens, states, constants):
        """`(logits, states, weights)`: also where it looked, or None."""
        x = self.embed(tokens)
        if "context" in constants:
            context = constants["context"]
            beams = ops.reshape(x, (ops.shape(context)[0], -1, x.shape[-1]))
            x = ops.reshape(beams + context[:, None], (-1, x.shape[-1]))
        looked, states = self.decoder.step_looking(
            x, states, constants.get("attention")
        )
        logits = self.write_once(looked, x, constants)
        return logits, states, looked.weights

    # === Tokens in, tokens out ===

    def embed(self, tokens):
        if self.copying is not None:
            tokens = known_ids(tokens, self.vocabulary_size)
        return self.embedding(tokens)

    def write(self, looked, x, constants):
        """Logits `(batch, timesteps, output_size)`."""
        if self.tied:
            logits = self.embedding.logits(looked.outputs)
        else:
            logits = self.head(looked.outputs)
        if self.copying is not None:
            logits = self.copying(logits, looked, x, constants["source"])
        return logits

    def write_once(self, looked, x, constants):
        """Logits `(rows, output_size)` of a step; rows may share a source."""
        if self.copying is None:
            return self.write(looked, x, constants)
        rows = ops.shape(constants["source"])[0]

        def beside(t):
            return ops.reshape(t, (rows, -1, t.shape[-1]))

        steps = ops.shape(constants["source"])[1]
        weights = ops.reshape(looked.weights, (rows, -1, steps))
        looked = Looked(*map(beside, looked[:-1]), weights)
        logits = self.write(looked, beside(x), constants)
        return ops.reshape(logits, (-1, self.output_size))

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        sampling = self.scheduled_sampling
        config = {
            "stack": serialize(self.stack),
            "vocabulary_size": self.vocabulary_size,
            "attention": attention_config(self.attention),
            "condition": self.condition,
            "dropout": self.dropout,
            "input_feeding": self.input_feeding,
            "tied": self.tied,
            "scheduled_sampling": sampling and serialize(sampling),
            "copy_slots": self.copy_slots,
            "coverage_loss": self.coverage_loss,
            "doubly_stochastic": self.doubly_stochastic,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        stack = Stack.from_config(config.pop("stack")["config"])
        sampling = config.pop("scheduled_sampling")
        if sampling is not None:
            sampling = keras.saving.deserialize_keras_object(sampling)
        return cls(stack, scheduled_sampling=sampling, **config)
