"""Training one trial of a search, so that a failure is not the end of it."""

import contextlib
import math
import pathlib
import re
import time

from rnnzoo.training import points, resume, store, tracking
from rnnzoo.training.search.trials import word

# How long a trial waits for a process that has it still, in seconds: one whose
# search was killed ends by itself, and keeps what was learnt first.
_PATIENCE = 60.0


class GivenUp(RuntimeError):
    """A trial is not tried again, since its process dies of it."""


def attempt(trial, plan, records):
    """Trains one trial, and fills in how it went.

    A trial that was killed goes on from its last checkpoint, in its run. One
    that goes on with an earlier trial begins with what that has learnt, where
    its checkpoints are on this machine; its run has the earlier epochs too.

    Args:
        trial: `trials.Trial`.
        plan: `plan.Plan`.
        records: `trials.Records`.

    Raises:
        ValueError: the objective is not among what was learnt. All other
            errors are those of the trial alone, and become its `reason`.
    """
    import keras
    import keras_tuner

    records.recall(trial)
    if trial.ended:  # by a process that was killed before it could say so
        return
    # What the trial before left behind: its graphs and its weights.
    keras.utils.clear_session()
    started = time.perf_counter()
    session = resume.Session(
        plan.recipe,
        trial.config,
        plan.directory,
        keep=trial.epochs is not None,
    )
    run = tracking.Run(
        plan.recipe,
        _name(trial),
        trial.config,
        plan.root,
        run_id=trial.run_id,
        parent=trial.parent,
        kind="trial",
        tags={"rnnzoo.search_id": trial.search_id},
    )
    try:
        with contextlib.ExitStack() as entered:
            _enter(entered, session)
            entered.enter_context(run)
            if trial.reason:
                raise GivenUp(trial.reason)
            trial.run_id, trial.directory = run.run_id, str(run.directory)
            records.keep(trial)
            if trial.epochs is not None:
                run.log_params({"search_epochs": trial.epochs})
            if trial.earlier and session.begun:
                _inherit(run, records.read(trial.earlier))
            # If it has a score, it was killed before its run could end.
            if math.isnan(trial.score):
                _learn(trial, plan, run, session)
                records.keep(trial)
    except keras_tuner.errors.FatalError:
        raise
    except BrokenPipeError as error:
        # Who shows what this process prints was killed: no fault of the trial.
        raise KeyboardInterrupt from error
    except Exception as error:  # whatever ails one trial, the next may do
        trial.reason = store.sentence(error)
        print(f"\nTrial {trial.number} failed: {trial.reason}.")
    finally:
        trial.seconds += time.perf_counter() - started
        records.keep(trial)
    trial.ended = True
    records.keep(trial)


def _enter(stack, session):
    """Enters a session as soon as no other process has it."""
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            return stack.enter_context(session)
        except ValueError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.5)


def _learn(trial, plan, run, session):
    """Trains it, and fills in how good it is."""
    import keras_tuner

    trial.metrics = plan.learn(trial.config, run, session, trial.epochs)
    objective = plan.objective[0]
    if objective not in trial.metrics:
        # The kind of error that KerasTuner lets through: all other trials
        # would end like this one.
        raise keras_tuner.errors.FatalValueError(
            f"The objective {objective!r} is not among what was learnt: "
            f"{', '.join(trial.metrics)}. Name one of these."
        )
    score = float(trial.metrics[objective])
    if not math.isfinite(score):
        raise FloatingPointError(f"{objective} is {score}")
    trial.score = score


def _name(trial):
    """What the list of runs shows."""
    words = map(word, [trial.number, *trial.values.values()])
    return re.sub(r"[^\w.-]+", "_", "-".join(words))[:100]


def _inherit(run, earlier):
    """Logs the epochs of the trial that this one goes on with.

    Not those that it has already, from before it was killed.
    """
    known = {line["step"] for line in _logged(run.directory)}
    for line in _logged(earlier.get("directory")):
        step = line.pop("step")
        line.pop("time")
        if step > 0 and step not in known:
            run.log_metrics(line, step=step)


def _logged(directory):
    """What a run has logged, in order; nothing of one on another machine."""
    try:
        return points.read(pathlib.Path(directory, points.FILE))
    except (OSError, TypeError):
        return []
