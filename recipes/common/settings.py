"""The flags that every recipe has."""

import dataclasses

from recipes.common.flags import flag

PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What is set alike in all recipes; a recipe's Config adds its own."""

    strategy: str = flag(
        "auto",
        "one: one device; mirrored: all GPUs, with the weights that one would "
        "give; multiworker: those of several processes, see python -m rnnzoo "
        "workers --help; auto: what there is",
        choices=("auto", "one", "mirrored", "multiworker"),
    )
    replicas: int | None = flag(
        None,
        "without GPUs: how many CPUs mirrored takes the processor for",
        none="one",
    )
    precision: str = flag(
        "float32",
        "type of numbers that layers compute with; weights stay float32",
        choices=PRECISIONS,
    )
    xla: bool = flag(
        False, "compile the training step by XLA; it runs on one device only"
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

    def __post_init__(self):
        several = self.strategy in ("mirrored", "multiworker")
        if self.xla and several:
            raise ValueError(
                f"--xla does not work with --strategy {self.strategy}: a "
                "program of XLA sees the weights of one device only"
            )
        if self.precision == "mixed_float16" and several:
            raise ValueError(
                "--precision mixed_float16 does not work with --strategy "
                f"{self.strategy}: its loss is scaled, and each device would "
                "find its own scale; take mixed_bfloat16"
            )
        if self.tune is not None and self.strategy == "multiworker":
            raise ValueError(
                "--tune does not work with --strategy multiworker: each worker "
                "would search by itself; search in one process"
            )
        if self.replicas is not None and self.strategy == "multiworker":
            raise ValueError(
                "--replicas is for --strategy mirrored; the number of workers "
                "is that of their processes"
            )


def without_search(config):
    """The Config that trains once what `config` searches around."""
    trials = Settings.trials
    return dataclasses.replace(config, tune=None, trials=trials)
