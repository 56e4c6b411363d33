"""The characters of words to vectors."""

import keras
from keras import ops

from rnnzoo import cells
from rnnzoo.cells.checks import positive_integer
from rnnzoo.layers.embedding import embedding
from rnnzoo.layers.sequence_encoder import SequenceEncoder
from rnnzoo.layers.stack import Stack
from rnnzoo.text import PAD


@keras.saving.register_keras_serializable("rnnzoo")
class CharacterEncoder(keras.layers.Layer):
    """One vector for each word, of its characters.

    Without a cell, a convolution and the maximum over the word (Ma and Hovy
    2016, https://arxiv.org/abs/1603.01354):

        y = max_t (sum_k W_k e_{t+k} + b)     e = 0 outside of the word

    With one, the last outputs of a recurrent layer in both directions (Lample
    et al. 2016, https://arxiv.org/abs/1603.01360).

    Args:
        vocabulary_size: int. Number of character ids.
        units: int. Features of a word; with a cell half of them are of either
            direction.
        cell: str, `rnnzoo.Cell`, Keras cell or None. A cell that is no name
            has its own units, of which a word has twice as many.
        kernel_size: int. Characters that the convolution sees at once.

    Call arguments:
        characters: ids `(batch, words, characters)` with pad 0.

    Returns:
        `(batch, words, units)`, zero for words without characters.

    Raises:
        ValueError: an odd number of units for two directions; sizes that are
            none; inputs of another rank.

    Example:

    ```python
    layer = rnnzoo.layers.CharacterEncoder(30, units=8)
    y = layer(np.array([[[5, 6, 7], [8, 0, 0]]]))   # (1, 2, 8)
    ```
    """

    def __init__(
        self, vocabulary_size, units=32, cell=None, kernel_size=3, **kwargs
    ):
        super().__init__(**kwargs)
        self.vocabulary_size = positive_integer(
            "vocabulary_size", vocabulary_size
        )
        self.kernel_size = positive_integer("kernel_size", kernel_size)
        units = positive_integer("units", units)
        policy = self.dtype_policy
        self.recurrent = None
        if cell is None:
            self.units = units
            self.embedding = embedding(vocabulary_size, units, policy)
            self.convolution = keras.layers.Conv1D(
                units,
                kernel_size,
                padding="same",
                dtype=policy,
                name="convolution",
            )
            return
        if units % 2:
            raise ValueError(
                "Half of the `units` are of either direction, so that their "
                f"number must be even. Received: units={units}"
            )
        own = units // 2 if isinstance(cell, str) else None
        stack = Stack(cell, own, bidirectional=True, dtype=policy, name="stack")
        self.units = stack.output_size
        self.recurrent = SequenceEncoder(
            stack, vocabulary_size, name="recurrent"
        )

    def build(self, characters_shape):
        if len(characters_shape) != 3:
            raise ValueError(
                "A CharacterEncoder reads ids (batch, words, characters). "
                f"Received: shape {tuple(characters_shape)}."
            )
        shape = (None, characters_shape[-1])
        if self.recurrent is not None:
            self.recurrent.build(shape)
        else:
            self.embedding.build(shape)
            self.convolution.build((*shape, self.embedding.output_dim))

    def compute_output_shape(self, characters_shape):
        return (*characters_shape[:2], self.units)

    def call(self, characters):
        shape = ops.shape(characters)
        ids = ops.reshape(characters, (-1, shape[2]))
        read = self.convolve if self.recurrent is None else self.recur
        return ops.reshape(read(ids), (*shape[:2], self.units))

    def convolve(self, ids):
        """`(words, characters)` to `(words, units)`."""
        valid = ops.not_equal(ids, PAD)[..., None]
        e = self.embedding(ids)
        e = ops.where(valid, e, ops.zeros_like(e))
        y = self.convolution(e)
        lowest = ops.full_like(y, float("-inf"))
        y = ops.max(ops.where(valid, y, lowest), axis=1)
        return ops.where(ops.any(valid, axis=1), y, ops.zeros_like(y))

    def recur(self, ids):
        return self.recurrent(ids)["summary"]

    def get_config(self):
        cell = None
        if self.recurrent is not None:
            stack = keras.saving.serialize_keras_object(self.recurrent.stack)
            cell = stack["config"]["cell"]
        config = {
            "vocabulary_size": self.vocabulary_size,
            "units": self.units,
            "cell": cell,
            "kernel_size": self.kernel_size,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        if config["cell"] is not None:
            config["cell"] = cells.deserialize(config["cell"])
        return cls(**config)
