import dataclasses

import pytest

from recipes.common import flags, settings
from recipes.common.flags import flag
from recipes.common.settings import TrainingSettings, preset


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingSettings):
    dataset: str = flag("dates", "data")
    units: int | None = preset("size", 128, 256)
    group: str | None = preset("by", "locale", None)
    dropout: float = flag(0.0, "share")


SMOKE = {"units": 8}


@pytest.mark.parametrize(
    "given, units, group",
    [
        ({}, 128, "locale"),
        ({"dataset": "other"}, 256, None),
        ({"smoke": True}, 8, "locale"),
        ({"smoke": True, "units": 32}, 32, "locale"),
        ({"dataset": "other", "group": "length"}, 256, "length"),
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


def test_the_config_of_a_run_with_what_is_given_now():
    params = {
        name: "none" if value is None else str(value)
        for name, value in dataclasses.asdict(
            Config(dataset="x", units=7, dropout=0.5, fresh=True, seed=4)
        ).items()
    }
    now = Config(evaluate="latest", dropout=0.25)
    assert settings.of_run(now, params) == Config(
        dataset="x", units=7, dropout=0.25, seed=4, evaluate="latest"
    )


def test_a_setting_that_no_run_can_have():
    with pytest.raises(ValueError, match="units of the run: 'many'"):
        settings.of_run(Config(), {"units": "many"})


def test_a_search_trains_without_itself():
    config = Config(tune="random", trials=3, units=4)
    assert settings.without_search(config) == Config(units=4)
