"""One table of topologies and cells; a new one of either is one row."""

import itertools
import subprocess
import sys

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.cells import CELLS, LinearCell, MatrixCell
from tests.architectures import rows

ARCHITECTURES = sorted(rows.OPTIONS)
# One kind of cell in all topologies, the others in one or two.
FAST = [
    *((name, "gru", True) for name in ARCHITECTURES),
    ("many_to_one", "mlstm", True),
    ("one_to_many", "min_gru", True),
    ("one_to_one", "min_gru", True),
    ("seq2seq", "keras", True),
    ("seq2seq", "own", True),
    ("seq2seq", "rwkv7", True),
    ("synced", "mlstm", True),
]
# Compiling takes most of the time: a cell for each topology, in turn.
COMPILED = dict(zip(ARCHITECTURES, itertools.cycle(reversed(rows.KINDS))))
SLOW = [
    *((name, cell, False) for name, cell in COMPILED.items()),
    *((name, cell, True) for name in ARCHITECTURES for cell in rows.CELLS),
]
SLOW = [key for key in SLOW if key not in FAST]


def label(key):
    architecture, cell, run_eagerly = key
    return f"{architecture}-{cell}" + ("" if run_eagerly else "-compiled")


every_row = pytest.mark.parametrize(
    "row",
    [
        *FAST,
        *(pytest.param(key, marks=pytest.mark.slow) for key in SLOW),
    ],
    ids=[label(key) for key in (*FAST, *SLOW)],
    indirect=True,
)


# === The table is complete ===


def test_every_architecture_has_a_row():
    assert set(rows.OPTIONS) == set(rnnzoo.list_architectures())


def test_every_cell_has_a_row():
    assert set(rows.CELLS) == {*rnnzoo.list_cells(), "own", "keras"}


def test_every_kind_of_cell_is_in_the_fast_tier():
    def kind(name):
        cell = CELLS[name](rows.UNITS)
        scan = [isinstance(cell, base) for base in (LinearCell, MatrixCell)]
        erases = getattr(cell, "erases", False)
        return {("scan", *scan), ("looks back", cell.lookback > 0), erases}

    def kinds(names):
        return set().union(*map(kind, names))

    assert kinds(rows.KINDS) == kinds(CELLS)
    assert set(rows.KINDS) <= {cell for _, cell, _ in FAST}


# === What every row is held to ===


@every_row
def test_training_moves_every_weight(row):
    now = rows.weights(row.model)
    moved = {p for p in now if np.any(now[p] != row.initial[p])}
    still = {path.split("/")[-1] for path in set(now) - moved}
    allowed = rows.ONLY_OF_THE_PAST if row.architecture == "one_to_one" else ()
    assert still <= set(allowed)
    assert all(np.isfinite(value).all() for value in now.values())


@every_row
def test_loss_is_that_of_numpy(row):
    x, y, sample_weight = row.feed
    # Weights are the topology's, whatever the cell.
    unweighted = (None,) if row.cell in rows.KINDS else ()
    for given in (*unweighted, sample_weight):
        total, count = rows.loss_sums(
            row.architecture, row.outputs, x, y, given
        )
        loss = row.model.evaluate(
            x, y, sample_weight=given, verbose=0, return_dict=True
        )["loss"]
        np.testing.assert_allclose(loss, total / count, rtol=2e-6)


@every_row
def test_loaded_model_does_the_same(row):
    x, y, sample_weight = row.feed
    loaded = keras.saving.load_model(row.path)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), row.outputs)
    generated = rows.generate(loaded, row.architecture)
    assert len(generated) == len(row.generated)
    for new, old in zip(generated, row.generated, strict=True):
        np.testing.assert_array_equal(new, old)
    assert loaded.optimizer.iterations == 1
    if row.cell not in rows.KINDS:
        return  # how training goes on is not of the cell
    loaded.fit(x, y, sample_weight=sample_weight, verbose=0)
    assert loaded.optimizer.iterations == 2
    pairs = zip(loaded.get_weights(), row.model.get_weights(), strict=True)
    assert any(np.any(new != old) for new, old in pairs)


# === What a fresh process knows ===

FRESH = """
import sys
import rnnzoo
import keras
import numpy as np

for path in sys.argv[1:]:
    fed = np.load(path + ".npz")
    model = keras.saving.load_model(path)
    x = {name: fed[name] for name in fed if name in ("source", "target")}
    outputs = model.predict(x or fed["x"], verbose=0)
    np.testing.assert_array_equal(outputs, fed["outputs"])
    for width in (1, 3):
        if str(width) in fed:
            ids = model.generate(x["source"], beam_width=width)
            np.testing.assert_array_equal(ids, fed[str(width)])
print(len(sys.argv) - 1, "models")
"""
EAGERLY = "rnnzoo.model.compiled = lambda model, function, inputs: function"


def load_elsewhere(rows, script):
    """Runs `script` on what each row has saved, in a process of its own."""
    for row in rows:
        x = row.feed[0]
        np.savez(
            f"{row.path}.npz",
            outputs=row.outputs,
            **(x if isinstance(x, dict) else {"x": x}),
            **dict(zip("13", row.generated, strict=False)),
        )
    done = subprocess.run(
        [sys.executable, "-c", script, *(str(row.path) for row in rows)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == [str(len(rows)), "models"]


def with_line(line):
    return FRESH.replace(
        "import numpy as np\n", f"import numpy as np\n{line}\n"
    )


def test_a_fresh_process_loads_each_architecture(make_row, monkeypatch):
    """Knowing nothing but `import rnnzoo`, in Keras's safe mode."""
    monkeypatch.setattr(
        "rnnzoo.model.compiled", lambda m, function, i: function
    )
    keys = [
        next(
            key for key in reversed(FAST) if key[0] == name and key[1] != "own"
        )
        for name in ARCHITECTURES
    ]
    load_elsewhere([make_row(*key) for key in keys], with_line(EAGERLY))


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_fresh_process_loads_each_cell(architecture, make_row):
    """How a class is found does not depend on the topology: all in turn."""
    compiled = make_row(architecture, COMPILED[architecture], False)
    load_elsewhere([compiled], FRESH)
    turn, turns = ARCHITECTURES.index(architecture), len(ARCHITECTURES)
    others = [cell for cell in rows.CELLS if cell != "own"][turn::turns]
    made = [make_row(architecture, cell, True) for cell in others]
    load_elsewhere(made, with_line(EAGERLY))


@pytest.mark.slow
def test_a_fresh_process_that_knows_the_own_cell_loads_it(make_row):
    made = [make_row(name, "own", True) for name in ARCHITECTURES]
    lines = f"{EAGERLY}\nimport tests.architectures.own_cell"
    load_elsewhere(made, with_line(lines))
