"""`python -m rnnzoo sweep`: a recipe with each combination of settings."""

import collections
import os
import pathlib
import re
import signal
import time

from rnnzoo.commands import compare, compare_links, sweep_check
from rnnzoo.commands.attempt import Attempt
from rnnzoo.commands.board import Board
from rnnzoo.training import sweeps
from rnnzoo.training.interrupts import Asked

_FOLDER = pathlib.Path("mlruns", "sweeps")
# What a training that was stopped ends with.
_STOPPED = 130


def sweep(values):
    """Trains what has not been trained yet, and ranks it all.

    Args:
        values: what `parser.parse` returns for "sweep".

    Returns:
        int. The exit status: 0 once all have ended well, 1 if some have
        failed, 130 after Ctrl-C or SIGTERM.

    Raises:
        ValueError: settings, or a recipe, that are none; the runs cannot be
            read.
    """
    from rnnzoo.training import runs

    plan = sweeps.Plan(
        values.recipe, dict(values.settings), tuple(values.command_line)
    )
    points = plan.points()
    configs = sweep_check.checked(plan)
    found = runs.recent()
    last = sweeps.latest(plan.name, found)
    sweep_id = last or plan.name
    if values.fresh:
        sweep_id = sweeps.next_id(plan.name, last)
    if values.jobs > 1:
        # Else the first run takes all memory of a GPU that it shares.
        os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    todo = _attempts(plan, sweep_id, values.fresh, found)
    before = len(points) - len(todo)
    print(f"Sweep {sweep_id}: {len(points)} runs, {values.jobs} at a time")
    if before:
        print(f"{before} of them ended before; --fresh trains them anew")
    names = map(sweeps.point_name, points)
    params = dict(zip(names, configs, strict=True))
    board = Board(len(points), before, values.jobs)
    failed = 0
    with Asked() as asked:
        for attempt in _run(todo, values.jobs, board, asked):
            if attempt.status == 0:
                board.ended(attempt, _score(sweep_id, attempt))
            elif not asked.signals:
                failed += 1
                reason = attempt.reason()
                _keep_failure(
                    plan, sweep_id, attempt, params[attempt.point], reason
                )
                result = f"failed ({reason}), see {attempt.path}"
                board.ended(attempt, result, counts=False)
        if asked.signals:
            board.say("Stopped. The same command goes on.")
            return _STOPPED
    wanted = set(params)
    print()
    ranked = compare.show(
        [
            run
            for run in _runs_of(sweep_id)
            if run.tags.get(sweeps.POINT) in wanted
        ]
    )
    compare_links.show(ranked, {f"tags.{sweeps.SWEEP}": sweep_id}, sweep_id)
    return 1 if failed else 0


def _attempts(plan, sweep_id, fresh, found):
    """What is not trained yet, in its order."""
    done = {
        run.tags.get(sweeps.POINT)
        for run in found
        if run.tags.get(sweeps.SWEEP) == sweep_id
        and run.status in ("FINISHED", "UNTRACKED")
    }
    command = sweep_check.command(plan.recipe)
    attempts = collections.deque()
    for point in plan.points():
        name = sweeps.point_name(point)
        if name in done:
            continue
        file = re.sub(r"[^\w.=-]+", ",", name)[:150]
        attempts.append(
            Attempt(
                [*command, *plan.words(point), *["--fresh"] * fresh],
                sweep_id,
                point,
                plan.label(point),
                _FOLDER / sweep_id / f"{file}.log",
            )
        )
    return attempts


def _run(todo, jobs, board, asked):
    """Runs all; yields each when it has ended."""
    running = []
    while todo or running:
        if asked.signals:
            todo.clear()
        while todo and len(running) < jobs:
            if not todo[0].start():
                break  # until another process, such as a stopped one, ends
            running.append(todo.popleft())
        time.sleep(0.2)
        if asked.signals:
            # The second one is for those that do not end.
            number = asked.signals[0]
            number = number if len(asked.signals) == 1 else signal.SIGKILL
            for attempt in running:
                attempt.stop(number)
        board.look(running)
        for attempt in [one for one in running if one.ended()]:
            running.remove(attempt)
            yield attempt


def _runs_of(sweep_id):
    """The runs of a sweep, the newest first."""
    from rnnzoo.training import runs

    return [
        run for run in runs.recent() if run.tags.get(sweeps.SWEEP) == sweep_id
    ]


def _run_of(sweep_id, attempt):
    """The newest run of an attempt, or None."""
    for run in _runs_of(sweep_id):
        if run.tags.get(sweeps.POINT) == attempt.point:
            return run
    return None


def _score(sweep_id, attempt):
    """The headline of a run that has ended, in words."""
    run = _run_of(sweep_id, attempt)
    name = run and run.tags.get("rnnzoo.headline")
    if not name or name not in run.metrics:
        return "ended without a score"
    return f"{name} {run.metrics[name]:.4g}"


def _keep_failure(plan, sweep_id, attempt, params, reason):
    """Leaves a run that tells of it, where the process could not."""
    from rnnzoo.training import failures, store

    try:
        run = _run_of(sweep_id, attempt)
        if run is not None and run.status == "RUNNING":
            failures.end(run.recipe, run.run_id, reason)
        elif run is None or run.status != "FAILED":
            tags = {
                "rnnzoo.kind": "train",
                sweeps.SWEEP: sweep_id,
                sweeps.POINT: attempt.point,
            }
            recipe = pathlib.Path(plan.recipe).stem
            failures.keep(recipe, attempt.label, params, tags, reason)
    except Exception as error:  # whatever ails a store, the others go on
        print(f"It is not in MLflow ({store.sentence(error)}).")
