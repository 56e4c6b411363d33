"""Which settings train to what: runs in groups, over their seeds."""

import dataclasses
import math
import statistics

from rnnzoo.training import sweeps

# What is no setting of a training: how its command was run, or the same as
# another one in other words.
_NO_SETTINGS = {
    "diagnose",
    "evaluate",
    "fresh",
    "lr_log10",
    "trials",
    "tune",
}

# A number that is longer is shortened.
_DIGITS = 8

# What is shown beside the score: metric -> its name in tables.
COSTS = {
    "model/num_params": "parameters",
    "perf/seconds_to_best": "s to best",
    "perf/steps_per_second": "steps/s",
    "perf/peak_memory_mb": "MB",
}


@dataclasses.dataclass(frozen=True)
class Group:
    """Runs that are alike but for what is not compared, such as the seed.

    Args:
        settings: dict from name to str: what tells it from other groups.
        runs: tuple of `runs.Found`, the best first, all with the metric.
        metric: str.
    """

    settings: dict
    runs: tuple
    metric: str

    @property
    def scores(self):
        """The metric of each run."""
        return [run.metrics[self.metric] for run in self.runs]

    @property
    def mean(self):
        return statistics.fmean(self.scores)

    @property
    def spread(self):
        """Sample standard deviation; None of a single run."""
        return statistics.stdev(self.scores) if len(self.runs) > 1 else None

    @property
    def seeds(self):
        """How many different ones there are."""
        return len({run.params().get("seed") for run in self.runs})

    def cost(self, metric):
        """The mean of a metric of `COSTS`; None where no run has it."""
        found = [r.metrics[metric] for r in self.runs if metric in r.metrics]
        return statistics.fmean(found) if found else None

    def history(self, metric):
        """Step -> the values that the runs have of a metric there."""
        steps = {}
        for run in self.runs:
            for step, value in run.history(metric):
                steps.setdefault(step, []).append(value)
        return dict(sorted(steps.items()))

    def __str__(self):
        words = [
            value if name == "cell" else f"{name} {short(value)}"
            for name, value in self.settings.items()
        ]
        return ", ".join(words) or "all"


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Groups of runs that were tested alike, by one metric.

    Args:
        recipe, dataset, metric, direction: str. The direction is "min" or
            "max".
        groups: list of `Group`, the best first.
        unscored: list of `runs.Found` without a finite metric, for which no
            other run with the same settings has one.
        repeated: int. Runs that a newer one with the same settings replaces.
        mixed: dict from the settings that differ inside groups to their
            values.
    """

    recipe: str
    dataset: str
    metric: str
    direction: str
    groups: list
    unscored: list
    repeated: int
    mixed: dict


def compare(found, metric, direction, by=None):
    """Groups runs by what differs, and ranks the groups.

    Scores on other data cannot be compared: there is one comparison for each
    data set of each recipe.

    Args:
        found: list of `runs.Found`, the newest first.
        metric: str.
        direction: "min" or "max".
        by: list of names of settings; None: the cell and all others that
            differ, but for the seed.

    Returns:
        list of `Comparison`, that of the newest run first.
    """
    parts = {}
    for run in found:
        place = (run.recipe, setting(run, "dataset"))
        parts.setdefault(place, []).append(run)
    return [
        _compare(*place, runs, metric, direction, by)
        for place, runs in parts.items()
    ]


def setting(run, name):
    """A parameter of a run, or a tag; "n/a" without."""
    return run.params().get(name, run.tags.get(name, "n/a"))


def short(value):
    """A setting as it is shown: a number with many digits has four."""
    try:
        number = float(value)
    except ValueError:
        return value
    return value if len(value) <= _DIGITS else f"{number:.4g}"


def close(groups):
    """Those that the best is not told from: nearer than either's spread."""
    best, *others = groups
    if best.spread is None:
        return []
    return [
        group
        for group in others
        if abs(group.mean - best.mean) <= max(best.spread, group.spread or 0)
    ]


def curves(metric, groups):
    """How groups were validated while they were trained.

    Args:
        metric: str, such as "test/accuracy".
        groups: list of `Group`.

    Returns:
        (name of the metric, such as "val/accuracy", list of what
        `Group.history` returns for each); (None, []) if nothing was validated.
    """
    for name in ("val/" + metric.removeprefix("test/"), "val/loss"):
        histories = [group.history(name) for group in groups]
        if any(histories):
            return name, histories
    return None, []


def differing(found):
    """What runs do not have alike: dict from setting to its values, sorted.

    A setting that some runs lack, such as a flag that is newer, differs if it
    does among those that have it.
    """
    values = {}
    for run in found:
        for name, value in run.params().items():
            values.setdefault(name, set()).add(value)
    return {
        name: sorted(values[name], key=_order)
        for name in sorted(values.keys() - _NO_SETTINGS)
        if len(values[name]) > 1
    }


def _compare(recipe, dataset, found, metric, direction, by):
    newest, unscored = {}, {}
    for run in found:
        settings = frozenset(
            (name, value)
            for name, value in run.params().items()
            if name not in _NO_SETTINGS
        )
        scored = math.isfinite(run.metrics.get(metric, math.nan))
        (newest if scored else unscored).setdefault(settings, run)
    kept = [*newest.values()]
    # An attempt that failed before it had all of its settings is told by its
    # place in a sweep.
    ended = {_point(run) for run in kept} - {None}
    missing = [
        run
        for key, run in unscored.items()
        if key not in newest and _point(run) not in ended
    ]
    others = differing([*kept, *missing])
    others.pop("seed", None)
    if by is None:
        by = ["cell", *(name for name in others if name != "cell")]
    sign = 1 if direction == "min" else -1
    members = {}
    for run in sorted(kept, key=lambda run: sign * run.metrics[metric]):
        key = tuple(setting(run, name) for name in by)
        members.setdefault(key, []).append(run)
    groups = [
        Group(dict(zip(by, key, strict=True)), tuple(runs), metric)
        for key, runs in members.items()
    ]
    groups.sort(key=lambda group: sign * group.mean)
    mixed = {}
    for group in groups:
        mixed |= differing(group.runs)
    return Comparison(
        recipe=recipe,
        dataset=dataset,
        metric=metric,
        direction=direction,
        groups=groups,
        unscored=missing,
        repeated=sum(
            math.isfinite(run.metrics.get(metric, math.nan)) for run in found
        )
        - len(kept),
        mixed={name: others[name] for name in others if name in mixed},
    )


def _point(run):
    """Where in a sweep a run is, or None."""
    if sweeps.SWEEP not in run.tags:
        return None
    return run.tags[sweeps.SWEEP], run.tags.get(sweeps.POINT)


def _order(value):
    """Numbers by their size, before words."""
    try:
        return (0, float(value), value)
    except ValueError:
        return (1, 0.0, value)
