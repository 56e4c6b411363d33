"""Rows for reservoirpy."""

from tests.parity.rows.row import Row

ROWS = [
    Row(
        "esn",
        lambda w: {
            "kernel": w["Win"].T,
            "recurrent_kernel": w["W"].T,
            "bias": w["bias"],
        },
        options={"leak_rate": 0.3},
    ),
]
