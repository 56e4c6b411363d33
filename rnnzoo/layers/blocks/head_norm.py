"""A normalisation of the features of each head."""

import keras

from rnnzoo.cells.norms import head_norm


@keras.saving.register_keras_serializable("rnnzoo")
class HeadNorm(keras.layers.Layer):
    """Zero mean and unit variance of each of `heads` parts, then scaled.

    Weights: `scale` `(n,)` for n features.

    Args:
        heads: int. Number of parts; divides that of the features.
    """

    def __init__(self, heads, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.heads = heads

    def build(self, input_shape):
        self.scale = self.add_weight(
            shape=(input_shape[-1],), initializer="ones", name="scale"
        )

    def call(self, inputs):
        return head_norm(inputs, self.heads, self.scale)

    def get_config(self):
        return {**super().get_config(), "heads": self.heads}
