"""Search for a better Config: KerasTuner chooses, MLflow keeps every trial."""

import dataclasses
import math
import os
import re
import shlex
import time

from rnnzoo.training import report, store, tracking

KINDS = ("random",)


@dataclasses.dataclass
class Trial:
    """One Config that was tried.

    `number` counts from 1; `values` are those that KerasTuner chose, by name;
    `score` is the objective, NaN for a trial that failed, whose `reason` is
    one sentence.
    """

    number: int
    values: dict
    config: object
    score: float = math.nan
    metrics: dict = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""

    def __str__(self):
        return ", ".join(f"{k} {_word(v)}" for k, v in self.values.items())


def search(
    recipe,
    config,
    search_space,
    learn,
    *,
    kind="random",
    trials,
    objective=("val/loss", "min"),
    root="mlruns",
):
    """Trains with several Configs, and says which was the best.

    In MLflow the search is one run, tagged rnnzoo.kind = search, and each
    trial is one nested in it, tagged rnnzoo.kind = trial, with all of its
    Config as parameters; both have the tag rnnzoo.search_id. A trial that
    fails is kept with its reason, and the next one starts. The search's own
    run gets the best trial's values as parameters and metrics best/..., and
    the table that is printed at the end as trials.txt.

    After Ctrl-C the table of the trials so far is printed, and both runs are
    marked KILLED.

    Args:
        recipe: str. The name of recipes/<recipe>.py, also the experiment.
        config: frozen dataclass with a `seed`, from which the choices follow.
            What no trial changes is taken from it.
        search_space: function of (hp, config), `hp` being
            `keras_tuner.HyperParameters`, that returns a trial's Config.
        learn: function of (config, run) that sets the seeds, trains one
            Config, logs to `run`, and returns a dict from name to float.
        kind: str. How trials are chosen, one of `KINDS`.
        trials: int. At most so many; fewer where the space has no more.
        objective: name of one of the metrics that `learn` returns, and "min"
            or "max".
        root: str or path. Of `tracking.Run`.

    Returns:
        The best trial's Config.

    Raises:
        ValueError: an unknown kind or direction, no trials, `learn` does not
            return the objective, or all trials failed.
    """
    _check(kind, trials, objective)
    settings = {
        **dataclasses.asdict(config),
        "search_kind": kind,
        "search_trials": trials,
        "search_objective": f"{objective[1]} {objective[0]}",
    }
    name = f"search-{kind}-s{config.seed}"
    stamp = time.strftime("%Y%m%d-%H%M%S")
    tags = {"rnnzoo.search_id": f"{stamp}-{os.getpid()}"}
    tried = []

    def attempt(trial):
        print(f"\n=== Trial {trial.number} of {trials}: {trial} ===\n")
        _attempt(trial, recipe, learn, objective[0], root, tags)
        tried.append(trial)

    with tracking.Run(
        recipe, name, settings, root, kind="search", tags=tags
    ) as run:
        tuner = _tuner(
            _oracle(objective, trials, config.seed),
            lambda hp: search_space(hp, config),
            attempt,
            objective[0],
            run.directory,
        )
        try:
            tuner.search()
        finally:
            best = _show(run, recipe, tried, objective)
        if best is None:
            raise ValueError(
                f"All {len(tried)} trials failed, the first with "
                f"{tried[0].reason}. Train once without a search until that "
                "works; each trial's folder has its error.txt."
            )
        if len(tried) < trials:
            print(f"The space had no more than these {len(tried)} trials.")
    return best.config


def command(recipe, config):
    """The command that trains `config`: the flags that are off their defaults.

    Args:
        recipe: str. The name of recipes/<recipe>.py.
        config: dataclass whose fields are its flags.

    Returns:
        str, to be pasted into a shell.
    """
    words = ["python", "-m", f"recipes.{recipe}"]
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if value == field.default:
            continue
        if isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{field.name}")
        else:
            value = "none" if value is None else str(value)
            words += [f"--{field.name}", value]
    return shlex.join(words)


def _check(kind, trials, objective):
    if kind not in KINDS:
        raise ValueError(
            f"Got the kind of search {kind!r}; known are {', '.join(KINDS)}."
        )
    if trials < 1:
        raise ValueError(
            f"Got {trials} trials; a search needs at least 1, such as 10."
        )
    if objective[1] not in ("min", "max"):
        raise ValueError(
            f"Got the direction {objective[1]!r} for {objective[0]}; give "
            "min or max."
        )


