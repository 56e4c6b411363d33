"""The step of a model as a file, run without the model."""

import pytest

import rnnzoo
from benchmarks import export_table
from tests.architectures import rows

KINDS = ("gru", "min_gru", "mlstm")
FAST = ("`many_to_one`", "`seq2seq`, coverage and copied words")
MORE = [
    *KINDS,
    *(
        pytest.param(c, marks=pytest.mark.slow)
        for c in ("rwkv7", "lru", "slstm")
    ),
]


def entries(name):
    """The row of a cell or of a model in the tables, without its name."""
    page = export_table.PAGE.read_text("utf-8")
    (row,) = (
        line for line in page.splitlines() if line.startswith(f"| {name} |")
    )
    return [entry.strip() for entry in row.split("|")[2:-1]]


@pytest.mark.parametrize("cell", MORE)
def test_the_table_says_what_works(cell):
    """Both formats of a step; the slow tier also looks at whole sequences."""
    case = export_table.build(cell)
    columns = export_table.COLUMNS[: 2 if cell in KINDS else 4]
    found = [export_table.answer(column, case) for column in columns]
    assert entries(f"`{cell}`")[: len(columns)] == found


@pytest.mark.parametrize(
    "name",
    [
        name if name in FAST else pytest.param(name, marks=pytest.mark.slow)
        for name in export_table.MODELS
    ],
)
def test_the_table_says_what_works_of_topologies(name):
    case = export_table.MODELS[name]()
    columns = export_table.COLUMNS[:2]
    found = [export_table.answer(column, case) for column in columns]
    assert entries(name) == found


def test_the_tables_are_whole():
    """If not: python benchmarks/export_table.py"""
    page = export_table.PAGE.read_text("utf-8")
    names = [
        line.split(" | ")[0] for line in page.splitlines() if "| `" in line
    ]
    cells = [f"| `{name}`" for name in rnnzoo.list_cells()]
    assert names == cells + [f"| {name}" for name in export_table.MODELS]


def test_a_wrong_number_is_not_told_as_working():
    case = export_table.build("gru")
    wrong = case._replace(outputs=case.outputs + 0.01)
    answer = export_table.answer(export_table.step_saved_model, wrong)
    assert answer == "no: differs by 1e-02"


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
        (
            {"path": "x", "source_length": 3},
            "Synced reads no sequence before its first step",
        ),
        ({"path": "x.tflite"}, "'x.tflite'. For a file of LiteRT pass format"),
    ],
)
def test_what_cannot_be_exported(arguments, message):
    with pytest.raises(ValueError, match=message):
        rows.build("synced").export_step(**arguments)


def test_a_source_of_any_length_is_none_of_litert():
    model = rows.build("seq2seq")
    with pytest.raises(ValueError, match="source_length=None. Pass the length"):
        model.export_step("x.tflite", "litert", batch_size=1)
    with pytest.raises(ValueError, match="`source_length` must be a positive"):
        model.export_step("x", source_length=0)


def test_half_precision_is_none_of_litert():
    model = rows.build("synced", dtype="mixed_bfloat16")
    with pytest.raises(ValueError, match="no recurrence in half precision.*bf"):
        model.export_step("x.tflite", "litert", batch_size=1)


def test_other_backends_export_nothing(monkeypatch):
    monkeypatch.setattr("rnnzoo.model_export.write_saved_model", None)
    with pytest.raises(ValueError, match="needs the TensorFlow backend"):
        rows.build("synced").export_step("x")


def test_two_directions_have_no_step_to_export(tmp_path):
    model = rows.build("synced", bidirectional=True)
    with pytest.raises(ValueError, match="reads its whole input before"):
        model.export_step(tmp_path / "step")
