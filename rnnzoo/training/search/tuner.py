"""KerasTuner's part: it asks the oracle what is next, until that has enough."""

import contextlib
import io
import math
import time

from rnnzoo.training.search import crew, oracles, trials

# Between two questions to an oracle that waits for other workers, in seconds.
_PAUSE = 0.5

_PROJECT = "keras_tuner"


def make(oracle, plan, attempt):
    """A tuner over the space of a plan, which goes on with an earlier one.

    Args:
        oracle: of `oracles.make`.
        plan: `plan.Plan`.
        attempt: function of a `trials.Trial` that trains it and fills in how
            it went.

    Returns:
        `keras_tuner.engine.base_tuner.BaseTuner`.
    """
    import keras_tuner

    class Tuner(keras_tuner.engine.base_tuner.BaseTuner):
        asked = False

        def pre_create_trial(self):
            # Where a trial waits for those of others, KerasTuner would ask
            # as often as it can, with the processor that they need.
            if self.asked:
                time.sleep(_PAUSE)
            self.asked = True

        def on_trial_begin(self, trial):
            # Here and not in `run_trial`, where KerasTuner would take an
            # error in a recipe's search space for a trial that failed.
            self.asked = False
            self.trial = trials.chosen(trial, plan.space)

        def run_trial(self, trial):
            attempt(self.trial)
            # KerasTuner asks for a number after a failure too, warns of NaN,
            # and leaves the number alone once the trial is FAILED.
            name, direction = plan.objective
            if not self.trial.reason:
                return {**self.trial.metrics, name: self.trial.score}
            worst = oracles.worst(plan.kind, direction)
            return {name: math.inf if worst is None else worst}

        def on_trial_end(self, trial):
            if oracles.worst(plan.kind, "min") is None and self.trial.reason:
                trial.status = "FAILED"
            with _quiet():
                super().on_trial_end(trial)

    with _quiet():
        tuner = Tuner(
            oracle,
            plan.space,
            directory=str(plan.directory),
            project_name=_PROJECT,
        )
    part = crew.me()
    if part is None or crew.is_chief(part):
        # KerasTuner reloads only what the same worker, by name, has left.
        reload(oracle, plan)
    return tuner


def _quiet():
    """Hides what KerasTuner prints: that it reloads, and values of spaces."""
    return contextlib.redirect_stdout(io.StringIO())


def reload(oracle, plan):
    """Lets an oracle know what an earlier process, or another, has tried.

    Returns:
        Whether there was any.
    """
    oracle._set_project_dir(str(plan.directory), _PROJECT)
    if not (plan.directory / _PROJECT / "oracle.json").is_file():
        return False
    limit = oracle.max_trials
    oracle.reload()
    oracles.mend(oracle)
    oracle.max_trials = limit
    return True


def tried(oracle, plan, records):
    """The trials of an oracle as `trials.Trial`, in the order of numbers."""
    found = []
    for _, theirs in sorted(oracle.trials.items()):
        trial = trials.chosen(theirs, plan.space)
        if theirs.status == "RUNNING":
            continue
        # On another machine, of which this one knows what KerasTuner does.
        if theirs.score is not None and abs(theirs.score) < 1e30:
            trial.score = theirs.score
            trial.metrics = {
                name: theirs.metrics.get_best_value(name)
                for name in theirs.metrics.metrics
            }
            trial.seconds = trial.metrics.get("perf/fit_seconds", 0.0)
        else:
            trial.reason = "failed on another machine, see its run"
        records.recall(trial)
        trial.ended = True
        found.append(trial)
    return sorted(found, key=lambda trial: trial.number)
