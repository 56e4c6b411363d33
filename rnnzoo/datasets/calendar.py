"""Where in the day, the week or the year a time is, as numbers."""

import numpy as np

from rnnzoo.datasets.choices import check_choice

# Seconds after which each begins anew.
PERIODS = {
    "day": 24 * 60 * 60,
    "week": 7 * 24 * 60 * 60,
    "year": 365.2425 * 24 * 60 * 60,
}


def with_calendar(times, values, periods):
    """A series with the sine and cosine of each period beside it.

    Unlike the hour itself, these are near each other at 23 and at 0 o'clock.

    Args:
        times: datetime64 (time,).
        values: float64 (time, columns).
        periods: sequence of str, `"day"`, `"week"` or `"year"`.

    Returns:
        `(names, values)`: a tuple of str, those of the further columns, and
        float64 (time, columns + 2 * periods).

    Raises:
        ValueError: an unknown period.
    """
    seconds = times.astype("datetime64[s]").astype("int64")
    names, more = [], []
    for period in periods:
        check_choice("calendar", period, tuple(PERIODS))
        angle = 2 * np.pi * (seconds % PERIODS[period]) / PERIODS[period]
        names += [f"sine of {period}", f"cosine of {period}"]
        more += [np.sin(angle), np.cos(angle)]
    return tuple(names), np.column_stack([values, *more])
