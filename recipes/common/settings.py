"""The flags that every recipe has."""

import dataclasses
import typing

from recipes.common import flags
from recipes.common.flags import flag

# Flags that say how a command is run and not what is trained.
_OF_THE_COMMAND = (
    "chief",
    "diagnose",
    "evaluate",
    "fresh",
    "join",
    "replicas",
    "smoke",
    "strategy",
    "train_best",
    "trials",
    "tune",
    "workers",
    "xla",
)

_OF_A_SEARCH = (
    "chief",
    "fresh",
    "join",
    "train_best",
    "trials",
    "tune",
    "workers",
)

# Zero, too, is none of these.
_ABOVE_0 = ("learning_rate", "temperature")

# Of a search that is not told how many.
_TRIALS = 10

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
    diagnose: str | None = flag(
        None,
        "pictures of what the network does, before the first epoch and after "
        "each, with commas between them: attention, bptt, draw, gates, "
        "gradient_flow, memory_by_length, states, statistics",
    )
    fresh: bool = flag(
        False, "start anew where the same command was stopped before its end"
    )
    tune: str | None = flag(
        None,
        "search for better settings instead; hyperband trains many for few "
        "epochs and goes on with the best, bayesian learns from those before, "
        "grid goes through all of search_space, the last one first",
        choices=("random", "hyperband", "bayesian", "grid", None),
    )
    trials: int | None = flag(
        None, "settings that a search tries", none=str(_TRIALS)
    )
    workers: int | None = flag(
        None,
        "processes that a search trains in, one trial each, beside one that "
        "chooses",
        none="this one does all",
    )
    chief: str | None = flag(
        None,
        "HOST:PORT where the process that chooses also takes workers of other "
        "machines; on a network that you trust, there is no password",
        none="this machine alone",
    )
    join: str | None = flag(
        None,
        "HOST:PORT of another machine's --chief: only adds --workers to its "
        "search, with the same flags beside",
        none="a search of its own",
    )
    train_best: bool = flag(
        False, "after a search, train and test its best settings"
    )
    smoke: bool = flag(False, "tiny sizes: shows in seconds that it all runs")

    def __post_init__(self):
        _check_numbers(self)
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
        for name in ("trials", "workers", "chief", "join", "train_best"):
            if getattr(self, name) and self.tune is None:
                raise ValueError(
                    f"--{name} is for a search: add --tune random, or leave it "
                    "out"
                )
        _check_addresses(self)
        if self.replicas is not None and self.strategy != "mirrored":
            raise ValueError(
                f"--replicas does not work with --strategy {self.strategy}: it "
                "is for --strategy mirrored; the number of workers is that of "
                "their processes"
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingSettings(Settings):
    """What is set alike in recipes that train in epochs on a data set."""

    residual: bool = flag(
        False, "add what a layer reads to what it writes, from the second on"
    )
    schedule: str = flag(
        "warmup_cosine",
        "the learning rate over the steps",
        choices=("warmup_cosine", "cosine", "linear", "step", "constant"),
    )
    early_stopping: int | None = flag(
        None,
        "ends after so many epochs without progress, with the best weights",
        none="all epochs",
    )
    evaluate: str | None = flag(
        None,
        "tests this run again instead of training one: latest, or as "
        "`python -m rnnzoo list` shows it; its settings hold where no flag "
        "is given",
        none="trains",
    )

    def __post_init__(self):
        super().__post_init__()
        for name in ("diagnose", "tune", "smoke"):
            if self.evaluate is not None and getattr(self, name):
                raise ValueError(
                    f"--{name} is for training, and --evaluate trains nothing: "
                    "leave one of them out"
                )


def preset(help, embedded, other, choices=()):
    """A flag whose default suits the data: what is embedded, or any other."""
    told = f"{_word(embedded)} for the default data set, else {_word(other)}"
    field = flag(flags.Unset.UNSET, help, choices, none=told)
    metadata = {**field.metadata, "preset": (embedded, other)}
    return dataclasses.field(default=field.default, metadata=metadata)


def complete(config, smoke):
    """The Config with a value for every flag that was not given.

    Args:
        config: a Config with a field `dataset`.
        smoke: dict. The sizes that `--smoke` sets.
    """
    fields, given = dataclasses.fields(config), flags.given(config)
    embedded = {field.name: field.default for field in fields}["dataset"]
    suited = {
        field.name: field.metadata["preset"][config.dataset != embedded]
        for field in fields
        if getattr(config, field.name) is flags.Unset.UNSET
    }
    # What a flag was given for stays, in a smoke run too.
    if config.smoke:
        suited |= {name: smoke[name] for name in smoke.keys() - given}
    return dataclasses.replace(config, **suited)


def without_search(config):
    """The Config that trains once what `config`, complete, searches around.

    Its sizes are those of --smoke if that was given, which would come again
    over what a trial chooses.
    """
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(Settings)
        if field.name in _OF_A_SEARCH
    }
    return dataclasses.replace(config, **defaults, smoke=False)


def of_search(config):
    """What the flags of a Config say about its search, by argument."""
    return {
        "kind": config.tune,
        "trials": config.trials or _TRIALS,
        "workers": config.workers,
        "address": config.chief or config.join,
        "joins": config.join is not None,
        "fresh": config.fresh,
    }


def of_run(config, params):
    """The Config of an earlier run, with the flags of `config` that are given.

    Args:
        config: a Config, see `flags.given`.
        params: dict from name to str, those of the run in MLflow.
    """
    hints = typing.get_type_hints(type(config))
    kept = {*flags.given(config), *_OF_THE_COMMAND}
    values = {
        field.name: flags.value(field, hints[field.name], params[field.name])
        for field in dataclasses.fields(config)
        if field.name in params.keys() - kept
    }
    return dataclasses.replace(config, **values)


def _check_numbers(config):
    """Whole numbers count something; before hours of training that end so."""
    for field in dataclasses.fields(config):
        name, value = field.name, getattr(config, field.name)
        least = 0 if name == "seed" else 1
        if type(value) is int and value < least:
            raise ValueError(
                f"--{name} is {value}, where a whole number from {least} on is "
                "expected"
            )
        if name in _ABOVE_0 and type(value) is float and not value > 0:
            raise ValueError(
                f"--{name} is {value:g}, where a number above 0 is expected"
            )


def _check_addresses(config):
    if config.chief is not None and config.join is not None:
        raise ValueError(
            "--chief and --join do not go together: one machine has the "
            "--chief, and the others --join it"
        )
    for name in ("chief", "join"):
        address = getattr(config, name)
        if address is None:
            continue
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(
                f"--{name} is {address!r}, where HOST:PORT is expected, such "
                "as 10.0.0.1:7000"
            )
        if config.workers is None:
            raise ValueError(
                f"--{name} needs --workers: how many processes of this machine "
                "train"
            )


def _word(value):
    """A value as `--help` shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else value
