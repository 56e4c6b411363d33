"""A series in, its future out: many_to_one in segments."""

import keras

from rnnzoo.architectures.options import chosen_stack
from rnnzoo.cells.checks import positive_integer
from rnnzoo.inputs import check_values
from rnnzoo.layers.segment_forecaster import SegmentForecaster, check_segments
from rnnzoo.model import Model


@keras.saving.register_keras_serializable("rnnzoo")
class SegmentForecast(Model):
    """SegRNN, which `many_to_one` is with the option `segment`.

    Reads the past of a series in segments and forecasts each channel by
    itself: see `rnnzoo.layers.SegmentForecaster`. The recurrence takes few
    steps, 4 for 96 hours in segments of a day, and so is fast and easy to
    learn.

    Input: values `(batch, timesteps, input_dim)`, timesteps a multiple of
    `segment`. Output and targets: values `(batch, horizon, input_dim)`. It
    forecasts what it reads whole, so that it has no `step`.

    Args:
        input_dim: int. Number of channels.
        horizon: int. Time steps to forecast, a multiple of `segment`.
        segment: int. Time steps of a segment.
        cell: str, `rnnzoo.Cell` or Keras cell.
        units: int or None. Size of a cell that is given by name, 128 if None.
        num_layers: int. Number of recurrent layers.
        residual, pre_norm, block, dropout, recurrent_dropout: see
            `rnnzoo.layers.Stack`. The paper has dropout=0.5.
        encoder: a `rnnzoo.layers.Stack` instead of the words from `cell` on.
        dtype: dtype policy.

    Raises:
        ValueError: an unknown option or cell; a horizon or inputs that do not
            consist of whole segments; inputs of another shape.

    Example:

    ```python
    model = rnnzoo.build(
        "many_to_one", input_dim=2, horizon=6, segment=3, units=8
    )
    model.compile()
    model.fit(np.ones((4, 12, 2)), np.ones((4, 6, 2)), verbose=0)
    ```
    """

    def __init__(
        self,
        *,
        input_dim=1,
        horizon=24,
        segment=24,
        cell="gru",
        units=None,
        num_layers=1,
        residual=False,
        pre_norm=False,
        block=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        encoder=None,
        dtype=None,
        **kwargs,
    ):
        # === Layers ===
        words = {
            "cell": cell,
            "units": units,
            "num_layers": num_layers,
            "residual": residual,
            "pre_norm": pre_norm,
            "block": block,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
        }
        stack = chosen_stack(
            "encoder", encoder, words, dtype=dtype, name="stack"
        )
        input_dim = positive_integer("input_dim", input_dim)
        forecaster = SegmentForecaster(
            stack, horizon, segment, name="forecaster"
        )

        # === Functional model ===
        inputs = keras.Input((None, input_dim), name="inputs")
        super().__init__(inputs=inputs, outputs=forecaster(inputs), **kwargs)

        # === Config ===
        self.forecaster = forecaster
        self.head = forecaster.head
        self.input_dim = input_dim

    def check(self, x, y=None):
        check_values("x", x, (None, self.input_dim))
        rows, timesteps, channels = x.shape
        check_segments("timesteps", timesteps, self.forecaster.segment)
        if y is None:
            return
        shape = (self.forecaster.horizon, channels)
        check_values("y", y, shape)
        if len(y) != rows:
            raise ValueError(
                f"Each series needs its future. Received: {rows} rows of `x` "
                f"and {len(y)} of `y`."
            )

    def get_config(self):
        return {
            "input_dim": self.input_dim,
            "horizon": self.forecaster.horizon,
            "segment": self.forecaster.segment,
            "encoder": keras.saving.serialize_keras_object(
                self.forecaster.stack
            ),
            "name": self.name,
        }
