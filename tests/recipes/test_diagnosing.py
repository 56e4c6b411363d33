"""`--diagnose`: what it looks at, and that it refuses before a training."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from recipes.common import diagnosing, experiment
from rnnzoo import diagnostics
from rnnzoo.pipelines.continuous import ContinuousText
from rnnzoo.training import store
from tests.recipes.toy import RECIPE, Config


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # Cannot be undone, and must not reach the tests after this one.
    monkeypatch.setattr(
        tf.config.experimental, "enable_op_determinism", lambda: None
    )
    return tmp_path


def runs(here):
    client, experiment_id = store.connect("toy", here / "mlruns")
    return client.search_runs([experiment_id])


def test_an_unknown_diagnostic_is_refused_before_the_training(here):
    with pytest.raises(ValueError, match="Did you mean 'attention'"):
        experiment.run(RECIPE, Config(diagnose="atention"))
    with pytest.raises(
        ValueError, match="--diagnose attention: ManyToOne has no attention"
    ):
        experiment.run(RECIPE, Config(diagnose="attention"))
    assert not (here / "mlruns").exists()


def test_a_training_is_looked_at_and_not_changed(here, monkeypatch):
    seen = []

    def look(model, batch):
        from tests.diagnostics.test_callback import meddle

        seen.append(batch)
        return meddle(model, batch)

    monkeypatch.setattr(diagnostics, "DIAGNOSTICS", ("look",))
    monkeypatch.setattr(diagnostics, "get", {"look": look}.get)
    config = Config(epochs=2)
    experiment.run(RECIPE, config)
    experiment.run(RECIPE, dataclasses.replace(config, diagnose="look"))
    losses = {run.data.metrics["val/loss"] for run in runs(here)}
    assert len(runs(here)) == 2 and len(losses) == 1
    assert len(seen) == 3  # before the first epoch, and after each
    kept = {path.name for path in here.rglob("diagnostics/look/*.png")}
    assert kept == {"epoch-000.png", "epoch-001.png", "epoch-002.png"}


def test_the_help_tells_all_diagnostics():
    fields = {field.name: field for field in dataclasses.fields(Config)}
    told = fields["diagnose"].metadata["help"].partition(": ")[2]
    assert tuple(told.split(", ")) == diagnostics.DIAGNOSTICS


@pytest.mark.slow
def test_a_text_that_goes_on_is_learnt_as_without_it(here):
    from recipes import language_model

    losses = []
    for names in (None, "states,gates,statistics"):
        config = language_model.Config(smoke=True, diagnose=names)
        model = language_model.main(config)
        losses.append([w.tobytes() for w in model.get_weights()])
    assert losses[0] == losses[1]
    assert len(list(here.rglob("diagnostics/*/epoch-002.json"))) == 3


def test_the_rows_are_of_the_middle_batch():
    validation = RECIPE.build_data(Config()).validation
    inputs, labels = diagnosing.some_rows(validation, rows=5)
    middle = next(iter(validation.dataset(0, 2).take(1)))
    np.testing.assert_array_equal(inputs, middle[0][:5])
    np.testing.assert_array_equal(labels, middle[1][:5])


def test_rows_of_a_text_that_goes_on_stand_for_themselves():
    texts = ContinuousText([np.arange(4, 90)], 4, 8, begins=True)
    inputs, targets = diagnosing.some_rows(texts)
    assert list(inputs) == ["inputs"]
    assert inputs["inputs"].shape == targets.shape == (4, 8)


def test_a_plain_data_set_will_do():
    data = tf.data.Dataset.from_tensor_slices(np.arange(12)).batch(8)
    np.testing.assert_array_equal(diagnosing.some_rows(data, 3), [0, 1, 2])
