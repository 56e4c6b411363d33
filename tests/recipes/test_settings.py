"""Flags of all recipes: what goes together, and what they set."""

import dataclasses

import keras
import pytest

from recipes.common import flags, settings, start
from recipes.common.flags import flag
from recipes.common.settings import TrainingSettings, preset
from tests.recipes.recipes import module


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingSettings):
    dataset: str = flag("dates", "data")
    units: int | None = preset("size", 128, 256)
    group: str | None = preset("by", "locale", None)
    lowercase: bool | None = preset("small letters", False, True)
    dropout: float = flag(0.0, "share")
    learning_rate: float = flag(1e-3, "rate")


SMOKE = {"units": 8}


@pytest.mark.parametrize(
    "given, units, group",
    [
        ({}, 128, "locale"),
        ({"dataset": "other"}, 256, None),
        ({"smoke": True}, 8, "locale"),
        ({"smoke": True, "units": 32}, 32, "locale"),
        ({"dataset": "other", "group": "length"}, 256, "length"),
        ({"group": None, "smoke": True}, 8, None),
    ],
)
def test_a_preset_suits_the_data(given, units, group):
    config = settings.complete(Config(**given), SMOKE)
    assert (config.units, config.group) == (units, group)
    again = settings.complete(config, SMOKE)
    assert again == config


def test_the_help_tells_both_values(capsys):
    with pytest.raises(SystemExit):
        flags.parse(Config, ["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "size (default: 128 for the default data set, else 256)" in told
    assert "by (default: locale for the default data set, else none)" in told
    assert "letters (default: no for the default data set, else yes)" in told


def test_what_is_given_stays_also_with_the_value_of_a_default():
    words = ["--smoke", "--dropout", "0.0", "--group", "none"]
    config = settings.complete(
        flags.parse(Config, words), {"units": 8, "dropout": 0.9}
    )
    assert (config.units, config.dropout, config.group) == (8, 0.0, None)
    config = flags.parse(Config, ["--evaluate", "latest", "--seed", "1"])
    params = {"seed": "4", "dropout": "0.5", "group": "none"}
    config = settings.complete(settings.of_run(config, params), {})
    assert (config.seed, config.dropout, config.group) == (1, 0.5, None)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"units": 0}, "--units is 0, where a whole number from 1 on"),
        ({"learning_rate": -1.0}, "--learning_rate is -1, where a number"),
    ],
)
def test_a_number_that_is_none_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Config(**options)


def test_a_temperature_that_is_none_is_refused_before_the_training():
    with pytest.raises(ValueError, match="--temperature is 0, where a number"):
        module("language_model").Config(temperature=0.0)


def test_an_evaluation_is_run_as_it_is_told_to_and_not_as_the_training_was():
    params = {"strategy": "mirrored", "replicas": "2", "xla": "False"}
    config = settings.of_run(Config(evaluate="latest", xla=True), params)
    assert (config.strategy, config.replicas) == ("auto", None)


def test_the_config_of_a_run_with_what_is_given_now():
    params = {
        name: "none" if value is None else str(value)
        for name, value in dataclasses.asdict(
            settings.complete(
                Config(dataset="x", units=7, dropout=0.5, fresh=True, seed=4),
                SMOKE,
            )
        ).items()
    }
    now = Config(evaluate="latest", dropout=0.25)
    assert settings.of_run(now, params) == Config(
        dataset="x",
        units=7,
        group=None,
        lowercase=True,
        dropout=0.25,
        seed=4,
        evaluate="latest",
    )


def test_a_setting_that_no_run_can_have():
    with pytest.raises(ValueError, match="units of the run: 'many'"):
        settings.of_run(Config(), {"units": "many"})


def test_a_search_trains_without_itself():
    config = Config(
        tune="random",
        trials=3,
        workers=2,
        chief="a:7000",
        train_best=True,
        fresh=True,
        units=4,
        smoke=True,
    )
    assert settings.without_search(config) == Config(units=4)


def parse(line):
    return flags.parse(TrainingSettings, line.split())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "--xla --strategy mirrored",
            "--xla does not work with --strategy",
        ),
        ("--xla --strategy multiworker", "sees the weights of one device only"),
        (
            "--precision mixed_float16 --strategy mirrored",
            "take mixed_bfloat16",
        ),
        ("--tune random --strategy multiworker", "--tune does not work with"),
        ("--replicas 2 --strategy multiworker", "is for --strategy mirrored"),
        ("--replicas 2", "--replicas does not work with --strategy auto"),
        ("--evaluate latest --tune random", "--tune is for training"),
        ("--evaluate latest --smoke", "--smoke is for training"),
        ("--evaluate latest --diagnose gates", "--diagnose is for training"),
        ("--train_best", "--train_best is for a search: add --tune random"),
        ("--trials 3", "--trials is for a search"),
        ("--workers 2", "--workers is for a search"),
        ("--tune grid --workers 0", "--workers is 0, where a whole number"),
        ("--tune grid --chief a:7000", "--chief needs --workers"),
        ("--tune grid --workers 2 --join 7000", "where HOST:PORT is expected"),
        (
            "--tune grid --workers 2 --join a:7000 --chief a:7000",
            "--chief and --join do not go together",
        ),
        ("--tune gird", "none of random, hyperband, bayesian, grid, none"),
        ("--early_stopping 0", "--early_stopping is 0, where a whole number"),
        ("--seed -1", "--seed is -1, where a whole number from 0 on"),
        ("--precision mixed_float8", "none of float32, mixed_float16, mixed_b"),
    ],
)
def test_what_does_not_go_together_is_a_mistake(capsys, line, words):
    with pytest.raises(SystemExit) as stopped:
        parse(line)
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        "--xla --precision mixed_float16 --strategy one",
        "--precision mixed_bfloat16 --strategy multiworker",
        "--xla --tune random",
        "--replicas 2 --strategy mirrored",
    ],
)
def test_what_does_go_together_is_taken(line):
    config = parse(line)
    assert f"--strategy {config.strategy}" in f"{line} --strategy auto"


def test_xla_is_left_to_keras_unless_asked_for():
    assert start.compile_options(parse("")) == {}
    assert start.compile_options(parse("--xla")) == {"jit_compile": True}


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_layers_compute_with_the_precision_that_is_set(monkeypatch, precision):
    seeds = []
    monkeypatch.setattr(start, "fix_seeds", seeds.append)
    start.set_up(parse(f"--precision {precision} --seed 4"))
    layer = keras.layers.Dense(2)
    assert layer.dtype_policy.name == precision
    assert layer.variable_dtype == "float32"
    assert seeds == [4]
