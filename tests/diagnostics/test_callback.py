import json
import random

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

import rnnzoo
from rnnzoo import diagnostics
from rnnzoo.diagnostics.callback import Diagnose
from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.training.tracking import Run

IDS = np.array([[5, 6, 7, 8], [8, 9, 4, 0], [4, 4, 5, 0], [6, 7, 0, 0]])
TAGS = np.array([[0, 1, 2, 1], [1, 2, 0, 0], [0, 0, 1, 0], [1, 2, 0, 0]])


def build(**options):
    """A language model of sorts, with dropout and states that are carried."""
    keras.utils.set_random_seed(3)
    model = rnnzoo.build(
        "synced", vocabulary=10, num_outputs=3, units=4, dropout=0.5, **options
    )
    model.compile()
    return model


def size(model, batch):
    """The smallest diagnostic: how large the weights are."""
    total = sum(float(np.square(w).sum()) for w in model.get_weights())
    numbers = {"total": total, "rows": len(batch[0]), "each": np.ones(2)}
    return Diagnosis(Figure(figsize=(1, 1)), numbers)


def meddle(model, batch):
    """Does to a model all that a diagnostic must not do."""
    random.random(), np.random.rand()
    keras.layers.Dropout(0.5)  # draws a seed
    model(batch[0], training=True)
    model.evaluate(*batch, verbose=0)
    for variable in model.variables:
        variable.assign(variable + 1)
    return size(model, batch)


def fit(model, callbacks, carried=False):
    """Trains two epochs; every number that is left, as bytes."""
    x = {"inputs": IDS, "begins": np.array([True, False] * 2)}
    x = x if carried else IDS
    history = model.fit(
        x,
        TAGS,
        epochs=2,
        batch_size=4 if carried else 2,
        shuffle=not carried,
        validation_data=(IDS, TAGS),
        callbacks=callbacks,
        verbose=0,
    )
    variables = [*model.variables, *model.optimizer.variables]
    values = [np.asarray(keras.ops.convert_to_numpy(v)) for v in variables]
    drawn = random.random(), np.random.rand()
    return [v.tobytes() for v in values], history.history, drawn


@pytest.mark.parametrize("carried", [False, True])
def test_the_training_is_the_one_without_it(carried):
    options = {"carried_rows": 4} if carried else {}
    plain = fit(build(**options), [], carried)
    model = build(**options)
    look = Diagnose({"meddle": meddle}, (IDS, TAGS))
    looked = fit(model, [look], carried)
    assert plain[0] == looked[0]
    assert plain[1:] == looked[1:]
    assert list(look.found["meddle"]) == [0, 1, 2]
    totals = [d.numbers["total"] for d in look.found["meddle"].values()]
    assert len(set(totals)) == 3  # it did see weights that change


def test_chosen_epochs_are_looked_at():
    look = Diagnose({"size": size}, (IDS, TAGS), epochs={2})
    fit(build(), [look])
    assert list(look.found["size"]) == [2]


def test_in_a_run_figures_and_numbers_are_kept(tmp_path):
    model = build()
    before = size(model, (IDS,)).numbers["total"]
    with Run("toy", "a", {}, root=tmp_path) as run:
        look = Diagnose({"size": size}, (IDS, TAGS), run)
        fit(model, [look])
        folder = run.directory / "diagnostics" / "size"
        client, run_id = run._client, run.run_id
    assert look.found == {}
    assert sorted(path.name for path in folder.iterdir()) == [
        f"epoch-00{n}.{kind}" for n in range(3) for kind in ("json", "png")
    ]
    assert (folder / "epoch-001.png").read_bytes()[:4] == b"\x89PNG"
    numbers = json.loads((folder / "epoch-000.json").read_text())
    assert numbers == {"total": before, "rows": 4, "each": [1.0, 1.0]}
    history = client.get_metric_history(run_id, "diagnostics/size/total")
    assert [point.step for point in history] == [0, 1, 2]
    assert history[0].value == before


def test_what_fails_is_told_once_and_ends_nothing(capsys):
    calls = []

    def fails(model, batch):
        calls.append(len(calls))
        raise RuntimeError("no room\nfor more")

    look = Diagnose({"fails": fails, "size": size}, (IDS, TAGS))
    fit(build(), [look])
    assert calls == [0]
    assert list(look.found["size"]) == [0, 1, 2]
    assert capsys.readouterr().err == (
        "\nwarning: the diagnostic 'fails' failed in epoch 0 (RuntimeError: "
        "no room), and the training goes on without it.\n"
    )


def test_a_check_raises_and_leaves_no_trace():
    model = build()
    before = [w.tobytes() for w in model.get_weights()]
    look = Diagnose({"meddle": meddle}, (IDS, TAGS))
    look.check(model)
    assert [w.tobytes() for w in model.get_weights()] == before
    assert look.found == {}
    with pytest.raises(ValueError, match="Synced has no attention to draw"):
        Diagnose(["attention"], (IDS, TAGS)).check(model)


def test_what_a_check_has_seen_is_that_of_epoch_0():
    seen = []

    def look_at(model, batch):
        seen.append(size(model, batch))
        return seen[-1]

    model = build()
    look = Diagnose({"size": look_at}, (IDS, TAGS))
    look.check(model)
    fit(model, [look])
    assert len(seen) == 3
    assert [look.found["size"][epoch] for epoch in range(3)] == seen


def test_a_model_that_is_not_built_is_looked_at_after_the_first_epoch():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    look = Diagnose({"size": size}, (np.ones((2, 3)),))
    model.fit(np.ones((2, 3)), np.ones((2, 1)), callbacks=[look], verbose=0)
    assert list(look.found["size"]) == [1]


def test_names_that_are_none():
    with pytest.raises(ValueError, match="Did you mean 'attention'"):
        Diagnose(["atention"], IDS)
    with pytest.raises(ValueError, match="nothing to look at"):
        Diagnose([], IDS)


def test_every_name_leads_to_a_function():
    for name in diagnostics.DIAGNOSTICS:
        function = diagnostics.get(name)
        assert function.__name__ == name
        assert function.__module__ == f"rnnzoo.diagnostics.{name}"
    assert list(diagnostics.DIAGNOSTICS) == sorted(diagnostics.DIAGNOSTICS)
