"""The flags that every recipe has."""

import dataclasses

from recipes.common.flags import flag


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What is set alike in all recipes; a recipe's Config adds its own."""

    strategy: str = flag(
        "auto",
        "one: one device; mirrored: all GPUs, with the weights that one would "
        "give; auto: mirrored if there are several",
        choices=("auto", "one", "mirrored"),
    )
    replicas: int | None = flag(
        None,
        "without GPUs: how many CPUs mirrored takes the processor for",
        none="one",
    )
    seed: int = flag(1, "of weights, order of examples and dropout")
    fresh: bool = flag(
        False, "start anew where the same command was stopped before its end"
    )
    tune: str | None = flag(
        None, "search for better settings instead", choices=("random", None)
    )
    trials: int = flag(10, "settings that a search tries")
    smoke: bool = flag(False, "tiny sizes: shows in seconds that it all runs")


def without_search(config):
    """The Config that trains once what `config` searches around."""
    trials = Settings.trials
    return dataclasses.replace(config, tune=None, trials=trials)
