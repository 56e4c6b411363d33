import json

import numpy as np
from matplotlib.figure import Figure

from rnnzoo.diagnostics.diagnosis import Diagnosis

NUMBERS = {
    "loss": np.float32(0.5),
    "steps": 3,
    "zero_dim": np.array(2.0),
    "nothing": float("nan"),
    "rows": [np.arange(2), np.array([[0.5, np.inf]])],
    "words": ["ж", None],
    "inner": {4: (1, 2)},
    "flag": True,
}


def test_numbers_become_json_that_all_readers_read():
    text = Diagnosis(Figure(), NUMBERS).json()
    assert json.loads(text) == {
        "loss": 0.5,
        "steps": 3,
        "zero_dim": 2.0,
        "nothing": None,
        "rows": [[0, 1], [[0.5, None]]],
        "words": ["ж", None],
        "inner": {"4": [1, 2]},
        "flag": True,
    }
    assert "NaN" not in text and "ж" in text


def test_single_numbers_are_found():
    scalars = Diagnosis(Figure(), NUMBERS).scalars()
    assert scalars.keys() == {"loss", "steps", "zero_dim", "nothing"}
    assert scalars["loss"] == 0.5 and scalars["zero_dim"] == 2.0
