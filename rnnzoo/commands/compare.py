"""`python -m rnnzoo compare`: what was trained, ranked."""

import re

from rnnzoo.commands import compare_links, selection

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

    found, conditions = selection.select(runs.recent(), values)
    selection.check_names(values.by or [], selection.settings(found), "setting")
    measured = None
    if values.metric is not None:
        measured = _measure(found, values.metric, values.best)
    ranked = show(found, values.by, measured, values.sort)
    compare_links.show(ranked, conditions, selection.scope(found, values))
    if values.output is not None:
        from rnnzoo.commands import compare_pages

        compare_pages.write(ranked, values.output, values.sort)


def show(found, by=None, measured=None, order="score"):
    """Prints a table for each data set.

    Args:
        found, by, measured: as for `compared`.
        order: str. Of `comparison_table.ORDERS`.

    Returns:
        list of `comparison.Comparison`, all with groups.

    Raises:
        ValueError: no run has the metric.
    """
    from rnnzoo.training import comparison_table

    every = compared(found, by, measured)
    scored = [one for one in every if one.groups]
    if not scored:
        raise ValueError(_nothing_scored(every))
    print("\n\n".join(comparison_table.text(one, order) for one in scored))
    return scored


def compared(found, by=None, measured=None):
    """Ranks runs by the metrics that they name.

    Args:
        found: list of `runs.Found`, the newest first.
        by: list of str, see `comparison.compare`.
        measured: (metric, direction) to go by instead, or None.

    Returns:
        list of `comparison.Comparison`.
    """
    from rnnzoo.training import comparison

    parts = {measured: found} if measured else _by_headline(found)
    return [
        one
        for (metric, direction), part in parts.items()
        for one in comparison.compare(part, metric, direction, by)
    ]


def _measure(found, metric, best):
    """--metric and --best, of which the first may say the second."""
    known = {name: None for run in found for name in run.metrics}
    selection.check_names([metric], known, "metric")
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


def _nothing_scored(every):
    from rnnzoo.training import comparison_table

    told = [" ".join(comparison_table.notes(one)) for one in every]
    return (
        f"None of {sum(len(one.unscored) for one in every)} runs has the "
        f"metric that they are compared by. {' '.join(told)} A training "
        "tests when it ends; the same command again goes on with one that was "
        "stopped."
    )
