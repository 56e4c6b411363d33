"""What all recipes have in common, told by their flags."""

import dataclasses

import keras_tuner
import pytest

from recipes.common import experiment, flags, settings
from tests.recipes.recipes import NAMES, SHARED, module


@pytest.fixture(params=NAMES)
def recipe(request):
    return module(request.param)


def test_there_is_a_recipe_for_each_field():
    assert set(NAMES) == {
        "captioning",
        "digits",
        "forecasting",
        "language_model",
        "sentiment",
        "speech",
        "tagging",
        "translation",
        "video_frames",
    }


def test_its_settings_have_the_names_that_all_have(recipe):
    names = {field.name for field in dataclasses.fields(recipe.Config)}
    assert names >= SHARED
    assert recipe.Config.__dataclass_params__.frozen
    assert set(recipe.SMOKE) <= names


def test_its_help_tells_the_promise_and_every_flag(recipe, capsys):
    with pytest.raises(SystemExit) as stopped:
        flags.parse(recipe.Config, ["--help"], recipe.__doc__)
    told = capsys.readouterr().out
    assert stopped.value.code == 0
    assert recipe.__doc__.strip() in told
    for field in dataclasses.fields(recipe.Config):
        assert f"--{field.name} " in told or f"--{field.name}," in told
        assert len(field.metadata["help"]) > 5
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize(
    "words, told",
    [
        (["--schedule", "cosin"], "did you mean cosine?"),
        (["--epochs", "many"], "'many' is not a whole number"),
        (["--dropuot", "0.1"], "did you mean --dropout?"),
    ],
)
def test_a_wrong_value_is_refused_with_those_allowed(
    recipe, capsys, words, told
):
    with pytest.raises(SystemExit) as stopped:
        flags.parse(recipe.Config, words)
    assert stopped.value.code == 2
    assert told in capsys.readouterr().err


def test_it_names_the_metric_that_runs_are_compared_by(recipe, monkeypatch):
    monkeypatch.setattr(experiment, "run", lambda recipe, config: recipe)
    name, direction = recipe.main(recipe.Config()).headline
    assert name.startswith("test/")
    errors = name in ("test/mse", "test/bits_per_character")
    assert direction == ("min" if errors else "max")


def test_a_smoke_run_is_complete(recipe):
    config = settings.complete(recipe.Config(smoke=True), recipe.SMOKE)
    for name, value in recipe.SMOKE.items():
        assert getattr(config, name) == value
    for field in dataclasses.fields(config):
        if field.metadata.get("preset", (None, None))[0] is not None:
            assert getattr(config, field.name) is not None


def test_its_search_space_gives_configs(recipe):
    config = settings.complete(recipe.Config(smoke=True), recipe.SMOKE)
    hp = keras_tuner.HyperParameters()
    first = recipe.search_space(hp, config)
    assert type(first) is recipe.Config
    assert set(hp.values) == {
        "cell",
        "num_layers",
        "units",
        "dropout",
        "learning_rate",
    }
    hp.values |= {"cell": "lstm", "learning_rate": 2e-3}
    changed = recipe.search_space(hp, config)
    assert (changed.cell, changed.learning_rate) == ("lstm", 2e-3)
    assert not changed.residual
    # A setting that there is on a condition.
    hp.values |= {"num_layers": 2, "residual": True}
    assert recipe.search_space(hp, config).residual
