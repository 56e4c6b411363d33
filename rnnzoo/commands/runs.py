"""`python -m rnnzoo list`: the runs that there are."""

import time


def show(values):
    """Prints a table; see `flags.list` for the options.

    Raises:
        ValueError: the runs cannot be read, or there are none.
    """
    from rnnzoo.training import report, runs

    found = [run for run in runs.recent() if run.kind != "trial"]
    recipes = sorted({run.recipe for run in found if run.recipe})
    if values.recipe is not None:
        found = [run for run in found if run.recipe == values.recipe]
    if not found:
        what = (
            "no runs"
            if values.recipe is None
            else (f"no runs of {values.recipe!r}")
        )
        known = f"; there are runs of {', '.join(recipes)}" if recipes else ""
        raise ValueError(
            f"There are {what} here{known}. Runs are looked for in ./mlruns, "
            "or where MLFLOW_TRACKING_URI says."
        )
    print(
        report.table(
            ["run", "recipe", "name", "started", "status", "test scores"],
            [_row(run) for run in found[: values.count]],
        )
    )
    if len(found) > values.count:
        print(
            f"and {len(found) - values.count:,} older ones: --count shows them"
        )


def _row(run):
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started))
    scores = [
        f"{name.removeprefix('test/')} {value:.4g}"
        for name, value in sorted(run.metrics.items())
        if name.startswith("test/") and name.count("/") == 1
    ]
    return [
        run.label,
        run.recipe,
        run.name,
        started,
        run.status.lower(),
        ", ".join(scores),
    ]
