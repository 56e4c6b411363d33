"""One vector or image to what a decoder reads."""

import math

import keras
from keras import ops

from rnnzoo.cells.checks import positive_integer, positive_integers


@keras.saving.register_keras_serializable("rnnzoo")
class ItemEncoder(keras.layers.Layer):
    """Summarises one item, and shows its regions to attention.

    A network, if there is one, makes features `(batch, ..., channels)` of the
    item. Their places, all but the last axis, are regions m_j, and

        summary = relu(W mean_j(m_j) + b)

    Features without places, `(batch, n)`, are summarised as they are, and so
    is an item without a network and without regions, laid out in one vector.

    Args:
        units: int. Width of the summary.
        network: Keras layer or model of the item; None: the item itself, such
            as features that were made before.
        regions: bool. Whether attention needs regions.

    Call arguments:
        item: `(batch, ...)`.

    Returns:
        A dict: `"summary"` `(batch, units)`, and with `regions` `"memory"`
        `(batch, regions, channels)`.

    Raises:
        ValueError: regions are needed, but there are no places.

    Example:

    ```python
    encoder = rnnzoo.layers.ItemEncoder(8, rnnzoo.layers.small_cnn((8, 8)))
    encoded = encoder(np.ones((2, 8, 8)))
    ```
    """

    def __init__(self, units, network=None, regions=False, **kwargs):
        super().__init__(**kwargs)
        self.units = positive_integer("units", units)
        self.network = network
        self.regions = bool(regions)
        self.summarise = keras.layers.Dense(
            self.units,
            activation="relu",
            dtype=self.dtype_policy,
            name="summary",
        )

    def build(self, item_shape):
        shape = tuple(item_shape)
        if self.network is not None:
            if not self.network.built:
                self.network.build(shape)
            shape = tuple(self.network.compute_output_shape(shape))
        places = shape[1:-1]
        if self.regions and not places:
            raise ValueError(
                "Attention looks at regions of the input, and there are none. "
                f"Received: features of the shape {shape[1:]}. Pass features "
                "(regions, channels), or as `encoder` a network whose output "
                "is (height, width, channels), such as 'cnn'."
            )
        self.channels = shape[-1]
        self.pooled = self.regions or self.network is not None
        width = shape[-1] if self.pooled else math.prod(shape[1:])
        self.summarise.build((None, width))

    def compute_output_spec(self, item):
        batch = item.shape[0]
        spec = {
            "summary": keras.KerasTensor(
                (batch, self.units), self.compute_dtype
            )
        }
        if self.regions:
            shape = (batch, None, self.channels)
            spec["memory"] = keras.KerasTensor(shape, self.compute_dtype)
        return spec

    def call(self, item):
        x = item if self.network is None else self.network(item)
        x = ops.cast(x, self.compute_dtype)
        if not self.pooled:
            flat = ops.reshape(x, (-1, math.prod(x.shape[1:])))
            return {"summary": self.summarise(flat)}
        memory = ops.reshape(x, (ops.shape(x)[0], -1, self.channels))
        encoded = {"summary": self.summarise(ops.mean(memory, axis=1))}
        return {**encoded, "memory": memory} if self.regions else encoded

    def get_config(self):
        network = self.network
        if network is not None:
            network = keras.saving.serialize_keras_object(network)
        config = {
            "units": self.units,
            "network": network,
            "regions": self.regions,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        network = config.pop("network")
        if network is not None:
            network = keras.saving.deserialize_keras_object(network)
        return cls(network=network, **config)


def small_cnn(input_shape, filters=(32, 64), dtype=None):
    """Two convolutions with a pooling between them, for small images.

    Args:
        input_shape: tuple of int, (height, width) or (height, width,
            channels).
        filters: tuple of int. Channels of the convolutions.
        dtype: dtype policy.

    Returns:
        A `keras.Sequential` from images to maps `(batch, height / 2, width /
        2, filters[-1])`.

    Raises:
        ValueError: another shape, or one that pooling leaves nothing of.
    """
    image = image_shape(input_shape, poolings=1)
    filters = positive_integers("filters", filters)
    first, *others = (
        keras.layers.Conv2D(
            n, 3, padding="same", activation="relu", dtype=dtype
        )
        for n in filters
    )
    return keras.Sequential(
        [
            keras.layers.Reshape(image, dtype=dtype),
            first,
            keras.layers.MaxPooling2D(dtype=dtype),
            *others,
        ],
        name="cnn",
    )


def small_crnn(input_shape, filters=(32, 64), units=64, dtype=None):
    """Convolutions, then a recurrent network over columns: lines of writing.

    As of Shi et al. 2015, https://arxiv.org/abs/1507.05717, with GRU for LSTM,
    and normalised over channels, which no other image of a batch changes, for
    their batch normalisation. Each column knows what is beside it, and so its
    place, which attention over the map of a small CNN cannot tell.

    Args:
        input_shape: tuple of int, (height, width) or (height, width,
            channels).
        filters: tuple of int. Channels of the convolutions, each followed by a
            pooling.
        units: int. Size of the GRU in either direction.
        dtype: dtype policy.

    Returns:
        A `keras.Sequential` from images to columns `(batch, width / 4,
        2 units)`, for two convolutions.

    Raises:
        ValueError: another shape, or one that poolings leave nothing of.
    """
    filters = positive_integers("filters", filters)
    image = image_shape(input_shape, poolings=len(filters))
    if image[0] is None:
        raise ValueError(
            "Columns have one height, which must be known. Received: "
            f"input_shape={input_shape}. Only the width may be None."
        )
    # Keras infers one size at most: the width, which may be any.
    place = tuple(-1 if size is None else size for size in image)
    network = [keras.layers.Reshape(place, dtype=dtype)]
    for n in filters:
        network += [
            keras.layers.Conv2D(
                n, 3, padding="same", activation="relu", dtype=dtype
            ),
            keras.layers.LayerNormalization(dtype=dtype),
            keras.layers.MaxPooling2D(dtype=dtype),
        ]
    gru = keras.layers.GRU(units, return_sequences=True, dtype=dtype)
    height = image[0] // 2 ** len(filters)
    network += [
        keras.layers.Permute((2, 1, 3), dtype=dtype),
        keras.layers.Reshape((-1, height * filters[-1]), dtype=dtype),
        keras.layers.Bidirectional(gru, dtype=dtype),
        keras.layers.Dropout(0.2, dtype=dtype),
    ]
    return keras.Sequential(network, name="crnn")


def image_shape(input_shape, poolings):
    """(height, width, channels), where `poolings` leave something of it.

    Raises:
        ValueError: no image, or one that is too small.
    """
    if len(input_shape) not in (2, 3):
        raise ValueError(
            "A CNN reads images, (height, width) or (height, width, "
            f"channels). Received: input_shape={input_shape}."
        )
    least = 2**poolings
    if any(size is not None and size < least for size in input_shape[:2]):
        raise ValueError(
            f"An image must be at least {least} pixels high and wide for "
            f"{poolings} pooling{'s' * (poolings > 1)}. Received: "
            f"input_shape={input_shape}."
        )
    return (*input_shape, 1)[:3]
