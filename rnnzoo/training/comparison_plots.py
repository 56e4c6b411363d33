"""Comparisons as pictures: scores, what they cost, and how they were learnt."""

import statistics

from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from rnnzoo.training import comparison

# Groups that a picture of curves tells apart.
_CURVES = 8
# What costs are drawn over: metric -> the words of its axis.
_COSTS = {
    "perf/seconds_to_best": "seconds to the best epoch",
    "model/num_params": "parameters",
}
# A range of so many times is drawn on a logarithmic axis.
_WIDE = 10


def scores(found):
    """Each seed as a dot, the mean as a line, the spread as a bar.

    Args:
        found: `comparison.Comparison` with groups.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas.
    """
    count = len(found.groups)
    figure = _figure(6.4, 1.1 + 0.34 * count)
    axes = figure.add_subplot()
    for place, group in enumerate(found.groups):
        color = _color(place)
        if group.spread is not None:
            axes.barh(
                place,
                2 * group.spread,
                left=group.mean - group.spread,
                height=0.5,
                color=color,
                alpha=0.25,
            )
        axes.plot([group.mean] * 2, [place - 0.25, place + 0.25], color=color)
        # One beside the other, since on few examples scores are often equal.
        last = len(group.scores) - 1
        dots = [
            place + 0.3 * (n / last - 0.5 if last else 0)
            for n in range(last + 1)
        ]
        axes.plot(group.scores, dots, "o", color=color, ms=5, alpha=0.8, mew=0)
    axes.set_yticks(range(count), [str(group) for group in found.groups])
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_xlabel(_axis(found))
    axes.grid(axis="x", alpha=0.3)
    _open(axes)
    return figure


def costs(found):
    """The score over what it took: seconds, and parameters.

    Args:
        found: `comparison.Comparison` with groups.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas, or None where nothing
        of this was measured.
    """
    names = [
        name
        for name in _COSTS
        if any(group.cost(name) is not None for group in found.groups)
    ]
    if not names:
        return None
    figure = _figure(3.7 * len(names) + 1.6, 3.6)
    all_axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(all_axes, names, strict=True):
        for place, group in enumerate(found.groups):
            if group.cost(name) is None:
                continue
            axes.errorbar(
                group.cost(name),
                group.mean,
                yerr=group.spread,
                fmt="o",
                color=_color(place),
                capsize=3,
                label=str(group),
            )
        seen = [g.cost(name) for g in found.groups if g.cost(name) is not None]
        if min(seen) > 0 and max(seen) > _WIDE * min(seen):
            axes.set_xscale("log")
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.set_xlabel(_COSTS[name])
        axes.grid(alpha=0.3)
        _open(axes)
    all_axes[0].set_ylabel(_axis(found))
    handles, labels = all_axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize=8)
    return figure


def curves(found):
    """What was validated over the epochs: the mean, and its spread as a band.

    Of the best groups, where there are more than eight.

    Args:
        found: `comparison.Comparison` with groups.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas, or None where nothing
        was validated.
    """
    groups = found.groups[:_CURVES]
    name, histories = comparison.curves(found.metric, groups)
    if name is None:
        return None
    figure = _figure(6.4, 3.8)
    axes = figure.add_subplot()
    for place, steps in enumerate(histories):
        if not steps:
            continue
        color, label = _color(place), str(groups[place])
        means = [statistics.fmean(steps[step]) for step in steps]
        axes.plot(
            list(steps), means, "o-", color=color, ms=3, lw=1.5, label=label
        )
        several = {step: v for step, v in steps.items() if len(v) > 1}
        spreads = [statistics.stdev(values) for values in several.values()]
        middle = [statistics.fmean(values) for values in several.values()]
        axes.fill_between(
            list(several),
            [m - s for m, s in zip(middle, spreads, strict=True)],
            [m + s for m, s in zip(middle, spreads, strict=True)],
            color=color,
            alpha=0.15,
            lw=0,
        )
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_ylabel(name)
    axes.grid(alpha=0.3)
    _open(axes)
    figure.legend(loc="outside right upper", fontsize=8)
    return figure


def _figure(width, height):
    figure = Figure(figsize=(width, height), layout="constrained", dpi=150)
    FigureCanvasAgg(figure)
    return figure


def _axis(found):
    best = "lower" if found.direction == "min" else "higher"
    return f"{found.metric} ({best} is better)"


def _color(place):
    """Of a group, in all pictures; those after the tenth are grey."""
    colors = colormaps["tab10"].colors
    return colors[place] if place < len(colors) else "grey"


def _open(axes):
    axes.spines[["top", "right"]].set_visible(False)
