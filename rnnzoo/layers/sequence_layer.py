"""What the layers around recurrences share: the protocol of `Recurrent`."""

import keras
from keras import ops


class SequenceLayer(keras.layers.Layer):
    """Base class: `(batch, timesteps, features)` in and out, with states.

    A subclass states `output_size`, `state_size` and `state_dtypes`, and
    writes `build`, `call`, `step` and `get_initial_state`, with the arguments
    of `Recurrent`. It passes states on in the types of the cells, float32
    also under a 16-bit policy.
    """

    def __init__(self, return_state=False, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        # Keras would round float32 states to the compute type.
        self._convert_input_args = False
        self._allow_non_tensor_positional_args = True
        self.return_state = return_state

    def __call__(self, sequences, initial_state=None, **kwargs):
        tensors = as_tensors((sequences, initial_state, kwargs))
        sequences, initial_state, kwargs = tensors
        return super().__call__(
            sequences, initial_state=initial_state, **kwargs
        )

    def given_states(self, initial_state):
        """The list of initial states, empty for None.

        Raises:
            ValueError: there are not as many as the layer carries.
        """
        states = list(initial_state or [])
        if states and len(states) != len(self.state_size):
            raise ValueError(
                f"{type(self).__name__} carries {len(self.state_size)} states "
                f"of the sizes {self.state_size}. Received: {len(states)} "
                "states as initial_state."
            )
        return states

    def compute_output_spec(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        batch, timesteps = sequences.shape[:2]
        output = keras.KerasTensor(
            (batch, timesteps, self.output_size), self.compute_dtype
        )
        if not self.return_state:
            return output
        return output, *(
            keras.KerasTensor((batch, size), dtype)
            for size, dtype in zip(
                self.state_size, self.state_dtypes, strict=True
            )
        )

    def compute_mask(self, sequences, mask=None):
        if self.return_state:
            return [mask, *[None] * len(self.state_size)]
        return mask

    def get_config(self):
        return {**super().get_config(), "return_state": self.return_state}


def as_tensors(tree):
    """A tree of arguments with its arrays as tensors, types unchanged.

    Keras does so for layers whose arguments it also casts.
    """

    def as_tensor(value):
        symbolic = isinstance(value, bool | keras.KerasTensor)
        if value is None or symbolic or ops.is_tensor(value):
            return value
        return ops.convert_to_tensor(value)

    return keras.tree.map_structure(as_tensor, tree)
