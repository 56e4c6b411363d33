"""What a search knows of each of its trials, in files that outlive it."""

import dataclasses
import json
import math

from rnnzoo.training.search import oracles
from rnnzoo.training.unfinished import write


@dataclasses.dataclass
class Trial:
    """One Config that is tried.

    `number` counts from 1; `values` are those that KerasTuner chose, by name;
    `epochs` is how many of the Config's epochs it gets, None for all;
    `earlier` is the number of the trial that it goes on with, if any;
    `score` is the objective, NaN for a trial that failed, whose `reason` is
    one sentence; `run_id` is that of MLflow, `directory` the run's folder;
    `worker` names the process that trains it. `parent` and `search_id` are
    the search's own run and the tag of all its runs.
    """

    number: int
    values: dict
    config: object
    epochs: int | None = None
    earlier: int | None = None
    score: float = math.nan
    metrics: dict = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""
    run_id: str | None = None
    directory: str | None = None
    worker: str | None = None
    ended: bool = False
    parent: str | None = None
    search_id: str = ""

    def __str__(self):
        words = [f"{k} {word(v)}" for k, v in self.values.items()]
        if self.epochs is not None:
            words.append(f"{self.epochs} of {self.config.epochs} epochs")
        return ", ".join(words)


def chosen(trial, space):
    """What KerasTuner chose, as a `Trial`.

    Args:
        trial: `keras_tuner.engine.trial.Trial`.
        space: function from `keras_tuner.HyperParameters` to a Config.
    """
    import keras_tuner

    values = trial.hyperparameters.values
    # A space of its own has the names in the order of the recipe.
    fresh = keras_tuner.HyperParameters()
    fresh.values = dict(values)
    config = space(fresh)
    names = dict.fromkeys(parameter.name for parameter in fresh.space)
    return Trial(
        number=number(trial.trial_id),
        values={name: values[name] for name in names if name in values},
        config=config,
        epochs=values.get(oracles.EPOCHS),
        earlier=number(values.get(oracles.EARLIER)),
        parent=values.get(oracles.PARENT) or None,
        search_id=values.get(oracles.SEARCH, ""),
    )


def number(trial_id):
    """KerasTuner's name of a trial as its number, from 1; None of None."""
    return None if trial_id is None else int(trial_id) + 1


class Records:
    """What became of the trials, each in a file: `records[3]`.

    Args:
        directory: pathlib.Path, made where it is not there.
    """

    # What a later process reads; the rest follows from KerasTuner's choice.
    _KEPT = (
        "score",
        "metrics",
        "seconds",
        "reason",
        "run_id",
        "directory",
        "worker",
        "ended",
    )

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def keep(self, trial):
        """Writes what is known of a trial."""
        values = {name: getattr(trial, name) for name in self._KEPT}
        self.write(trial.number, values)

    def write(self, number, values):
        """Keeps a dict such as `read` returns."""
        write(self._path(number), values)

    def recall(self, trial):
        """Fills in what an earlier process, or another one, has kept.

        But for which one it was.
        """
        for name, value in self.read(trial.number).items():
            if name != "worker":
                setattr(trial, name, value)

    def read(self, number):
        """What was kept of a trial: dict, empty if there is nothing."""
        try:
            return json.loads(self._path(number).read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def ended(self):
        """What was kept of those that ended: dict from number to dict."""
        found = self._all()
        return {n: kept for n, kept in found.items() if kept.get("ended")}

    def release(self):
        """Forgets whose trials are: those who had them have ended."""
        for number, kept in self._all().items():
            if kept.get("worker") is not None:
                self.write(number, {**kept, "worker": None})

    def of_worker(self, name):
        """The trial that a worker trains, (None, {}) without one."""
        for number, kept in self._all().items():
            if kept.get("worker") == name and not kept["ended"]:
                return number, kept
        return None, {}

    def _all(self):
        numbers = sorted(
            int(path.stem) for path in self.directory.glob("*.json")
        )
        return {number: self.read(number) for number in numbers}

    def _path(self, number):
        return self.directory / f"{number:04}.json"


def word(value):
    """A value of a search space as tables and names show it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
