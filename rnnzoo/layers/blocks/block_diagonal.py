"""A linear map of parts of the features."""

import keras
from keras import ops

from rnnzoo.cells.products import block_product


@keras.saving.register_keras_serializable("rnnzoo")
class BlockDiagonal(keras.layers.Layer):
    """Maps each of `blocks` equal parts of the features to itself.

    Weights: `kernel` `(blocks, n, n)` for parts of n features.

    Args:
        blocks: int. Number of parts; divides that of the features.
        kernel_initializer: Keras initializer.
    """

    def __init__(self, blocks, kernel_initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.blocks = blocks
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        size = input_shape[-1] // self.blocks
        self.kernel = self.add_weight(
            shape=(self.blocks, size, size),
            initializer=self.kernel_initializer,
            name="kernel",
        )

    def call(self, inputs):
        return ops.reshape(
            block_product(inputs, self.kernel), ops.shape(inputs)
        )

    def get_config(self):
        serialize = keras.initializers.serialize
        config = {
            "blocks": self.blocks,
            "kernel_initializer": serialize(self.kernel_initializer),
        }
        return {**super().get_config(), **config}
