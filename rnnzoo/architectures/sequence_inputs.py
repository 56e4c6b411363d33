"""The kinds of sequences that topologies read: one class each.

Each tells the arrays it consists of, by name; which of them may be left out;
the layer before the stack, if there is one; and which steps are valid.
"""

import keras
import numpy as np
from keras import ops

from rnnzoo.cells.checks import positive_integer
from rnnzoo.inputs import check_mask, check_tokens, check_values
from rnnzoo.text import PAD


def sequence_inputs(vocabulary_size, input_dim=None):
    """The kind that a topology's options ask for.

    Raises:
        ValueError: sizes that are none.
    """
    if input_dim is None:
        return Tokens(vocabulary_size)
    return Values((positive_integer("input_dim", input_dim),))


class Tokens:
    """Token ids `(batch, timesteps)` with pad 0."""

    required, optional = ("inputs",), ()
    front = None

    def __init__(self, vocabulary_size):
        self.vocabulary_size = vocabulary_size

    def symbols(self):
        """A dict of `keras.Input`."""
        return {"inputs": keras.Input((None,), dtype="int32", name="inputs")}

    def arguments(self, x):
        """Those of a `SequenceEncoder`, for a dict of inputs."""
        return {"inputs": x["inputs"]}

    def mask(self, x):
        """Bool `(batch, timesteps)` of the valid steps, or None for all."""
        return ops.not_equal(x["inputs"], PAD)

    def check(self, x, empty_rows=False):
        """Raises `ValueError` for arrays that cannot be meant.

        Args:
            x: a dict of arrays.
            empty_rows: bool. Whether rows may have no valid step.

        Returns:
            `(batch, timesteps)`.
        """
        ids = x["inputs"]
        check_tokens("x", ids, self.vocabulary_size, empty_rows=empty_rows)
        return np.shape(ids)

    def check_step(self, inputs):
        """The same for one time step."""
        ids = np.asarray(inputs)[..., None]
        check_tokens("inputs", ids, self.vocabulary_size)

    def step(self, inputs):
        """One time step as tensors."""
        return ops.convert_to_tensor(inputs, "int32")


class Values:
    """Real values `(batch, timesteps, *shape)`, with a mask or without.

    Args:
        shape: tuple of int. Shape of one time step.
        front: Keras layer or None. From the values to features `(batch,
            timesteps, features)`.
    """

    required, optional = ("inputs",), ("mask",)
    vocabulary_size = None

    def __init__(self, shape, front=None):
        self.shape = shape
        self.front = front

    def symbols(self):
        return {
            "inputs": keras.Input((None, *self.shape), name="inputs"),
            "mask": keras.Input(
                (None,), dtype="bool", name="mask", optional=True
            ),
        }

    def arguments(self, x):
        return {"inputs": x["inputs"], "valid": x["mask"]}

    def mask(self, x):
        return x.get("mask")

    def check(self, x, empty_rows=False):
        check_values("inputs", x["inputs"], (None, *self.shape))
        shape = np.shape(x["inputs"])[:2]
        check_mask("mask", x.get("mask"), shape)
        return shape

    def check_step(self, inputs):
        check_values("inputs", inputs, self.shape)

    def step(self, inputs):
        return ops.convert_to_tensor(inputs, "float32")
