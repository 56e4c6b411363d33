"""The kinds of sequences that topologies read: one class each.

Each tells the arrays it consists of, by name; which of them may be left out;
the layer before the stack, if there is one; and which steps are valid.
"""

import keras
import numpy as np
from keras import ops

from rnnzoo.cells.checks import positive_integers
from rnnzoo.inputs import (
    check_characters,
    check_mask,
    check_tokens,
    check_values,
)
from rnnzoo.layers import (
    CharacterEncoder,
    FrameEncoder,
    PerFrame,
    WordEncoder,
)
from rnnzoo.text import PAD


def sequence_inputs(
    vocabulary_size,
    stack,
    input_dim=None,
    frame_encoder=None,
    characters=None,
    embedding_dim=None,
    train_embedding=True,
):
    """The kind that a topology's options ask for.

    Args:
        vocabulary_size: int. Number of token ids.
        stack: a `Stack`, whose width and dtype policy the layer before it has.
        input_dim, frame_encoder: options of the topology.
        characters: int, `CharacterEncoder` or None.
        embedding_dim: int or None, as wide as the stack if None.
        train_embedding: bool.

    Raises:
        ValueError: options that do not go together; sizes that are none.
    """
    if characters is not None and input_dim is not None:
        raise ValueError(
            "`characters` are those of words, beside which there are no "
            f"values. Received: input_dim={input_dim}. Leave one of them out."
        )
    if input_dim is not None and (
        embedding_dim is not None or not train_embedding
    ):
        raise ValueError(
            "Values are read as they are: only tokens have an embedding. "
            f"Received: embedding_dim={embedding_dim}, train_embedding="
            f"{train_embedding}, input_dim={input_dim}. Leave one side out."
        )
    shape = ()
    if input_dim is not None:
        shape = positive_integers("input_dim", input_dim)
    if frame_encoder is not None and len(shape) < 2:
        raise ValueError(
            "`frame_encoder` reads frames, whose shape is input_dim=(height, "
            f"width, channels). Received: input_dim={input_dim}."
        )
    if characters is not None:
        return WordsAndCharacters(
            vocabulary_size,
            stack,
            characters,
            embedding_dim,
            train_embedding,
        )
    if input_dim is None:
        return Tokens(vocabulary_size)
    front = None if len(shape) == 1 else frames(frame_encoder, stack, shape)
    return Values(shape, front)


def frames(encoder, stack, shape):
    """The layer from frames `(batch, timesteps, *shape)` to features."""
    if isinstance(encoder, FrameEncoder | PerFrame):
        return encoder
    if encoder is not None and not isinstance(encoder, keras.layers.Layer):
        raise ValueError(
            "`frame_encoder` takes a Keras layer or model from frames to "
            "vectors, such as rnnzoo.layers.FrameEncoder((16, 32)). Received: "
            f"frame_encoder={encoder!r}"
        )
    if encoder is not None:
        return PerFrame(encoder, dtype=stack.dtype_policy, name="frames")
    if len(shape) != 3:
        raise ValueError(
            "Frames are (height, width, channels). Received: "
            f"input_dim={shape}. For steps of another shape pass a Keras "
            "layer or model from (batch, *input_dim) to (batch, features) as "
            "`frame_encoder`."
        )
    return FrameEncoder(
        units=stack.width, dtype=stack.dtype_policy, name="frames"
    )


class Tokens:
    """Token ids `(batch, timesteps)` with pad 0."""

    required, optional = ("inputs",), ()
    front = None

    def __init__(self, vocabulary_size):
        self.embedded = vocabulary_size

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
        check_tokens("x", ids, self.embedded, empty_rows=empty_rows)
        return np.shape(ids)

    def check_step(self, inputs):
        """The same for one time step."""
        ids = np.asarray(inputs)[..., None]
        check_tokens("inputs", ids, self.embedded)

    @property
    def step_parts(self):
        """Name -> (shape without the batch, dtype) of one time step."""
        return {"inputs": ((), "int32")}


class Values:
    """Real values `(batch, timesteps, *shape)`, with a mask or without.

    Args:
        shape: tuple of int. Shape of one time step.
        front: Keras layer or None. From the values to features `(batch,
            timesteps, features)`.
    """

    required, optional = ("inputs",), ("mask",)
    embedded = None

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

    @property
    def step_parts(self):
        return {"inputs": (self.shape, "float32")}


class WordsAndCharacters:
    """Word ids `(batch, timesteps)`, and those of their characters.

    Args:
        vocabulary_size: int. Number of word ids.
        stack: a `Stack`, whose width and dtype policy an embedding has.
        characters: int. Number of character ids; or a `CharacterEncoder`.
        embedding_dim: int or None. Features of an embedding, if not as wide
            as the stack.
        train_embedding: bool. Whether embeddings are learnt.
    """

    required, optional = ("words", "characters"), ()
    embedded = None

    def __init__(
        self,
        vocabulary_size,
        stack,
        characters,
        embedding_dim=None,
        train_embedding=True,
    ):
        options = {"dtype": stack.dtype_policy}
        self.vocabulary_size = vocabulary_size
        if not isinstance(characters, CharacterEncoder):
            characters = CharacterEncoder(
                characters, name="characters", **options
            )
        self.characters = characters
        self.front = WordEncoder(
            vocabulary_size,
            stack.width if embedding_dim is None else embedding_dim,
            characters,
            train_embedding,
            name="words",
            **options,
        )

    def symbols(self):
        return {
            "words": keras.Input((None,), dtype="int32", name="words"),
            "characters": keras.Input(
                (None, None), dtype="int32", name="characters"
            ),
        }

    def arguments(self, x):
        inputs = {name: x[name] for name in self.required}
        return {"inputs": inputs, "valid": self.mask(x)}

    def mask(self, x):
        return ops.not_equal(x["words"], PAD)

    def check(self, x, empty_rows=False):
        words, characters = x["words"], x["characters"]
        check_tokens(
            "words", words, self.vocabulary_size, empty_rows=empty_rows
        )
        size = self.characters.vocabulary_size
        check_characters("characters", characters, size, np.shape(words))
        return np.shape(words)

    def check_step(self, inputs):
        one = {name: np.asarray(inputs[name])[:, None] for name in inputs}
        self.check(one)

    @property
    def step_parts(self):
        return {"words": ((), "int32"), "characters": ((None,), "int32")}
