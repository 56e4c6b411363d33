"""A series in segments: some steps forward for a long way."""

import keras
from keras import ops

from rnnzoo.cells.checks import positive_integer
from rnnzoo.layers.head import Head
from rnnzoo.layers.stack import Stack


@keras.saving.register_keras_serializable("rnnzoo")
class SegmentForecaster(keras.layers.Layer):
    """SegRNN: forecasts each channel of a series, segment by segment.

    Paper: Lin et al. 2023, https://arxiv.org/abs/2308.11200, with parallel
    decoding ("PMF").

    A channel x of the past, less its last value x_T, is cut into segments s_1
    to s_n of w values. A stack reads them as n time steps, and its states are
    the start for each segment m of the future, one step away, which tells the
    stack its own place p_m and its channel c:

        e_i = relu(W_e s_i + b_e)
        states = stack(e_1, ..., e_n)
        h_m = stack([p_m, c], states)
        y_m = W_y h_m + b_y + x_T

    All channels share these weights and are rows of one batch, so that none
    sees the others.

    Args:
        stack: a `Stack` that is not bidirectional. Its dropout is the paper's.
        horizon: int. Values to forecast, a multiple of `segment`.
        segment: int. Values of a segment.

    Call arguments:
        series: `(batch, timesteps, channels)`, timesteps a multiple of
            `segment`.

    Returns:
        `(batch, horizon, channels)`, float32 at least.

    Raises:
        ValueError: a bidirectional stack; a horizon or a past that does not
            consist of whole segments.

    Example:

    ```python
    forecaster = rnnzoo.layers.SegmentForecaster(
        rnnzoo.layers.Stack("gru", units=8), horizon=6, segment=3
    )
    y = forecaster(np.ones((2, 12, 5)))   # (2, 6, 5)
    ```
    """

    def __init__(self, stack, horizon, segment, **kwargs):
        kwargs.setdefault("dtype", stack.dtype_policy)
        # What a 16-bit policy would round, the last value is added to.
        super().__init__(autocast=False, **kwargs)
        self.horizon = positive_integer("horizon", horizon)
        self.segment = positive_integer("segment", segment)
        check_segments("horizon", self.horizon, self.segment)
        if stack.bidirectional:
            raise ValueError(
                "A bidirectional stack has no states to go on from into the "
                "future. Received: a stack with bidirectional=True. Leave it "
                "out."
            )
        stack.return_state = True
        self.stack = stack
        policy = self.dtype_policy
        self.embed = keras.layers.Dense(
            stack.width, activation="relu", dtype=policy, name="embed"
        )
        self.head = Head(self.segment, "regression", dtype=policy, name="head")

    def build(self, series_shape):
        if len(series_shape) != 3 or series_shape[-1] is None:
            raise ValueError(
                "A SegmentForecaster reads series (batch, timesteps, "
                f"channels). Received: shape {tuple(series_shape)}."
            )
        width = self.stack.width
        self.embed.build((None, None, self.segment))
        self.stack.build((None, None, width))
        self.head.build((None, self.stack.output_size))
        # The halves of an input of the stack, drawn as the authors do.
        self.places = self.add_weight(
            shape=(self.horizon // self.segment, width // 2),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            name="places",
        )
        self.channels = self.add_weight(
            shape=(series_shape[-1], width - width // 2),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            name="channels",
        )

    def compute_output_shape(self, series_shape):
        return (series_shape[0], self.horizon, series_shape[-1])

    def compute_output_spec(self, series, training=False):
        self.check_past(series.shape)
        shape = self.compute_output_shape(series.shape)
        return keras.KerasTensor(shape, self.head.compute_dtype)

    def call(self, series, training=False):
        self.check_past(series.shape)
        series = ops.cast(series, self.head.compute_dtype)
        batch = ops.shape(series)[0]
        channels = series.shape[-1]
        last = series[:, -1:]
        # (batch, channels, timesteps): each channel is a row of its own.
        x = ops.transpose(series - last, (0, 2, 1))
        count = ops.shape(series)[1] // self.segment
        x = ops.reshape(x, (batch * channels, count, self.segment))
        x = self.embed(ops.cast(x, self.compute_dtype))
        _, *states = self.stack(x, training=training)

        places = self.horizon // self.segment
        queries = ops.tile(self.queries(), (batch, 1))
        # As many rows as there are segments to come, one step each.
        states = [ops.repeat(state, places, axis=0) for state in states]
        features, *_ = self.stack(
            queries[:, None], initial_state=states, training=training
        )
        y = self.head(features[:, 0])
        y = ops.reshape(y, (batch, channels, self.horizon))
        return ops.transpose(y, (0, 2, 1)) + last

    def queries(self):
        """Which segment of which channel: `(channels * segments, width)`."""
        places = ops.convert_to_tensor(self.places, self.compute_dtype)
        channels = ops.convert_to_tensor(self.channels, self.compute_dtype)
        count, number = places.shape[0], channels.shape[0]
        pairs = [
            ops.tile(places, (number, 1)),
            ops.repeat(channels, count, axis=0),
        ]
        return ops.concatenate(pairs, axis=-1)

    def check_past(self, shape):
        """Raises `ValueError` for a known length of no whole segments."""
        if shape[1] is not None:
            check_segments("timesteps", shape[1], self.segment)

    def get_config(self):
        config = {
            "stack": keras.saving.serialize_keras_object(self.stack),
            "horizon": self.horizon,
            "segment": self.segment,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        stack = Stack.from_config(config.pop("stack")["config"])
        return cls(stack, **config)


def check_segments(name, length, segment):
    """Raises `ValueError` unless `length` consists of whole segments."""
    if length < segment or length % segment:
        below = length // segment * segment
        near = [str(n) for n in (below, below + segment) if n]
        raise ValueError(
            f"`{name}` must be a multiple of the segment of {segment} values. "
            f"Received: {name}={length}. Take {' or '.join(near)}, or another "
            "`segment`."
        )
