"""A recurrent stack that looks at a memory."""

import keras
from keras import ops

from rnnzoo.cells.checks import one_of
from rnnzoo.layers.attention import SCORES, MemoryAttention
from rnnzoo.layers.sequence_layer import SequenceLayer
from rnnzoo.layers.stack import Stack


@keras.saving.register_keras_serializable("rnnzoo")
class AttentionDecoder(SequenceLayer):
    """A `Stack` whose outputs attend over a memory.

    With s_t the output of the stack and c_t its context from the memory:

        a_t = tanh(W [c_t; s_t])

    as of Luong, Pham and Manning 2015, https://arxiv.org/abs/1508.04025. The
    context does not feed back into the cell, so with the whole target at hand
    all steps attend at once, and linear cells stay parallel.

    Args:
        stack: a `Stack`, not bidirectional.
        attention: `"additive"`, `"multiplicative"`, or None for no memory.
        return_state: bool. Whether to return the last states as well.

    Call arguments:
        sequences, initial_state, mask, training: as for `Recurrent`.
        constants: what `prepare(memory, memory_mask)` returned.

    Returns:
        `(batch, timesteps, output_size)`; followed by the states with
        `return_state`.

    Raises:
        ValueError: unknown attention; a bidirectional stack.

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
        self, stack, attention="multiplicative", return_state=False, **kwargs
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
        self.attention = one_of("attention", attention, (*SCORES, None))
        if attention is not None:
            units, policy = stack.output_size, self.dtype_policy
            self.attend = MemoryAttention(
                units, attention, dtype=policy, name="attend"
            )
            self.combine = keras.layers.Dense(
                units, activation="tanh", dtype=policy, name="combine"
            )

    @property
    def output_size(self):
        return self.stack.output_size

    @property
    def state_size(self):
        return self.stack.state_size

    @property
    def state_dtypes(self):
        return self.stack.state_dtypes

    def build(
        self,
        sequences_shape,
        initial_state_shape=None,
        constants_shape=None,
        memory_shape=None,
    ):
        if not self.stack.built:
            self.stack.build(sequences_shape)
        if self.attention is None or self.combine.built:
            return
        if memory_shape is None:
            raise ValueError(
                "An AttentionDecoder must know its memory's shape: call "
                "`build(sequences_shape, memory_shape=...)` before `prepare`."
            )
        units = self.output_size
        query_shape = (*sequences_shape[:2], units)
        self.attend.build(query_shape, memory_shape)
        self.combine.build((*sequences_shape[:2], memory_shape[-1] + units))

    def get_initial_state(self, batch_size):
        """List of tensors `(batch_size, n)`: the states before any step."""
        return self.stack.get_initial_state(batch_size)

    def prepare(self, memory, memory_mask=None):
        """What every step needs of a memory `(batch, timesteps, n)`."""
        if self.attention is None:
            return {}
        memory = ops.cast(memory, self.compute_dtype)
        constants = {"keys": self.attend.keys(memory), "memory": memory}
        if memory_mask is not None:
            constants["memory_mask"] = memory_mask
        return constants

    def call(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        outputs, *states = self.stack(
            sequences, initial_state=initial_state, mask=mask, training=training
        )
        outputs, _ = self.look(outputs, constants)
        return (outputs, *states) if self.return_state else outputs

    def look(self, outputs, constants):
        """`(outputs, weights)` after attention; weights None without."""
        if self.attention is None:
            return outputs, None
        context, weights = self.attend(outputs, **constants)
        both = ops.concatenate([context, outputs], axis=-1)
        return self.combine(both), weights

    def step(self, inputs, states, constants=None):
        """One time step; see `Recurrent.step`."""
        output, states = self.stack.step(inputs, states)
        output, _ = self.look(output[:, None], constants)
        return output[:, 0], states

    def get_config(self):
        config = {
            "stack": keras.saving.serialize_keras_object(self.stack),
            "attention": self.attention,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        stack = Stack.from_config(config.pop("stack")["config"])
        return cls(stack, **config)