def _oracle(objective, trials, seed):
    # 4 to 5 s, and an extra: not at the top of this file.
    import keras_tuner

    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective=keras_tuner.Objective(*objective),
        max_trials=trials,
        seed=seed + 1,  # KerasTuner takes 0 for "any"
        max_consecutive_failed_trials=trials + 1,
    )
    oracle.verbose = 0
    return oracle


def _tuner(oracle, space, attempt, objective, directory):
    """A tuner that calls `attempt(trial)` for each `Trial`."""
    import keras_tuner

    class Tuner(keras_tuner.engine.base_tuner.BaseTuner):
        def on_trial_begin(self, trial):
            # Here and not in `run_trial`, where KerasTuner would take an
            # error in a recipe's search space for a trial that failed.
            config = self.hypermodel.build(trial.hyperparameters)
            values = trial.hyperparameters.values
            self.trial = Trial(int(trial.trial_id) + 1, values, config)

        def run_trial(self, trial):
            attempt(self.trial)
            # KerasTuner asks for a number after a failure too, warns of NaN,
            # and leaves the number alone once the trial is FAILED.
            failed = self.trial.reason
            return {objective: math.inf if failed else self.trial.score}

        def on_trial_end(self, trial):
            if self.trial.reason:
                trial.status = "FAILED"
                trial.message = self.trial.reason
            super().on_trial_end(trial)

    return Tuner(
        oracle, space, directory=str(directory), project_name="keras_tuner"
    )


def _attempt(trial, recipe, learn, objective, root, tags):
    """Trains one trial, and fills in how it went."""
    import keras
    import keras_tuner

    # What the trial before left behind: its graphs and its weights.
    keras.utils.clear_session()
    started = time.perf_counter()
    name = "-".join([str(trial.number), *map(_word, trial.values.values())])
    name = re.sub(r"[^\w.-]+", "_", name)[:100]
    run = tracking.Run(
        recipe, name, trial.config, root, kind="trial", tags=tags
    )
    try:
        with run:
            trial.metrics = learn(trial.config, run)
            if objective not in trial.metrics:
                # The kind of error that KerasTuner lets through: all other
                # trials would end like this one.
                raise keras_tuner.errors.FatalValueError(
                    f"The objective {objective!r} is not among what was "
                    f"learnt: {', '.join(trial.metrics)}. Name one of these."
                )
            score = float(trial.metrics[objective])
            if not math.isfinite(score):
                raise FloatingPointError(f"{objective} is {score}")
            trial.score = score
    except keras_tuner.errors.FatalError:
        raise
    except Exception as error:  # whatever ails one trial, the next may do
        trial.reason = store.sentence(error)
        print(f"\nTrial {trial.number} failed: {trial.reason}.")
    trial.seconds = time.perf_counter() - started


def _show(run, recipe, tried, objective):
    """Prints and logs the trials, best first; the best, or None."""
    sign = 1 if objective[1] == "min" else -1
    good = [trial for trial in tried if not trial.reason]
    good.sort(key=lambda trial: sign * trial.score)
    failed = [trial for trial in tried if trial.reason]
    if tried:
        table = _table([*good, *failed], objective[0])
        run.log_text(table + "\n", "trials.txt")
        print(f"\n{table}\n")
    if not good:
        return None
    best = good[0]
    values = {f"best/{name}": best.values[name] for name in best.values}
    run.log_params({**values, "best/trial": best.number})
    run.log_metrics(
        {f"best/{name}": best.metrics[name] for name in best.metrics}
    )
    print(
        f"The best is trial {best.number}. To train it again:\n"
        f"  {command(recipe, best.config)}"
    )
    return best


def _table(trials, objective):
    names = list(dict.fromkeys(key for t in trials for key in t.values))
    header = ["trial", objective, "seconds", *names]
    rows = [
        [
            str(trial.number),
            "failed" if trial.reason else _word(trial.score),
            f"{trial.seconds:.0f}",
            *(_word(trial.values.get(name, "n/a")) for name in names),
        ]
        for trial in trials
    ]
    if any(trial.reason for trial in trials):
        header.append("reason")
        rows = [
            [*row, trial.reason]
            for row, trial in zip(rows, trials, strict=True)
        ]
    return report.table(header, rows)


def _word(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)
