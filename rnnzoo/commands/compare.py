"""`python -m rnnzoo compare`: what was trained, ranked."""

import difflib
import re

# Names of metrics whose best is the lowest.
_LOWEST = re.compile(
    r"loss|error|mse|mae|perplexity|bits|nats|seconds|memory|num_params"
)
_OF_TRIALS = ("best/loss", "min")


def compare(values):
    """Prints a table, and writes pages; see `flags.compare` for the options.

    Raises:
        ValueError: the runs cannot be read; there are none; a name that is
            none; the folder cannot be written.
    """
    from rnnzoo.training import runs

    found = select(runs.recent(), values)
    _check_names(values.by or [], _settings(found), "setting")
    measured = None
    if values.metric is not None:
        measured = _measure(found, values.metric, values.best)
    compared = show(found, values.by, measured, values.sort)
    if values.output is not None:
        from rnnzoo.commands import compare_pages

        compare_pages.write(compared, values.output, values.sort)


def show(found, by=None, measured=None, order="score"):
    """Prints a table for each data set.

    Args:
        found: list of `runs.Found`, the newest first.
        by: list of str, see `comparison.compare`.
        measured: (metric, direction), or None for those that the runs name.
        order: str. Of `comparison_table.ORDERS`.

    Returns:
        list of `comparison.Comparison`.

    Raises:
        ValueError: no run has the metric.
    """
    from rnnzoo.training import comparison, comparison_table

    parts = {measured: found} if measured else _by_headline(found)
    compared = []
    for (metric, direction), part in parts.items():
        compared += comparison.compare(part, metric, direction, by)
    scored = [one for one in compared if one.groups]
    if not scored:
        raise ValueError(_nothing_scored(compared))
    print("\n\n".join(comparison_table.text(one, order) for one in scored))
    return scored


def select(found, values):
    """The runs that a command line asks for.

    Args:
        found: list of `runs.Found`, the newest first.
        values: what `parser.parse` returns for "compare".

    Returns:
        list of `runs.Found`, not empty.

    Raises:
        ValueError: none are left, and why.
    """
    from rnnzoo.training import sweeps

    found = [run for run in found if run.kind == values.kind]
    if not found:
        raise ValueError(_none_yet(values.kind))
    found = _of_recipes(found, values)
    if values.sweep is not None:
        found = _of_sweep(found, values.sweep, sweeps.SWEEP)
    for name, wanted in values.where:
        found = _where(found, name, wanted)
    asked = values.sweep is not None or any(
        n == "smoke" for n, _ in values.where
    )
    whole = [run for run in found if run.params().get("smoke") != "True"]
    return found if asked or not whole else whole


def _measure(found, metric, best):
    """--metric and --best, of which the first may say the second."""
    known = {name: None for run in found for name in run.metrics}
    _check_names([metric], known, "metric")
    lowest = _LOWEST.search(metric.rpartition("/")[2])
    return metric, best or ("min" if lowest else "max")


def _by_headline(found):
    """(metric, direction) -> the runs that are compared by it."""
    named = {}
    for run in found:
        if "rnnzoo.headline" in run.tags:
            named.setdefault(run.recipe, _headline(run))
    parts = {}
    for run in found:
        headline = _headline(run)
        if headline is None:
            # It failed before this was known, or is one of a search.
            headline = named.get(run.recipe, _OF_TRIALS)
        parts.setdefault(headline, []).append(run)
    return parts


def _headline(run):
    name = run.tags.get("rnnzoo.headline")
    return name and (name, run.tags.get("rnnzoo.direction", "max"))


def _of_recipes(found, values):
    known = {run.recipe: None for run in found if run.recipe}
    wanted = values.recipes
    if not wanted:
        if values.sweep is not None:
            return found
        wanted = [found[0].recipe]
    for name in wanted:
        if name not in known and name:
            raise ValueError(
                f"There are no runs of {name!r} here{_near(name, known)} There "
                f"are runs of {', '.join(sorted(known))}."
            )
    return [run for run in found if run.recipe in wanted]


def _of_sweep(found, word, tag):
    ids = list(dict.fromkeys(r.tags[tag] for r in found if tag in r.tags))
    meant = (
        ids[:1]
        if word == "latest"
        else [each for each in ids if each.startswith(word)]
    )
    if len(meant) != 1:
        known = f"; there are {', '.join(ids[:5])}" if ids else ""
        what = f"no sweep {word!r}" if not meant else f"several sweeps {word!r}"
        raise ValueError(
            f"There is {what} here{known}. `python -m rnnzoo sweep --help` "
            "tells how to make one."
        )
    return [run for run in found if run.tags.get(tag) == meant[0]]


def _where(found, name, wanted):
    _check_names([name], _settings(found), "setting")
    from rnnzoo.training.comparison import setting

    seen = {setting(run, name): None for run in found}
    kept = [
        run
        for run in found
        if any(_same(setting(run, name), value) for value in wanted)
    ]
    if not kept:
        shown = ", ".join(list(seen)[:10])
        raise ValueError(
            f"No run has {name}={','.join(wanted)}; there are runs with {name} "
            f"{shown}."
        )
    return kept


def _same(one, other):
    if one.casefold() == other.casefold():
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _settings(found):
    """The names that runs can be told apart by, ours of their tags too."""
    return {
        name: None
        for run in found
        for name in (*run.params(), *run.tags)
        if not name.startswith("mlflow.")
    }


def _check_names(names, known, what):
    for name in names:
        if name not in known:
            raise ValueError(
                f"No run has the {what} {name!r}{_near(name, known)} There "
                f"are: {', '.join(known)}."
            )


def _near(word, known):
    match = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {match[0]}?" if match else "."


def _none_yet(kind):
    what, command = {
        "train": ("runs", "rnnzoo sweep digits cell=gru,lstm seed=1,2,3"),
        "trial": ("trials of searches", "recipes.digits --tune random"),
        "evaluate": ("tests of runs", "recipes.digits --evaluate latest"),
    }[kind]
    return (
        f"There are no {what} here to compare. Runs are looked for in "
        "./mlruns, or where MLFLOW_TRACKING_URI says. This makes some: python "
        f"-m {command}"
    )


def _nothing_scored(compared):
    from rnnzoo.training import comparison_table

    told = [" ".join(comparison_table.notes(one)) for one in compared]
    return (
        f"None of {sum(len(one.unscored) for one in compared)} runs has the "
        f"metric that they are compared by. {' '.join(told)} A training "
        "tests when it ends; the same command again goes on with one that was "
        "stopped."
    )
