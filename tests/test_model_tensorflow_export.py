"""The step of a model as a file, run without the model."""

import numpy as np
import pytest
import tensorflow as tf

import rnnzoo
from benchmarks import export_table
from tests.architectures import rows
from tests.cells import tools

KINDS = ("gru", "min_gru", "mlstm")
MORE = [
    *KINDS,
    *(
        pytest.param(c, marks=pytest.mark.slow)
        for c in ("rwkv7", "lru", "slstm")
    ),
]


@pytest.mark.parametrize("cell", MORE)
def test_the_table_says_what_works(cell):
    """Both formats of a step; the slow tier also looks at whole sequences."""
    case = export_table.build(cell)
    columns = export_table.COLUMNS[: 2 if cell in KINDS else 4]
    found = [export_table.answer(column, *case) for column in columns]
    (row,) = (
        line
        for line in export_table.PAGE.read_text("utf-8").splitlines()
        if line.startswith(f"| `{cell}` |")
    )
    entries = [entry.strip() for entry in row.split("|")[2:-1]]
    assert entries[: len(columns)] == found


def test_the_table_has_every_cell():
    """If not: python benchmarks/export_table.py"""
    page = export_table.PAGE.read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == rnnzoo.list_cells()


def test_a_wrong_number_is_not_told_as_working():
    model, ids, outputs = export_table.build("gru")
    answer = export_table.answer(
        export_table.step_saved_model, model, ids, outputs + 0.01
    )
    assert answer == "no: differs by 1e-02"


@pytest.mark.parametrize("architecture", ["many_to_one", "one_to_one"])
def test_other_topologies_step_from_a_file(architecture, tmp_path):
    options = {"bidirectional": False} if architecture == "many_to_one" else {}
    model = rows.build(architecture, "gru", **options)
    tools.randomise(model)
    x, *_ = rows.feed(architecture)
    inputs = [x, 2 * x]
    if architecture == "many_to_one":
        inputs = [x[:, 0].astype("int32"), x[::-1, 0].astype("int32")]
    model.export_step(tmp_path / "step")
    loaded = tf.saved_model.load(str(tmp_path / "step"))
    batch_size = tf.constant(len(x))
    states = loaded.signatures["initial_states"](batch_size=batch_size)
    step = loaded.signatures["serving_default"]
    own = None
    for one in inputs:
        states = step(inputs=tf.constant(one), **states)
        outputs, own = model.step(one, own)
        np.testing.assert_allclose(
            states.pop("outputs"), outputs, rtol=0, atol=1e-6
        )
        assert sorted(states) == [f"state_{n}" for n in range(len(own))]
        for n, state in enumerate(own):
            np.testing.assert_allclose(
                states[f"state_{n}"], state, rtol=0, atol=1e-6
            )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "x", "format": "onnx"}, "Unknown format: 'onnx'"),
        ({"path": "x.tflite", "format": "litert"}, "batch of one size"),
        (
            {"path": "x", "format": "litert", "batch_size": 1},
            "ends with '.tflite'.*'x'",
        ),
        ({"path": "x", "batch_size": 0}, "`batch_size` must be a positive"),
        ({"path": "x.tflite"}, "'x.tflite'. For a file of LiteRT pass format"),
    ],
)
def test_what_cannot_be_exported(arguments, message):
    with pytest.raises(ValueError, match=message):
        rows.build("synced").export_step(**arguments)


def test_half_precision_is_none_of_litert():
    model = rows.build("synced", dtype="mixed_bfloat16")
    with pytest.raises(ValueError, match="no recurrence in half precision.*bf"):
        model.export_step("x.tflite", "litert", batch_size=1)


def test_other_backends_export_nothing(monkeypatch):
    monkeypatch.setattr("rnnzoo.model_streamer.write_saved_model", None)
    with pytest.raises(ValueError, match="needs the TensorFlow backend"):
        rows.build("synced").export_step("x")


def test_two_directions_have_no_step_to_export(tmp_path):
    model = rows.build("synced", bidirectional=True)
    with pytest.raises(ValueError, match="reads its whole input before"):
        model.export_step(tmp_path / "step")
