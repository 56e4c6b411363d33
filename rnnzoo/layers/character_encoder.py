"""Words to vectors, by their characters."""

import functools

import keras
from keras import ops

from rnnzoo.cells.checks import in_range, one_of, positive_integer
from rnnzoo.layers.embedding import token_embedding
from rnnzoo.layers.items import each_item
from rnnzoo.layers.pooling import SequencePooling
from rnnzoo.layers.stack import Stack
from rnnzoo.text import PAD

KINDS = ("cnn", "lstm")


@keras.saving.register_keras_serializable("rnnzoo")
class CharacterEncoder(keras.layers.Layer):
    """One vector for each word, from the characters it is written with.

    With e_j the embedding of character j of a word of J characters,

    * `"cnn"`, Ma and Hovy 2016, https://arxiv.org/abs/1603.01354: windows of
      `width` characters, e_j being 0 outside of the word

          h_j = tanh(sum_i W_i e_{j+i} + b)     i = -((width - 1) // 2) ..
          y = max_j h_j                         j = 1 .. J

    * `"lstm"`, Lample et al. 2016, https://arxiv.org/abs/1603.01360: an LSTM
      in each direction, after it has read the whole word

          y = [forward h_J; backward h_1]

    A word without characters, such as padding, gives zeros.

    Args:
        vocabulary_size: int. Number of ids of characters.
        units: int. Size of y; even for `"lstm"`.
        kind: `"cnn"` or `"lstm"`.
        embedding_dim: int. Size of e_j.
        width: int. Characters of a window; for `"cnn"` only.
        dropout: float. Share of the features of e_j dropped in training.

    Call arguments:
        ids: int `(batch, words, characters)` with pad 0 on the right.

    Returns:
        `(batch, words, units)`.

    Raises:
        ValueError: an unknown kind, a size that cannot be, ids of another
            shape.

    Example:

    ```python
    encoder = rnnzoo.layers.CharacterEncoder(vocabulary_size=30, units=8)
    words = np.array([[[5, 9, 7], [8, 0, 0]]])
    y = encoder(words)   # (1, 2, 8)
    ```
    """

    def __init__(
        self,
        vocabulary_size,
        units=50,
        kind="cnn",
        embedding_dim=30,
        width=3,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.vocabulary_size = positive_integer(
            "vocabulary_size", vocabulary_size
        )
        self.units = positive_integer("units", units)
        self.kind = one_of("kind", kind, KINDS)
        self.embedding_dim = positive_integer("embedding_dim", embedding_dim)
        self.width = positive_integer("width", width)
        self.dropout = in_range("dropout", dropout, "[0, 1)")
        policy = self.dtype_policy
        self.embedding = token_embedding(
            self.vocabulary_size, self.embedding_dim, policy
        )
        self.drop = keras.layers.Dropout(dropout, dtype=policy, name="drop")
        if kind == "cnn":
            self.read = keras.layers.Conv1D(
                self.units,
                self.width,
                padding="same",
                activation="tanh",
                dtype=policy,
                name="convolution",
            )
        elif self.units % 2:
            raise ValueError(
                "`units` must be even for kind='lstm', half of them for each "
                f"direction. Received: units={units}"
            )
        else:
            self.read = Stack(
                "lstm",
                self.units // 2,
                bidirectional=True,
                dtype=policy,
                name="stack",
            )
        self.pool = SequencePooling(
            "max" if kind == "cnn" else "last",
            bidirectional=True,
            dtype=policy,
            name="pool",
        )

    def build(self, ids_shape):
        if len(ids_shape) != 3:
            raise ValueError(
                "CharacterEncoder reads ids (batch, words, characters). "
                f"Received: shape {tuple(ids_shape)}."
            )
        self.embedding.build((None, None))
        self.read.build((None, None, self.embedding_dim))
        self.pool.build((None, None, self.units))

    def call(self, ids, training=False):
        spell = functools.partial(self.spell, training=training)
        return each_item(spell, ids, self.units)

    def spell(self, ids, training=False):
        """Ids `(words, characters)` to `(words, units)`."""
        mask = ops.not_equal(ids, PAD)
        e = self.drop(self.embedding(ids), training=training)
        if self.kind == "cnn":
            h = self.read(e * ops.cast(mask, e.dtype)[..., None])
        else:
            h = self.read(e, mask=mask, training=training)
        return self.pool(h, mask=mask)

    def compute_output_shape(self, ids_shape):
        return (*ids_shape[:2], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "units": self.units,
            "kind": self.kind,
            "embedding_dim": self.embedding_dim,
            "width": self.width,
            "dropout": self.dropout,
        }
