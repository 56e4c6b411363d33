"""Frames of a video to vectors."""

import keras

from rnnzoo.cells.checks import positive_integer, positive_integers
from rnnzoo.layers.items import each_item


@keras.saving.register_keras_serializable("rnnzoo")
class FrameEncoder(keras.layers.Layer):
    """The same small convolutional network on every frame of a video.

        x_0 = frame
        x_n = max_pool_2x2(relu(W_n * x_{n-1} + b_n))     n = 1 .. N
        y = relu(W flatten(x_N) + b)

    with * a convolution of one step that keeps the size, and odd sizes pooled
    to the next larger half. Frames are one batch to it. A mask passes
    through; what masked frames give means nothing.

    Args:
        filters: tuple of int. Channels of x_1 .. x_N.
        units: int. Size of y.
        kernel_size: int. Height and width of W_n.

    Call arguments:
        frames: `(batch, timesteps, height, width, channels)`, best in [0, 1].
            Height and width must be known when the layer is built.

    Returns:
        `(batch, timesteps, units)`.

    Raises:
        ValueError: sizes that are no positive integers; frames of another
            shape.

    Example:

    ```python
    frames = np.ones((2, 5, 12, 10, 1))
    y = rnnzoo.layers.FrameEncoder((4, 8), units=16)(frames)   # (2, 5, 16)
    ```
    """

    def __init__(self, filters=(16, 32), units=64, kernel_size=3, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.filters = positive_integers("filters", filters)
        self.units = positive_integer("units", units)
        self.kernel_size = positive_integer("kernel_size", kernel_size)
        policy = self.dtype_policy
        self.convolutions = [
            keras.layers.Conv2D(
                n,
                self.kernel_size,
                padding="same",
                activation="relu",
                dtype=policy,
                name=f"convolution_{number}",
            )
            for number, n in enumerate(self.filters)
        ]
        self.pool = keras.layers.MaxPooling2D(
            padding="same", dtype=policy, name="pool"
        )
        self.flatten = keras.layers.Flatten(dtype=policy, name="flatten")
        self.dense = keras.layers.Dense(
            self.units, activation="relu", dtype=policy, name="dense"
        )

    def build(self, frames_shape):
        if len(frames_shape) != 5 or None in frames_shape[2:]:
            raise ValueError(
                "FrameEncoder reads videos (batch, timesteps, height, width, "
                "channels), the last three of known sizes. Received: shape "
                f"{tuple(frames_shape)}. Give grey frames one channel."
            )
        shape = (None, *frames_shape[2:])
        for convolution in self.convolutions:
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
            shape = self.pool.compute_output_shape(shape)
        self.dense.build(self.flatten.compute_output_shape(shape))

    def call(self, frames):
        return each_item(self.see, frames, self.units)

    def see(self, frames):
        """`(frames, height, width, channels)` to `(frames, units)`."""
        x = frames
        for convolution in self.convolutions:
            x = self.pool(convolution(x))
        return self.dense(self.flatten(x))

    def compute_output_shape(self, frames_shape):
        return (*frames_shape[:2], self.units)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "units": self.units,
            "kernel_size": self.kernel_size,
        }
