"""One search from its beginning to its end, in one process or in several."""

import dataclasses
import os
import pathlib
import re
import secrets
import socket
import time

from rnnzoo.training import tracking
from rnnzoo.training.search import crew, oracles, summary, tuner
from rnnzoo.training.search.attempt import attempt
from rnnzoo.training.search.plan import Plan
from rnnzoo.training.search.trials import Records, number
from rnnzoo.training.unfinished import Unfinished


class AllFailed(ValueError):
    """No trial of a search ended well."""


def search(
    recipe,
    config,
    search_space,
    learn,
    *,
    kind="random",
    trials,
    objective=("val/loss", "min"),
    workers=None,
    address=None,
    joins=False,
    fresh=False,
    then=None,
    root="mlruns",
):
    """Trains with several Configs, and says which was the best.

    In MLflow the search is one run, tagged rnnzoo.kind = search, and each
    trial is one nested in it, tagged rnnzoo.kind = trial, with all of its
    Config as parameters; both have the tag rnnzoo.search_id. A trial that
    fails is kept with its reason, and the next one starts. The search's own
    run gets the best trial's values as parameters best/..., its metrics, and
    the table that is printed at the end as trials.txt.

    After Ctrl-C the table of the trials so far is printed, and both runs are
    marked KILLED. Killed in whatever way, the same command goes on: trials
    that ended are not trained again, and one that was killed goes on from its
    last checkpoint. The number of trials and of workers may change.

    Args:
        recipe, config, search_space, learn: of `plan.Plan`.
        kind: str. How trials are chosen: "random"; "bayesian", by a Gaussian
            process over those before; "grid", all combinations, of which the
            value named last changes first; "hyperband" (Li et al. 2018,
            http://jmlr.org/papers/v18/16-558.html), which trains many for few
            epochs and goes on with the best third.
        trials: int. At most so many; fewer where the space has no more.
        objective: name of one of the metrics that `learn` returns, and "min"
            or "max".
        workers: int or None. How many processes train, one trial each, beside
            one that chooses: they are this process's own command, started
            again. None: this process does all.
        address: str or None. "host:port" on which workers of other machines
            reach the process that chooses. There is no authentication: whoever
            reaches the port can take part.
        joins: bool. Whether that process is another machine's, and this one
            only adds its workers.
        fresh: bool. Starts anew where there is a search to go on with.
        then: function of the best Config, called before the search is
            forgotten: after it was killed, the search does not begin anew.
        root: str or path. Of `tracking.Run`.

    Returns:
        The best trial's Config. None in a process that only takes part.

    Raises:
        ValueError: an unknown kind or direction, no trials, `learn` does not
            return the objective, or all trials failed.
    """
    plan = Plan(
        recipe,
        config,
        search_space,
        learn,
        kind,
        trials,
        objective,
        root,
        workers=workers or 1,
    )
    part = crew.me()
    if part is not None:
        _take_part(plan, part)
        return None
    settings = {**dataclasses.asdict(config), "search_kind": kind}
    with _Place(
        f"search-{recipe}{'-joined' * joins}", settings, root, fresh=fresh
    ) as place:
        if joins:
            crew.Crew(
                plan.workers,
                place.directory,
                address,
                joins=True,
                label=_label(place),
            ).run()
            return None
        best = _lead(plan, place, workers is not None, address)
        if then is not None:
            then(best)
    return best


class _Place(Unfinished):
    """What a search goes on with; nothing of one whose trials all failed."""

    def is_done(self, kind):
        return kind is None or issubclass(kind, AllFailed)


def _label(place):
    """What tells this machine's workers from those of others.

    It stays the same when a killed search goes on: the chief has noted which
    trial is whose. KerasTuner takes each name with "chief" in it for its own.
    """
    if "label" not in place.notes:
        machine = re.sub("[^a-z0-9]|chief", "", socket.gethostname().lower())
        place.note(label=f"{machine}-{secrets.token_hex(2)}-")
    return place.notes["label"]


