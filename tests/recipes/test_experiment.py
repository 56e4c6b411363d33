import dataclasses
import shutil

import pytest
import tensorflow as tf

from recipes.common import experiment
from rnnzoo.training import contract, search, store, tracking
from tests.recipes.toy import RECIPE, Config


@pytest.fixture
def here(tmp_path, monkeypatch, empty_store):
    """This process, with its runs in a folder of its own."""
    shutil.copytree(empty_store, tmp_path / "mlruns")
    monkeypatch.chdir(tmp_path)
    # Cannot be undone, and must not reach the tests after this one.
    monkeypatch.setattr(
        tf.config.experimental, "enable_op_determinism", lambda: None
    )
    return tmp_path


def runs(here):
    client, experiment_id = store.connect("toy", here / "mlruns")
    found = client.search_runs([experiment_id])
    return sorted(found, key=lambda run: run.info.start_time)


def test_a_run_is_told_and_kept(here, capsys):
    experiment.run(RECIPE, Config())
    (run,) = runs(here)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "gru-u4-l1-s1"
    params, tags = run.data.params, run.data.tags
    assert params["epochs"] == "3"
    assert (params["topology"], params["num_replicas"]) == ("many_to_one", "1")
    assert tags["rnnzoo.headline"] == "test/loss"
    assert tags["rnnzoo.direction"] == "min"
    client, experiment_id = store.connect("toy", here / "mlruns")
    note = client.get_experiment(experiment_id).tags["mlflow.note.content"]
    assert note.startswith("The smallest recipe: which of two numbers a")
    assert "Runs are compared by test/loss, the lowest first" in note
    told = capsys.readouterr().out
    assert "drawn by seed\ntoy: 60 examples to learn from, 60 to test\n" in told
    assert "gru of 4 units; " in told
    assert "3 epochs of 4 steps" in told
    assert "waiting for input" in told
    assert f"-m rnnzoo predict {run.info.run_id[:8]} FILE" in told
    assert next(here.rglob("note.txt")).read_text() == "kept"


def test_a_run_is_tested_again_with_its_own_settings(here, capsys):
    experiment.run(RECIPE, Config(seed=5, units=3))
    experiment.run(RECIPE, Config(evaluate="latest"))
    first, second = runs(here)
    assert second.data.tags["rnnzoo.kind"] == "evaluate"
    assert second.data.tags["rnnzoo.evaluated"] == first.info.run_id
    assert second.data.params == {
        **first.data.params,
        "evaluate": "latest",
    }
    assert second.data.tags["rnnzoo.headline"] == "test/loss"
    tested = [run.data.metrics["test/loss"] for run in (first, second)]
    assert tested[0] == pytest.approx(tested[1], rel=1e-5)
    assert "Tests the run" in capsys.readouterr().out
    # The run that only tested has no model, and is not the latest to be used.
    experiment.run(RECIPE, Config(evaluate="latest", seed=6))
    assert runs(here)[2].data.metrics["test/loss"] != tested[0]


@pytest.mark.slow
def test_a_run_of_another_recipe_is_refused(here):
    experiment.run(RECIPE, Config(epochs=1))
    other = dataclasses.replace(RECIPE, name="other")
    with pytest.raises(ValueError, match="python -m recipes.toy --evaluate"):
        experiment.run(other, Config(evaluate="latest"))
    # The latest is that of the recipe, once it has one.
    experiment.run(other, Config(epochs=1))
    experiment.run(RECIPE, Config(evaluate="latest"))
    first, tested = runs(here)
    assert tested.data.tags["rnnzoo.evaluated"] == first.info.run_id


def told(labels):
    """The toy, whose classes are called so, and what it is read from."""

    def build_data(config):
        data = RECIPE.build_data(config)
        agreed = contract.Contract(
            {"kind": "text", "max_length": config.epochs},
            {"kind": "class", "labels": labels},
        )
        files = {contract.FILE: agreed.text()}
        return dataclasses.replace(data, files=files)

    return dataclasses.replace(RECIPE, build_data=build_data)


@pytest.mark.slow
def test_a_run_of_other_classes_is_refused(here):
    experiment.run(told(["few", "many"]), Config(epochs=1))
    evaluate = Config(evaluate="latest", epochs=2)
    experiment.run(told(["few", "many"]), evaluate)
    with pytest.raises(ValueError, match="another 'labels' of outputs"):
        experiment.run(told(["few", "several"]), evaluate)


@pytest.mark.slow
def test_a_run_of_another_recipe_that_mlflow_never_saw_is_refused(
    here, monkeypatch
):
    experiment.run(RECIPE, Config(epochs=1))
    place = next((here / "mlruns").rglob("model.keras")).parent
    other = here / "mlruns" / "untracked" / "other"
    other.parent.mkdir()
    place.rename(other)
    tags = other / "tags.json"
    own = tags.read_text()
    tags.write_text(own.replace('"toy"', '"other"'))
    with pytest.raises(ValueError, match="python -m recipes.other --evaluate"):
        experiment.run(RECIPE, Config(evaluate=other.name))
    tags.write_text(own)
    experiment.run(RECIPE, Config(evaluate=other.name))


@pytest.mark.slow
def test_a_search_goes_by_the_weights_that_early_stopping_keeps(
    here, monkeypatch
):
    config = Config(early_stopping=2, learning_rate=0.9, epochs=4)
    returned = []
    monkeypatch.setattr(
        search, "search", lambda *args, **_: returned.append(args[3])
    )
    experiment.run(RECIPE, dataclasses.replace(config, tune="random"))
    with tracking.Run("toy", "trial", {}) as run:
        found = returned[0](config, run, None, None)
    assert found["val/loss"] == found["best/loss"]
    client, _ = store.connect("toy", here / "mlruns")
    history = client.get_metric_history(run.run_id, "val/loss")
    assert history[-1].value > found["val/loss"]


def test_fresh_is_for_the_training_of_the_best_too(here, monkeypatch):
    trained = []

    def found(*arguments, then, **_):
        then(arguments[1])

    monkeypatch.setattr(search, "search", found)
    monkeypatch.setattr(experiment, "run", lambda _, best: trained.append(best))
    config = Config(tune="random", train_best=True, fresh=True)
    experiment._search(RECIPE, config)
    assert trained == [Config(fresh=True)]


def test_early_stopping_ends_a_training(here):
    config = Config(early_stopping=1, learning_rate=1e-30, epochs=9)
    experiment.run(RECIPE, config)
    (run,) = runs(here)
    client, _ = store.connect("toy", here / "mlruns")
    history = client.get_metric_history(run.info.run_id, "val/loss")
    assert [point.step for point in history] == [1, 2]


@pytest.mark.slow
def test_a_search_returns_the_best_config(here):
    best = experiment.run(RECIPE, Config(tune="random", trials=2, smoke=True))
    search, *trials = runs(here)
    losses = {
        run.data.params["units"]: run.data.metrics["val/loss"] for run in trials
    }
    assert str(best.units) == min(losses, key=losses.get)
    assert {run.data.params["topology"] for run in trials} == {"many_to_one"}
    assert search.data.tags["rnnzoo.kind"] == "search"
