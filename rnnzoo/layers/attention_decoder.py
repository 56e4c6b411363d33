"""A recurrent stack that looks at a memory."""

import typing

import keras
from keras import ops

from rnnzoo import kernels
from rnnzoo.cells.checks import one_of
from rnnzoo.layers.attention import attention_config, attention_layer
from rnnzoo.layers.sequence_layer import SequenceLayer
from rnnzoo.layers.stack import Stack


class Looked(typing.NamedTuple):
    """What a decoder did at each step, `(batch, timesteps, n)` each."""

    # a_t, or s_t where there is no memory.
    outputs: typing.Any
    # s_t, c_t and a_tj; None without attention.
    queries: typing.Any = None
    contexts: typing.Any = None
    weights: typing.Any = None


@keras.saving.register_keras_serializable("rnnzoo")
class AttentionDecoder(SequenceLayer):
    """A `Stack` whose outputs attend over a memory.

    With s_t the output of the stack and c_t its context from the memory:

        s_t = stack(x_t)              without input feeding
        s_t = stack([x_t; a_{t-1}])   with it
        a_t = tanh(W [c_t; s_t])

    as of Luong, Pham and Manning 2015, https://arxiv.org/abs/1508.04025.

    Without input feeding the attention does not feed back into the cell, so
    with the whole target at hand linear cells stay parallel, and all steps
    attend at once (but for attention that looks back at its own past). With
    it, the steps come one after the other, and in training dropout has one
    mask for a whole sequence.

    Args:
        stack: a `Stack`, not bidirectional.
        attention: a name such as `"additive"` or `"multiplicative"`, see
            `rnnzoo.layers.MemoryAttention`; an instance of that; or None for
            no memory.
        input_feeding: bool. Whether the stack reads a_{t-1} as well.
        return_state: bool. Whether to return the last states as well.

    Call arguments:
        sequences, initial_state, mask, training: as for `Recurrent`.
        constants: what `prepare(memory, memory_mask)` returned.

    The states are those of the stack; then a_{t-1} with input feeding; then,
    `(batch, memory steps)` each, what the attention looks back at.

    Returns:
        `(batch, timesteps, output_size)`; followed by the states with
        `return_state`.

    Raises:
        ValueError: unknown attention; a bidirectional stack; input feeding
            without attention; a mask where the steps come one by one.

    Example:

    ```python
    stack = rnnzoo.layers.Stack("gru", units=8)
    decoder = rnnzoo.layers.AttentionDecoder(stack, attention="additive")
    decoder.build((None, None, 3), memory_shape=(None, None, 6))
    constants = decoder.prepare(np.ones((2, 5, 6), "float32"))
    y = decoder(np.ones((2, 4, 3)), constants=constants)   # (2, 4, 8)
    ```
    """

    def __init__(
        self,
        stack,
        attention="multiplicative",
        input_feeding=False,
        return_state=False,
        **kwargs,
    ):
        kwargs.setdefault("dtype", stack.dtype_policy)
        super().__init__(return_state, **kwargs)
        if stack.bidirectional:
            raise ValueError(
                "A decoder writes from left to right. Received: a "
                "bidirectional stack. Build it with bidirectional=False."
            )
        stack.return_state = True
        self.stack = stack
        self.attention = attention
        self.input_feeding = bool(
            one_of("input_feeding", input_feeding, (False, True))
        )
        units, policy = stack.output_size, self.dtype_policy
        self.attend = attention_layer(
            attention, units, dtype=policy, name="attend"
        )
        if self.attend is not None:
            self.combine = keras.layers.Dense(
                units, activation="tanh", dtype=policy, name="combine"
            )
        elif input_feeding:
            raise ValueError(
                "There is nothing to feed in without attention. Received: "
                "input_feeding=True, attention=None. Choose an attention, or "
                "leave input_feeding out."
            )

    # === Shapes and states ===

    @property
    def output_size(self):
        return self.stack.output_size

    @property
    def looks_back(self):
        """Whether attention depends on the attention before."""
        return self.attend is not None and bool(self.attend.remembered)

    @property
    def state_size(self):
        fed = [self.output_size] * self.input_feeding
        past = [None] * len(self.attend.remembered) if self.looks_back else []
        return [*self.stack.state_size, *fed, *past]

    @property
    def state_dtypes(self):
        fed = [self.compute_dtype] * self.input_feeding
        count = len(self.attend.remembered) if self.looks_back else 0
        return [*self.stack.state_dtypes, *fed, *["float32"] * count]

    def split(self, states):
        """The list of states as `(stack's, fed, past)`, a list each."""
        cut = len(self.stack.state_size)
        states = list(states)
        fed = cut + self.input_feeding
        return states[:cut], states[cut:fed], states[fed:]

    def build(
        self,
        sequences_shape,
        initial_state_shape=None,
        constants_shape=None,
        memory_shape=None,
    ):
        units = self.output_size
        if not self.stack.built:
            width = sequences_shape[-1] + units * self.input_feeding
            self.stack.build((*sequences_shape[:2], width))
        if self.attend is None or self.combine.built:
            return
        if memory_shape is None:
            raise ValueError(
                "An AttentionDecoder must know its memory's shape: call "
                "`build(sequences_shape, memory_shape=...)` before `prepare`."
            )
        query_shape = (*sequences_shape[:2], units)
        self.attend.build(query_shape, memory_shape)
        self.combine.build((*sequences_shape[:2], memory_shape[-1] + units))

    def get_initial_state(self, batch_size, constants=None):
        """List of tensors `(batch_size, n)`: the states before any step.

        `constants` are needed where attention looks back at itself.
        """
        states = self.stack.get_initial_state(batch_size)
        return [*states, *self.beyond_stack(batch_size, constants)]

    def beyond_stack(self, batch_size, constants):
        """The states that follow those of the stack."""
        states = []
        if self.input_feeding:
            shape = (batch_size, self.output_size)
            states.append(ops.zeros(shape, self.compute_dtype))
        if self.looks_back:
            if constants is None:
                raise ValueError(
                    "Attention that looks back at itself starts from its "
                    "memory. Pass the constants that `prepare` returned."
                )
            states += self.attend.first_past(constants["keys"])
        return states

    def prepare(self, memory, memory_mask=None):
        """What every step needs of a memory `(batch, timesteps, n)`."""
        if self.attend is None:
            return {}
        memory = ops.cast(memory, self.compute_dtype)
        constants = {"keys": self.attend.keys(memory), "memory": memory}
        if memory_mask is not None:
            constants["memory_mask"] = memory_mask
        return constants

    # === Running ===

    def call(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        looked, states = self.walk(
            sequences, initial_state, mask, training, constants
        )
        if self.return_state:
            return looked.outputs, *states
        return looked.outputs

    def walk(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        """All steps: `(Looked, states)`. Arguments as of `call`."""
        states = self.given_states(initial_state)
        if not states and (self.input_feeding or self.looks_back):
            states = self.get_initial_state(ops.shape(sequences)[0], constants)
        own, fed, past = self.split(states)
        if mask is not None and (fed or past):
            raise ValueError(
                "Steps that come one by one take no mask. Received: a mask, "
                "and attention that feeds back. Put padding last, and leave "
                "the mask out."
            )
        noise = None
        if training and self.looks_back:
            rows, timesteps = ops.shape(constants["keys"])[:2]
            noise = self.attend.draw_noise(
                (rows, ops.shape(sequences)[1], timesteps)
            )
        if fed:
            return self.walk_feeding(
                sequences, states, training, constants, noise
            )
        queries, *own = self.stack(
            sequences, initial_state=own or None, mask=mask, training=training
        )
        if not past:
            return self.look(queries, constants), own
        looked, past = self.walk_looking(queries, past, constants, noise)
        return looked, [*own, *past]

    def walk_feeding(self, sequences, states, training, constants, noise):
        """With input feeding, the whole of it step by step."""
        batch_size = ops.shape(sequences)[0]
        masks = self.stack.draw_noise(batch_size) if training else None

        def step(inputs, states):
            x, *own_noise = inputs
            looked, states = self.step_looking(
                x, states, constants, masks, *own_noise
            )
            return tuple(looked), states

        inputs = (sequences,) if noise is None else (sequences, noise)
        inputs = (ops.cast(sequences, self.compute_dtype), *inputs[1:])
        outputs, _, states = kernels.loop(
            step, inputs, states, self.nothing(batch_size, constants)
        )
        return Looked(*outputs), states

    def walk_looking(self, queries, past, constants, noise):
        """The queries are there; attention goes step by step."""

        def step(inputs, past):
            query, *own_noise = inputs
            looked, past = self.look_once(query, past, constants, *own_noise)
            return tuple(looked), past

        inputs = (queries,) if noise is None else (queries, noise)
        batch_size = ops.shape(queries)[0]
        outputs, _, past = kernels.loop(
            step, inputs, past, self.nothing(batch_size, constants)
        )
        return Looked(*outputs), past

    def nothing(self, batch_size, constants):
        """Stands for a step of `Looked`, for its shapes and types."""
        units = ops.zeros((batch_size, self.output_size), self.compute_dtype)
        memory = constants["memory"]
        return (
            units,
            units,
            ops.zeros_like(memory[:, 0]),
            ops.zeros(ops.shape(memory)[:2], "float32"),
        )

    def step(self, inputs, states, constants=None, noise=None):
        """One time step; see `Recurrent.step`."""
        looked, states = self.step_looking(inputs, states, constants, noise)
        return looked.outputs, states

    def step_looking(
        self, inputs, states, constants=None, masks=None, noise=None
    ):
        """One time step: `(Looked, states)`, without the axis of time.

        There may be several rows of inputs for each of the memory, beams of
        one source, that follow each other.

        Args:
            inputs: `(rows, n)`.
            states: list of tensors `(rows, n)`.
            constants: what `prepare` returned.
            masks: what `stack.draw_noise` returned, or None.
            noise: of the attention, `(rows, memory steps)` or None.
        """
        own, fed, past = self.split(states)
        inputs = ops.concatenate([inputs, *fed], axis=-1) if fed else inputs
        query, own = self.stack.step(inputs, own, noise=masks)
        if self.attend is None:
            return Looked(query), own
        looked, past = self.look_once(query, past, constants, noise)
        fed = [looked.outputs] * len(fed)
        return looked, [*own, *fed, *past]

    def look_once(self, query, past, constants, noise=None):
        """One query `(rows, n)` for each row: `(Looked, past)`."""
        memory_rows = ops.shape(constants["memory"])[0]

        def beside(x):
            """Rows that share a memory as queries of it."""
            return ops.reshape(x, (memory_rows, -1, x.shape[-1]))

        timesteps = ops.shape(constants["memory"])[1]
        shape = (memory_rows, -1, timesteps)
        beams = [ops.reshape(x, shape) for x in past]
        if noise is not None:
            noise = ops.reshape(noise, shape)
        looked = self.look(beside(query), constants, beams, noise)
        new = self.attend.next_past(beams, looked.weights)
        new = [ops.reshape(x, (-1, timesteps)) for x in new]
        return Looked(
            ops.reshape(looked.outputs, (-1, self.output_size)),
            query,
            ops.reshape(looked.contexts, (-1, looked.contexts.shape[-1])),
            ops.reshape(looked.weights, (-1, timesteps)),
        ), new

    def look(self, queries, constants, past=(), noise=None):
        """`Looked` of queries `(batch, queries, n)` of the memory."""
        if self.attend is None:
            return Looked(queries)
        contexts, weights = self.attend(
            queries, **constants, past=past, noise=noise
        )
        both = ops.concatenate([contexts, queries], axis=-1)
        return Looked(self.combine(both), queries, contexts, weights)

    def get_config(self):
        config = {
            "stack": keras.saving.serialize_keras_object(self.stack),
            "attention": attention_config(self.attention),
            "input_feeding": self.input_feeding,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        stack = Stack.from_config(config.pop("stack")["config"])
        return cls(stack, **config)
