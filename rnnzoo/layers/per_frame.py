"""One network for every step of a sequence."""

import keras

from rnnzoo.layers.items import each_item


@keras.saving.register_keras_serializable("rnnzoo")
class PerFrame(keras.layers.Layer):
    """Runs a network on every frame of a sequence.

    All frames are one batch to it, those under a mask among them. Where it
    normalises over its batch, as `keras.layers.BatchNormalization` does while
    it is trained, these count as well: freeze such layers, as is usual for
    networks that were trained before. A mask passes through.

    Args:
        network: Keras layer or model, from `(batch, *shape)` to
            `(batch, features)`.

    Call arguments:
        frames: `(batch, timesteps, *shape)`.

    Returns:
        `(batch, timesteps, features)`.

    Raises:
        ValueError: the network gives no vector per frame.

    Example:

    ```python
    layer = rnnzoo.layers.PerFrame(keras.layers.Flatten())
    y = layer(np.ones((2, 5, 4, 4, 1)))   # (2, 5, 16)
    ```
    """

    def __init__(self, network, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.network = network

    def build(self, frames_shape):
        if not self.network.built:
            self.network.build((None, *frames_shape[2:]))

    def compute_output_shape(self, frames_shape):
        frame = (None, *frames_shape[2:])
        shape = self.network.compute_output_shape(frame)
        if len(shape) != 2:
            raise ValueError(
                "A network of frames must give one vector for each, (batch, "
                f"features). {self.network.name!r} gives {tuple(shape)}: add "
                "pooling, or keras.layers.Flatten(), at its end."
            )
        return (*frames_shape[:2], shape[-1])

    def call(self, frames):
        units = self.compute_output_shape(frames.shape)[-1]
        return each_item(self.network, frames, units)

    def get_config(self):
        network = keras.saving.serialize_keras_object(self.network)
        return {**super().get_config(), "network": network}

    @classmethod
    def from_config(cls, config):
        network = keras.saving.deserialize_keras_object(config.pop("network"))
        return cls(network, **config)
