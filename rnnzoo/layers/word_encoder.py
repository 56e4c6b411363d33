"""Words and their characters to vectors."""

import keras
from keras import ops

from rnnzoo.cells.checks import positive_integer
from rnnzoo.layers.character_encoder import CharacterEncoder
from rnnzoo.layers.embedding import token_embedding


@keras.saving.register_keras_serializable("rnnzoo")
class WordEncoder(keras.layers.Layer):
    """The embedding of each word, joined by what its characters say.

    A word that is rare, or unknown, is known by its characters still. Papers:
    see `CharacterEncoder`.

    Args:
        vocabulary_size: int. Number of word ids.
        units: int. Features of an embedding.
        characters: a `CharacterEncoder`.
        train_embedding: bool. Whether embeddings are learnt.

    Call arguments:
        inputs: a dict with `"words"`, ids `(batch, timesteps)`, and
            `"characters"`, ids `(batch, timesteps, characters)`.

    Returns:
        `(batch, timesteps, units + characters.units)`.

    Raises:
        ValueError: sizes that are no positive integers; no encoder.

    Example:

    ```python
    layer = rnnzoo.layers.WordEncoder(
        20, 8, rnnzoo.layers.CharacterEncoder(30, units=4)
    )
    y = layer({"words": np.array([[5]]), "characters": np.array([[[7, 8]]])})
    assert y.shape == (1, 1, 12)
    ```
    """

    def __init__(
        self,
        vocabulary_size,
        units,
        characters,
        train_embedding=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.vocabulary_size = positive_integer(
            "vocabulary_size", vocabulary_size
        )
        self.units = positive_integer("units", units)
        if not isinstance(characters, CharacterEncoder):
            raise ValueError(
                "`characters` takes a `rnnzoo.layers.CharacterEncoder`. "
                f"Received: characters={characters!r}"
            )
        self.characters = characters
        self.train_embedding = bool(train_embedding)
        self.embedding = token_embedding(
            self.vocabulary_size,
            self.units,
            self.dtype_policy,
            trainable=self.train_embedding,
        )

    def build(self, inputs_shape):
        self.embedding.build(inputs_shape["words"])
        if not self.characters.built:
            self.characters.build(inputs_shape["characters"])

    def compute_output_shape(self, inputs_shape):
        size = self.units + self.characters.units
        return (*inputs_shape["words"], size)

    def call(self, inputs):
        words = self.embedding(inputs["words"])
        characters = self.characters(inputs["characters"])
        return ops.concatenate([words, characters], axis=-1)

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        config = {
            "vocabulary_size": self.vocabulary_size,
            "units": self.units,
            "characters": serialize(self.characters),
            "train_embedding": self.train_embedding,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        deserialize = keras.saving.deserialize_keras_object
        config["characters"] = deserialize(config["characters"])
        return cls(**config)