def _lead(plan, place, in_workers, address):
    """The search itself, in its run; returns the best Config."""
    plan.directory = place.directory
    if "search_id" not in place.notes:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        place.note(search_id=f"{stamp}-{os.getpid()}")
    search_id = place.notes["search_id"]
    records = Records(place.directory / "trials")
    with tracking.Run(
        plan.recipe,
        f"search-{plan.kind}-s{plan.config.seed}",
        {
            **_unsearched(plan),
            "search_kind": plan.kind,
            "search_trials": plan.trials,
            "search_objective": f"{plan.objective[1]} {plan.objective[0]}",
        },
        plan.root,
        run_id=place.run_id,
        kind="search",
        tags={"rnnzoo.search_id": search_id},
    ) as run:
        place.note(run_id=run.run_id)
        oracle = oracles.make(plan, run.run_id, search_id)
        known = len(records.ended())
        if known:
            trials = f"{known} trial{'s' * (known > 1)}"
            print(f"Going on after {trials}, kept in {place.directory}")
        try:
            if in_workers:
                crew.Crew(
                    plan.workers,
                    place.directory,
                    address,
                    label=_label(place) if address else "",
                    run_id=run.run_id,
                    search_id=search_id,
                ).run()
            else:
                tuner.make(oracle, plan, _trainer(plan, records)).search()
        finally:
            if in_workers:
                tuner.reload(oracle, plan)
            found = tuner.tried(oracle, plan, records)
            best = _show(run, plan, found)
        if best is None:
            raise AllFailed(
                f"All {len(found)} trials failed, the first with "
                f"{found[0].reason}. Train once without a search until that "
                "works; each trial's folder has its error.txt."
            )
        _log_history(run, plan, oracle, found)
        if len(found) < plan.trials:
            print(f"The space had no more than these {len(found)} trials.")
    return best.config


def _unsearched(plan):
    """The settings that all trials share: others are none of the search's."""
    import keras_tuner

    space = keras_tuner.HyperParameters()
    plan.space(space)
    searched = {parameter.name for parameter in space.space}
    settings = dataclasses.asdict(plan.config)
    return {name: settings[name] for name in settings.keys() - searched}


def _take_part(plan, part):
    """What the chief and each worker do."""
    plan.directory = pathlib.Path(part["directory"])
    oracle = oracles.make(plan, part.get("run_id"), part.get("search_id", ""))
    records = Records(plan.directory / "trials")
    train = _trainer(plan, records, part["name"])
    tuner.make(oracle, plan, train).search()


def _trainer(plan, records, worker=None):
    """A function that trains a `trials.Trial`, and says how that went."""

    def train(trial):
        print(f"\n=== Trial {trial.number} of {plan.trials}: {trial} ===\n")
        trial.worker = worker
        attempt(trial, plan, records)
        print(f"\n{summary.progress(trial, plan, records.ended())}")

    return train


def _show(run, plan, found):
    """Prints and logs the trials, best first; the best, or None."""
    if not found:
        return None
    ranked = summary.ranked(found, plan.objective[1])
    table = summary.table(ranked, plan.objective[0])
    run.log_text(table + "\n", "trials.txt")
    print(f"\n{table}\n")
    best = ranked[0]
    if best.reason:
        return None
    # Under their own names, so that they are in one column with the trials'.
    run.log_metrics(
        {
            name: best.metrics[name]
            for name in best.metrics
            if not name.startswith("perf/")
        }
    )
    print(
        f"The best is trial {best.number}. To train it again:\n"
        f"  {summary.command(plan.recipe, best.config)}\n"
        "To see all trials side by side, here and in MLflow:\n"
        f"  python -m rnnzoo compare --search {run.tags['rnnzoo.search_id']}"
    )
    return best


def _log_history(run, plan, oracle, found):
    """Logs the best trial, and how the search came to it."""
    best = summary.ranked(found, plan.objective[1])[0]
    values = {f"best/{name}": best.values[name] for name in best.values}
    run.log_params({**values, "best/trial": best.number})
    choose = min if plan.objective[1] == "min" else max
    scores = {trial.number: trial.score for trial in found if not trial.reason}
    so_far = None
    for step, trial_id in enumerate(oracle.end_order, start=1):
        score = scores.get(number(trial_id))
        if score is None:
            continue
        so_far = score if so_far is None else choose(so_far, score)
        run.log_metrics(
            {"search/score": score, "search/best": so_far}, step=step
        )
