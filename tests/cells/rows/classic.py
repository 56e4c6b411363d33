"""Rows of the classics: Elman, Jordan, LSTM, GRU."""

from tests.cells.rows.row import Row
from tests.cells.statistics import blocks, glorot, orthogonal, zeros

ROWS = [
    Row("elman", bfloat16=0.06),
    Row("elman", {"activation": "relu"}),
    Row("elman", {"activation": "relu", "recurrent_initializer": "identity"}),
    Row("gru"),
    Row("gru", {"reset_after": False}),
    Row("jordan"),
    Row(
        "jordan",
        {
            "output_units": 3,
            "activation": "sigmoid",
            "output_activation": "linear",
        },
    ),
    Row("jordan", {"self_connection": 0.6}, bfloat16=0.06, stock_jax=False),
    Row("lstm"),
    Row("lstm", {"unit_forget_bias": False}),
]

GATED = {"kernel": glorot, "recurrent_kernel": orthogonal, "bias": zeros}

INITIAL_VALUES = {
    "elman": GATED,
    "gru": GATED,
    "jordan": {**GATED, "output_kernel": glorot, "output_bias": zeros},
    "lstm": {**GATED, "bias": blocks(0.0, 1.0, 0.0, 0.0)},
}
