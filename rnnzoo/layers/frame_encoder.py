"""Frames of a video to vectors."""

import keras
from keras import ops

from rnnzoo.cells.checks import positive_integer


@keras.saving.register_keras_serializable("rnnzoo")
class FrameEncoder(keras.layers.Layer):
    """A small convolutional network on every frame of a video.

    For each number of filters a 3 x 3 convolution with ReLU and 2 x 2 max
    pooling, then a dense layer on all that is left, with ReLU as well.

    Args:
        filters: tuple of int. Channels of each convolution.
        units: int. Features of a frame.

    Call arguments:
        frames: `(batch, timesteps, height, width, channels)`.

    Returns:
        `(batch, timesteps, units)`.

    Raises:
        ValueError: inputs that are no frames; sizes that are none.

    Example:

    ```python
    layer = rnnzoo.layers.FrameEncoder(filters=(4, 8), units=16)
    y = layer(np.ones((2, 5, 8, 8, 3)))   # (2, 5, 16)
    ```
    """

    def __init__(self, filters=(16, 32), units=64, **kwargs):
        super().__init__(**kwargs)
        self.filters = tuple(positive_integer("filters", n) for n in filters)
        self.units = positive_integer("units", units)
        policy = self.dtype_policy
        self.convolutions = [
            keras.layers.Conv2D(
                n,
                3,
                padding="same",
                activation="relu",
                dtype=policy,
                name=f"convolution_{index}",
            )
            for index, n in enumerate(self.filters)
        ]
        # "same": frames of any size end with one place at least.
        self.pool = keras.layers.MaxPooling2D(
            2, padding="same", dtype=policy, name="pool"
        )
        self.dense = keras.layers.Dense(
            self.units, activation="relu", dtype=policy, name="dense"
        )

    def build(self, frames_shape):
        if len(frames_shape) != 5:
            raise ValueError(
                "A FrameEncoder reads frames (batch, timesteps, height, width,"
                f" channels). Received: shape {tuple(frames_shape)}."
            )
        shape = (None, *frames_shape[2:])
        for convolution in self.convolutions:
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
            shape = self.pool.compute_output_shape(shape)
        _, height, width, channels = shape
        self.dense.build((None, height * width * channels))

    def compute_output_shape(self, frames_shape):
        return (*frames_shape[:2], self.units)

    def call(self, frames):
        batch, timesteps = ops.shape(frames)[:2]
        x = ops.reshape(frames, (-1, *frames.shape[2:]))
        for convolution in self.convolutions:
            x = self.pool(convolution(x))
        _, height, width, channels = x.shape
        x = self.dense(ops.reshape(x, (-1, height * width * channels)))
        return ops.reshape(x, (batch, timesteps, self.units))

    def get_config(self):
        config = {"filters": self.filters, "units": self.units}
        return {**super().get_config(), **config}
