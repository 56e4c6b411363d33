"""The tables are complete: cells, files, names, rows, options."""

import inspect
import pathlib

import pytest

import rnnzoo
from rnnzoo import cells
from tests.cells.rows import CELL_ROWS, ROWS
from tests.references import REFERENCES

FOLDER = pathlib.Path(cells.__file__).parent
HELPERS = {
    "__init__",
    "cell",
    "checks",
    "keras_cell",
    "linear_cell",
    "matrix_cell",
    "memoryless_cell",
    "norms",
    "products",
}


def test_the_name_is_the_name_of_the_file():
    files = {path.stem for path in FOLDER.glob("*.py")} - HELPERS
    assert files == set(cells.CELLS)
    for name, kind in cells.CELLS.items():
        assert kind.__module__ == f"rnnzoo.cells.{name}"
    assert rnnzoo.list_cells() == sorted(cells.CELLS)
    assert set(cells.ALIASES.values()) <= set(cells.CELLS)
    assert not set(cells.ALIASES) & set(cells.CELLS)


def test_every_cell_has_a_reference_and_a_row():
    assert set(REFERENCES) == set(cells.CELLS)
    assert {row.name for row in CELL_ROWS} == set(cells.CELLS)


# Forms that read what another layer projected. They are held to the cell that
# projects itself, and run, in tests/layers/test_blocks.py.
OF_BLOCKS = {("mlstm", "project_inputs"), ("slstm", "project_inputs")}


def test_linear_cells_run_in_parallel():
    """Rows are tested in the forms they have, so that none may get lost."""
    loops_alone = {
        str(row) for row in ROWS if row.linear and "parallel" not in row.loops
    }
    # The gates of SRU read the state, unless told otherwise.
    assert loops_alone == {"sru", "sru-units=3-highway_bias=-1.0"}
    assert all(row.linear for row in ROWS if "parallel" in row.loops)


def own_options(kind):
    """Arguments and defaults that the cell itself adds."""
    parameters = inspect.signature(kind.__init__).parameters.values()
    common = inspect.signature(cells.Cell.__init__).parameters
    return {
        p.name: p.default
        for p in parameters
        if p.name not in common and p.kind is not p.VAR_KEYWORD
    }


@pytest.mark.parametrize("name", cells.CELLS)
def test_every_option_is_off_its_default_in_some_row(name):
    rows = [row for row in ROWS if row.name == name]
    for option, default in own_options(cells.CELLS[name]).items():
        values = [row.options.get(option, default) for row in rows]
        off = any(value != default for value in values)
        assert off != ((name, option) in OF_BLOCKS), option


@pytest.mark.parametrize("name", cells.CELLS)
def test_options_are_saved_under_their_names(name):
    kind = cells.CELLS[name]
    assert set(own_options(kind)) <= set(kind(4).get_config())


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_conditionable_states_are_states(row):
    cell = row.cell()
    allowed = range(len(cell.carry_size))
    assert set(cell.conditionable_states) <= set(allowed)
    # Neither a matrix nor a stabiliser is for anyone to set.
    inner = getattr(cell, "stabilised", False) or row.matrix
    expected = () if inner else tuple(allowed)
    assert cell.conditionable_states == expected


# === cells.get ===


def test_get_by_name():
    cell = cells.get("gru", units=8, recurrent_dropout=0.2, dtype="float64")
    assert type(cell) is cells.GRU
    assert (cell.units, cell.recurrent_dropout) == (8, 0.2)
    assert cell.compute_dtype == "float64"
    assert cells.get("lstm").units == 128


@pytest.mark.parametrize(
    "name, kind",
    [
        ("GRU", cells.GRU),
        ("min-gru", cells.MinGRU),
        ("minGRU", cells.MinGRU),
        ("rwkv", cells.RWKV4),
        ("simple_rnn", cells.Elman),
    ],
)
def test_get_is_generous_about_names(name, kind):
    assert type(cells.get(name, units=4)) is kind


def test_get_keeps_an_instance():
    cell = cells.LSTM(4, recurrent_dropout=0.1)
    assert cells.get(cell) is cell
    assert cells.get(cell, units=4, recurrent_dropout=0.1) is cell


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"cell": "lstn"}, "Unknown cell: 'lstn'. Did you mean 'lstm'.*'elm"),
        ({"cell": "xyz"}, "Unknown cell: 'xyz'. Expected one of: 'antisym"),
        ({"cell": cells.GRU}, "the class GRU. Write GRU\\(units\\)"),
        ({"cell": cells.GRU(4), "units": 8}, "units=8 and a GRU of 4 units"),
        (
            {"cell": cells.GRU(4), "recurrent_dropout": 0.5},
            "recurrent_dropout=0.5 beside an instance",
        ),
        ({"cell": "gru", "units": 0}, "positive integer. Received: units=0"),
        ({"cell": "gru", "units": 2.0}, "Received: units=2.0"),
        ({"cell": "gru", "units": True}, "Received: units=True"),
        (
            {"cell": "gru", "recurrent_dropout": 1.0},
            r"in \[0, 1\). Received: recurrent_dropout=1.0",
        ),
    ],
)
def test_get_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        cells.get(**arguments)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: cells.MLSTM(6, num_heads=4), "multiple of `num_heads`.*ts=6"),
        (lambda: cells.MLSTM(4, num_heads=0), "Received: num_heads=0"),
        (lambda: cells.MLSTM(4, forget_gate="tanh"), "'sigmoid', 'exp'"),
        (lambda: cells.MinGRU(4, candidate="plus"), "'positive', 'linear'"),
        (lambda: cells.Jordan(4, output_units=-1), "output_units=-1"),
        (lambda: cells.GRU(4, recurrent_dropout=-0.1), "dropout=-0.1"),
    ],
)
def test_cells_check_their_options(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_clone_needs_a_whole_configuration():
    class Forgetful(rnnzoo.Cell):
        def __init__(self, units, depth, **kwargs):
            super().__init__(units, **kwargs)
            self.depth = depth

    with pytest.raises(
        ValueError, match="(?s)Forgetful cannot.*depth.*Add each"
    ):
        cells.clone(Forgetful(4, depth=2))


def test_input_features_must_be_known():
    with pytest.raises(ValueError, match="GRU needs a known number of input"):
        cells.GRU(4).build((None, None, None))


def test_an_incomplete_cell_says_what_is_missing():
    class Empty(rnnzoo.Cell):
        pass

    class NoCoefficients(cells.LinearCell):
        pass

    with pytest.raises(NotImplementedError, match="Empty.project"):
        Empty(2).project(None)
    with pytest.raises(NotImplementedError, match="Empty.step"):
        Empty(2).step(None, None)
    with pytest.raises(NotImplementedError, match="NoCoefficients.coeff"):
        NoCoefficients(2).coefficients(None)
