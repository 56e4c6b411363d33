"""Comparisons as tables, for a terminal and in Markdown."""

import collections
import math

from rnnzoo.training import comparison, report

# Reasons and values that are told; the others are counted.
_SHOWN = 5


def head(found):
    """What is compared, in one line."""
    best = "lowest" if found.direction == "min" else "highest"
    runs = sum(len(group.runs) for group in found.groups)
    return (
        f"{found.recipe or 'untracked'} on {found.dataset}: {found.metric}, "
        f"the {best} first, of {_count(runs, 'run')}"
    )


def rows(found, order="score"):
    """Head and lines of the table of a `comparison.Comparison`.

    Args:
        found: `comparison.Comparison` with groups.
        order: str. What the lines are ordered by, of `ORDERS`.

    Returns:
        (list of str, list of lists of str).
    """
    settings = list(found.groups[0].settings)
    seeded = all(len(group.runs) == group.seeds for group in found.groups)
    header = [
        "rank",
        *settings,
        "seeds" if seeded else "runs",
        found.metric,
        *comparison.COSTS.values(),
        "best run",
    ]
    scores = _scores(found.groups)
    lines = [
        [
            str(rank),
            *map(comparison.short, group.settings.values()),
            str(len(group.runs)),
            score,
            *(_cost(name, group.cost(name)) for name in comparison.COSTS),
            group.runs[0].label,
        ]
        for rank, (group, score) in enumerate(
            zip(found.groups, scores, strict=True), start=1
        )
    ]
    return header, [lines[place] for place in ORDERS[order](found.groups)]


def notes(found):
    """What the table does not tell, a sentence each."""
    told = []
    near = comparison.close(found.groups) if found.groups else []
    if near:
        names = "; ".join(map(str, near[:_SHOWN]))
        more = f" and {len(near) - _SHOWN} more" * (len(near) > _SHOWN)
        told.append(
            f"Within the spread over seeds of the first: {names}{more}."
        )
    if found.mixed:
        values = "; ".join(
            f"{name} {_values(found.mixed[name])}" for name in found.mixed
        )
        told.append(f"Not told apart, see --by: {values}.")
    if found.repeated:
        told.append(
            f"{_count(found.repeated, 'run')} left out, which a newer one with "
            "the same settings replaces."
        )
    told += _without_score(found)
    machines = {
        (run.tags.get("cpu_model"), run.tags.get("gpus"))
        for group in found.groups
        for run in group.runs
    }
    if len(machines) > 1:
        told.append("Seconds and steps/s are of different machines.")
    return told


def text(found, order="score"):
    """All of it for a terminal."""
    lines = [head(found)]
    if found.groups:
        lines += ["", report.table(*rows(found, order)), ""]
    return "\n".join([*lines, *notes(found)]).rstrip()


def markdown(found, order="score"):
    """The table in Markdown, with the notes below it."""
    lines = [f"{head(found)}.", ""]
    if found.groups:
        header, body = rows(found, order)
        lines += [_line(header), _line(["---"] * len(header))]
        lines += [_line(row) for row in body]
        lines += [""]
    lines += [f"{note}\n" for note in notes(found)]
    return "\n".join(lines)


def _by_cost(name, least_first=True):
    def order(groups):
        sign = 1 if least_first else -1
        costs = [group.cost(name) for group in groups]
        return sorted(
            range(len(groups)),
            key=lambda n: math.inf if costs[n] is None else sign * costs[n],
        )

    return order


def _by_settings(groups):
    return sorted(range(len(groups)), key=lambda n: str(groups[n]))


# What `rows` can go by: function of groups, which are ranked, to their places.
ORDERS = {
    "score": lambda groups: range(len(groups)),
    "parameters": _by_cost("model/num_params"),
    "seconds": _by_cost("perf/seconds_to_best"),
    "speed": _by_cost("perf/steps_per_second", least_first=False),
    "memory": _by_cost("perf/peak_memory_mb"),
    "name": _by_settings,
}


def _scores(groups):
    """Mean and spread of each, with as many decimals."""
    largest = max(abs(group.mean) for group in groups)
    digits = 4 - math.ceil(math.log10(largest)) if largest > 0 else 4
    digits = min(max(digits, 0), 9)
    return [
        f"{group.mean:.{digits}f}"
        + ("" if group.spread is None else f" ± {group.spread:.{digits}f}")
        for group in groups
    ]


def _cost(name, value):
    if value is None:
        return "n/a"
    whole = name in ("model/num_params", "perf/peak_memory_mb") or value >= 100
    return f"{value:,.0f}" if whole else f"{value:.3g}"


def _values(values):
    """The first of them, in words."""
    words = [comparison.short(value) for value in values[:_SHOWN]]
    more = len(values) - len(words)
    return ", ".join(words) + f" and {more} more" * (more > 0)


def _without_score(found):
    """How many runs have no score, and why those failed that did."""
    states = collections.Counter(run.status for run in found.unscored)
    words = [
        f"{states[status]} {word}"
        for status, word in (
            ("FAILED", "failed"),
            ("KILLED", "stopped"),
            ("RUNNING", "still running, or killed"),
        )
        if states[status]
    ]
    others = len(found.unscored) - sum(
        states[status] for status in ("FAILED", "KILLED", "RUNNING")
    )
    if others:
        words.append(f"{others} not tested")
    if not words:
        return []
    told = [f"Without {found.metric}: {', '.join(words)}."]
    failed = [run for run in found.unscored if run.status == "FAILED"]
    told += [
        f"  {run.label} ({run.name}): {run.tags.get('error', 'no reason kept')}"
        for run in failed[:_SHOWN]
    ]
    if len(failed) > _SHOWN:
        told.append(f"  and {len(failed) - _SHOWN} more that failed")
    return told


def _count(number, what):
    return f"{number:,} {what}{'s' * (number != 1)}"


def _line(cells):
    cells = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(cells)} |"
