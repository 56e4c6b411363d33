"""From a summary of the input to the states of a decoder."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("rnnzoo")
class Bridge(keras.layers.Layer):
    """Sets the states of a stack that mean something from outside.

        s = tanh(W x + b)

    for each conditionable state s of the stack and a summary x, after
    Bahdanau, Cho and Bengio 2014, https://arxiv.org/abs/1409.0473, section
    A.2.2. Other states stay initial.

    Args:
        stack: a `Stack` or what has its `state_size` and
            `conditionable_states`.

    Call arguments:
        summary: `(batch, n)`.
        states: list of tensors, the stack's initial states.

    Returns:
        The list of states, each in the type it came in.
    """

    def __init__(self, stack, **kwargs):
        super().__init__(**kwargs)
        self._convert_input_args = False
        self._allow_non_tensor_positional_args = True
        self.indices = list(stack.conditionable_states)
        sizes = [stack.state_size[index] for index in self.indices]
        self.projections = [
            keras.layers.Dense(
                size,
                activation="tanh",
                dtype=self.dtype_policy,
                name=f"state_{index}",
            )
            for index, size in zip(self.indices, sizes, strict=True)
        ]

    def build(self, summary_shape, states_shape=None):
        for projection in self.projections:
            projection.build(summary_shape)

    def call(self, summary, states):
        summary = ops.cast(summary, self.compute_dtype)
        states = list(states)
        for index, projection in zip(
            self.indices, self.projections, strict=True
        ):
            state = projection(summary)
            states[index] = ops.cast(state, states[index].dtype)
        return states
