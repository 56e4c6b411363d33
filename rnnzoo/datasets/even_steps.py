"""Time steps that are all equally long, or what keeps them from it."""

import numpy as np

FILLS = ("interpolate", "forward")

_DAY = 24 * 60 * 60
_CHOICE = "fill='interpolate' or fill='forward'"


def evened(source, times, values, columns, fill=None, lines=None):
    """A series whose time steps are one as long as the other, without holes.

    Args:
        source: str. Where the series comes from, for messages.
        times: datetime64[s] (rows,).
        values: float64 (rows, columns), NaN where missing.
        columns: sequence of str. Their names.
        fill: None to refuse gaps and missing values; `"interpolate"` for a
            straight line between the values before and after, which looks
            into the future of the gap; `"forward"` for the value before.
        lines: int (rows,). Lines of the rows in a file, for messages.

    Returns:
        `(times, values, step, notes)`: `step` is a timedelta64, in months
        where months are what is equally long.

    Raises:
        ValueError: times that are repeated, out of order or unevenly apart;
            gaps and missing values where these are not to be filled in.
    """
    where = _Where(source, times, lines)
    if len(times) < 2:
        raise ValueError(
            f"{source!r} has {len(times)} time steps, too few for a series."
        )
    _check_order(where, np.diff(times).astype("int64"))
    places, unit = _places(times)
    apart = np.diff(places)
    kinds, counts = np.unique(apart, return_counts=True)
    step = kinds[counts.argmax()]
    uneven = np.flatnonzero(apart % step)
    if len(uneven):
        raise ValueError(
            f"{source!r} has time steps of several lengths: most are "
            f"{_length(step, unit)}, but {where(uneven[0] + 1)} is "
            f"{_length(apart[uneven[0]], unit)} after the one before, and "
            f"{len(uneven):,} are so. Bring them to equal steps first."
        )
    gaps = np.flatnonzero(apart > step)
    absent = int((apart[gaps] // step - 1).sum())
    missing = np.isnan(values)
    if fill is None:
        _check_whole(where, gaps, absent, missing, columns)
    if absent > len(times):
        raise ValueError(
            f"{source!r} has {len(times):,} time steps, of {absent:,} more "
            f"there is none: the longest gap ends with "
            f"{where(apart.argmax() + 1)}. Is a time wrong, or a part of "
            "the file better left out?"
        )
    notes = []
    if absent or missing.any():
        notes.append(
            f"filled in, fill={fill!r}: {absent:,} time steps in "
            f"{len(gaps):,} gaps, {missing.sum():,} single values"
        )
        places = (places - places[0]) // step
        grid = np.arange(places[-1] + 1)
        values = _filled(source, places, values, grid, columns, fill)
        first = times[0].astype(f"datetime64[{unit}]")
        within = times[0] - first.astype("datetime64[s]")
        times = (first + grid * np.timedelta64(step, unit)).astype(
            "datetime64[s]"
        ) + within
    return times, values, np.timedelta64(step, unit), notes


class _Where:
    """Says which row is meant."""

    def __init__(self, source, times, lines):
        self.source, self.times, self.lines = source, times, lines

    def __call__(self, row):
        time = str(self.times[row]).replace("T", " ")
        return time if self.lines is None else f"{time} (line {self.at(row)})"

    def at(self, row):
        return int(self.lines[row])


def _check_order(where, apart):
    wrong = np.flatnonzero(apart <= 0)
    if not len(wrong):
        return
    row = wrong[0] + 1
    if apart[wrong[0]] == 0:
        raise ValueError(
            f"{where.source!r} has the time {where(row)} twice, and "
            f"{(apart == 0).sum():,} such rows: leave one of each out. Where "
            "clocks were set back, times need their offset from UTC; fractions "
            "of a second are not read."
        )
    raise ValueError(
        f"{where.source!r} is not in the order of time: {where(row)} stands "
        f"after {where(row - 1)}. Sort its rows."
    )


def _places(times):
    """`(places, unit)`: integers, in months where days are of no matter."""
    months = times.astype("datetime64[M]")
    within = times - months.astype("datetime64[s]")
    shortest = np.diff(times).astype("int64").min()
    if (within == within[0]).all() and shortest >= 28 * _DAY:
        return months.astype("int64"), "M"
    return times.astype("int64"), "s"


def _check_whole(where, gaps, absent, missing, columns):
    if absent:
        raise ValueError(
            f"{where.source!r} has {len(gaps):,} gaps, in which {absent:,} "
            f"time steps are missing: the first is between "
            f"{where(gaps[0])} and {where(gaps[0] + 1)}. Fill them in, by "
            f"{_CHOICE}, or take a part without gaps."
        )
    if missing.any():
        row, column = np.argwhere(missing)[0]
        raise ValueError(
            f"{where.source!r} has {missing.sum():,} missing values: the first "
            f"is {columns[column]!r} at {where(row)}. Fill them in, by "
            f"{_CHOICE}, or choose other `columns`."
        )


def _filled(source, places, values, grid, columns, fill):
    filled = np.empty((len(grid), values.shape[1]))
    for number, column in enumerate(values.T):
        known = ~np.isnan(column)
        if not known.any():
            raise ValueError(
                f"{source!r} has no value at all in the column "
                f"{columns[number]!r}: choose other `columns`."
            )
        at, found = places[known], column[known]
        if fill == "interpolate":
            filled[:, number] = np.interp(grid, at, found)
        else:
            # Before the first value there is none to take but that.
            last = np.searchsorted(at, grid, side="right") - 1
            filled[:, number] = found[np.maximum(last, 0)]
    return filled


def _length(step, unit):
    if unit == "M":
        return f"{step} months"
    for size, name in ((_DAY, "days"), (3600, "hours"), (60, "minutes")):
        if step % size == 0:
            return f"{step // size} {name}"
    return f"{step} seconds"
