"""Token ids to vectors that cells expect as their input."""

import keras
from keras import ops

from rnnzoo.layers.head import head_dtype


def token_embedding(vocabulary_size, units, dtype, trainable=True):
    """A `keras.layers.Embedding` whose vectors have features of variance 1.

    The kernels of cells are initialised for such an input. Keras's own start,
    within 0.05 of 0, makes the states of the first epochs nearly the same for
    all tokens, and learning slow.

    Args:
        vocabulary_size: int. Number of token ids.
        units: int. Features of a vector.
        dtype: dtype policy.
        trainable: bool. Whether the vectors are learnt.

    Returns:
        A layer from `(batch, timesteps)` to `(batch, timesteps, units)`.
    """
    return keras.layers.Embedding(
        vocabulary_size,
        units,
        embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0),
        dtype=dtype,
        trainable=trainable,
        name="embedding",
    )


@keras.saving.register_keras_serializable("rnnzoo")
class TiedEmbedding(keras.layers.Embedding):
    """One matrix E to read tokens with and to write them with.

        x_t = sqrt(units) E[token]
        logits = E y_t + b

    E starts with a variance of 1 / units, so that inputs have features of
    variance 1 and logits are as wide as their y_t. Press & Wolf 2017,
    https://arxiv.org/abs/1608.05859; the scale: Vaswani et al. 2017,
    https://arxiv.org/abs/1706.03762, section 3.4.

    Args:
        vocabulary_size: int. Number of token ids.
        units: int. Features of a vector.

    Call arguments:
        ids: `(batch, timesteps)` or `(batch,)`.

    Returns:
        `(batch, timesteps, units)` or `(batch, units)`.

    Example:

    ```python
    layer = rnnzoo.layers.TiedEmbedding(9, 4)
    logits = layer.logits(layer(np.array([[5, 6]])))   # (1, 2, 9)
    ```
    """

    def __init__(self, vocabulary_size, units, **kwargs):
        super().__init__(
            vocabulary_size,
            units,
            embeddings_initializer=keras.initializers.RandomNormal(
                stddev=units**-0.5
            ),
            **kwargs,
        )

    def build(self, input_shape=None):
        super().build(input_shape)
        self.bias = self.add_weight(
            shape=(self.input_dim,), initializer="zeros", name="bias"
        )

    def call(self, inputs):
        return super().call(inputs) * self.output_dim**0.5

    def logits(self, outputs):
        """Scores of all tokens, float32 at least: `(..., vocabulary_size)`."""
        dtype = head_dtype(self.dtype_policy)
        weights = ops.cast(self.embeddings, dtype)
        scores = ops.matmul(ops.cast(outputs, dtype), ops.transpose(weights))
        return scores + ops.cast(self.bias, dtype)

    # Keras's embeddings save their matrix and nothing else.

    def save_own_variables(self, store):
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store):
        keras.layers.Layer.load_own_variables(self, store)

    def get_config(self):
        base = super().get_config()
        keep = {name: base[name] for name in ("name", "trainable", "dtype")}
        return {
            **keep,
            "vocabulary_size": self.input_dim,
            "units": self.output_dim,
        }
