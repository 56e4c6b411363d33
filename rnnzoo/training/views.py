"""How MLflow's pages open on a comparison: its saved views.

A view is a tag of an experiment. MLflow 3.17 writes the same when a user saves
one, offers it by name in its menu "Views", and opens it by a link.
"""

import dataclasses
import json

from rnnzoo.training import comparison

_TAG = "mlflow.sharedViewState."
# What runs are drawn by beside the score, from left to right.
_BESIDE = ("model/num_params", "perf/seconds_to_best", "best/loss")
# Groups whose curves an axis is made for.
_CURVES = 8
# Axes of parameters that fit beside these.
_MOST = 7
_SECTION = "rnnzoo"


def tag(key, name, state, now):
    """The tag of an experiment that keeps a view.

    Args:
        key: str. What links name it by.
        name: str. What the menu shows.
        state: dict, from `by_group` or `each_run`.
        now: float. Seconds since 1970.

    Returns:
        (key of the tag, its value).
    """
    moment = int(now * 1000)
    value = {
        "name": name,
        "createdAt": moment,
        "updatedAt": moment,
        "state": json.dumps(state),
    }
    return _TAG + key, json.dumps(value)


def by_group(found, search_filter):
    """Means over seeds: bars, curves with bands, and what they cost.

    Args:
        found: `comparison.Comparison` with groups.
        search_filter: str, which runs, in MLflow's words.

    Returns:
        dict of JSON values.
    """
    score, beside = found.metric, _known(found)
    # The best and the worst of each tell how far the axis must reach.
    ends = [
        dataclasses.replace(group, runs=(group.runs[0], group.runs[-1]))
        for group in found.groups[:_CURVES]
    ]
    own, histories = comparison.curves(score, ends)
    charts = [_chart("BAR", metricKey=score)]
    if own is not None:
        values = [v for steps in histories for vs in steps.values() for v in vs]
        charts.append(_line(own, values))
    charts += [
        _chart("SCATTER", xaxis=_axis(name), yaxis=_axis(score))
        for name in ("perf/seconds_to_best", "model/num_params")
        if name in beside
    ]
    # MLflow draws no words of groups, such as the cell, on parallel axes.
    charts.append(_parallel([], [*beside, score]))
    charts += [
        _chart("BAR", metricKey=name)
        for name in ("perf/steps_per_second", "perf/peak_memory_mb")
        if _some_have(found, name)
    ]
    keys = [
        {"mode": "param", "groupByData": name}
        for name in found.groups[0].settings
    ]
    grouped = {"aggregateFunction": "average", "groupByKeys": keys}
    title = "By " + ", ".join(found.groups[0].settings)
    return _state(found, search_filter, title, charts, columns=2) | {
        "groupBy": grouped
    }


def each_run(found, search_filter):
    """Parallel coordinates of all runs, from their settings to the score.

    Args and returns as `by_group`.
    """
    settings = [*found.groups[0].settings]
    settings += [n for n in found.mixed if n not in settings]
    # Axes are linear.
    axes = ["lr_log10" if n == "learning_rate" else n for n in settings]
    score = found.metric
    charts = [
        _parallel(axes[:_MOST], [*_known(found), score]),
        _chart("BAR", metricKey=score),
    ]
    return _state(found, search_filter, "Each run", charts, columns=1)


def _state(found, search_filter, title, charts, columns):
    settings = [*found.groups[0].settings, "seed"]
    numbers = [found.metric, *comparison.COSTS]
    for place, chart in enumerate(charts):
        chart["uuid"] = f"{_SECTION}-{place}"
    section = {
        "uuid": _SECTION,
        "name": title,
        "display": True,
        "isReordered": False,
        "deleted": False,
        "isGenerated": False,
        "columns": columns,
        "cardHeight": 420 if columns == 1 else 360,
    }
    return {
        "searchFilter": search_filter,
        "orderByKey": f"metrics.`{found.metric}`",
        "orderByAsc": found.direction == "min",
        "selectedColumns": [
            *(f"metrics.`{name}`" for name in numbers),
            *(f"params.`{name}`" for name in settings),
            "attributes.`Duration`",
        ],
        # By default the ten newest alone are drawn.
        "runsHiddenMode": "SHOW_ALL",
        "groupBy": None,
        "compareRunCharts": charts,
        "compareRunSections": [section],
        # So that this section stays the first.
        "isAccordionReordered": True,
    }


def _known(found):
    return [name for name in _BESIDE if _some_have(found, name)]


def _some_have(found, name):
    return any(name in run.metrics for g in found.groups for run in g.runs)


def _chart(kind, **what):
    name = what.get("metricKey")
    return {
        "type": kind,
        "metricSectionId": _SECTION,
        "deleted": False,
        "isGenerated": False,
        "runsCountToCompare": 100,
        **({"displayName": name} if name else {}),
        **what,
    }


def _axis(name):
    return {"key": name, "type": "METRIC"}


def _line(name, values):
    """A curve, on an axis that begins where the values do."""
    gap = 0.05 * (max(values) - min(values)) or 0.05
    limits = {"yMin": min(values) - gap, "yMax": max(values) + gap}
    return _chart(
        "LINE", metricKey=name, selectedMetricKeys=[name], range=limits
    )


def _parallel(params, metrics):
    return _chart(
        "PARALLEL",
        selectedParams=params,
        selectedMetrics=metrics,
        showAllRuns=True,
    )
