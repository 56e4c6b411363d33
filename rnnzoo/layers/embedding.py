"""Token ids to vectors that cells expect as their input."""

import keras


def embedding(vocabulary_size, units, dtype):
    """A `keras.layers.Embedding` whose vectors have features of variance 1.

    The kernels of cells are initialised for such an input. Keras's own start,
    within 0.05 of 0, makes the states of the first epochs nearly the same for
    all tokens, and learning slow.

    Args:
        vocabulary_size: int. Number of token ids.
        units: int. Features of a vector.
        dtype: dtype policy.

    Returns:
        A layer from `(batch, timesteps)` to `(batch, timesteps, units)`.
    """
    return keras.layers.Embedding(
        vocabulary_size,
        units,
        embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0),
        dtype=dtype,
        name="embedding",
    )
