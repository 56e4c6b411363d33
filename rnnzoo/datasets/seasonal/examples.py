"""Weather of a town and what it uses: hourly, drawn and computed."""

import datetime

import numpy as np

SEED = 5
# Days of each split, one after the other in time.
DAYS = {"train": 720, "validation": 90, "test": 90}
COLUMNS = (
    "temperature",
    "sunshine",
    "heating",
    "cooling",
    "traffic",
    "load",
    "price",
)
# A Monday, in winter.
START = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
# A year of 90 days: each split has all seasons, and the first eight of them.
_YEAR = 90 * 24


def series(split):
    """The hours of a split, from where the split before it ends.

    Args:
        split: `"train"`, `"validation"` or `"test"`.

    Returns:
        `(time, values)`: int64 (hours,), in seconds since 1970, and float32
        (hours, columns), in the order of `COLUMNS`.
    """
    names = list(DAYS)
    days = [DAYS[name] for name in names]
    first = 24 * sum(days[: names.index(split)])
    part = slice(first, first + 24 * DAYS[split])
    hours = np.arange(24 * sum(days))
    time = int(START.timestamp()) + 3600 * hours
    return time[part], town(hours)[part]


def town(hours):
    """All columns at all hours, float32 (hours, columns).

    What people do depends on the hour, the day of the week and holidays; what
    they use, on that times the weather, with thresholds: no column is a linear
    function of what was before.
    """
    # RandomState, because its streams are the same in every NumPy to come.
    random = np.random.RandomState(SEED)
    count = len(hours)
    hour, day = hours % 24, hours // 24
    cloud = _clouds(random, count)
    season = -np.cos(2 * np.pi * (hours - 24 * 5) / _YEAR)
    # Days are longer in summer.
    height = np.cos(2 * np.pi * (hour - 13) / 24) + 0.5 * season
    sunshine = np.maximum(height, 0) * (1 - 0.85 * cloud)
    warmth = _smooth(sunshine, 0.85)
    temperature = 10 + 6 * season + 14 * warmth - 3 * cloud
    temperature += _noise(random, count, 0.97, 0.25)

    free = (day % 7 >= 5) | _holidays(random, count // 24 + 1)[day]
    people = np.where(free, _profile(hour, (12, 20), 4), 0)
    # The works have an early shift in one week and a late one in the next.
    early, late = (_profile(hour, peaks, 2.2) for peaks in ((6, 15), (10, 19)))
    people += np.where(free, 0, np.where(day // 7 % 2, late, early))
    people *= 1 + 0.05 * hours / _YEAR
    # Nobody goes out in bad weather unless he must.
    traffic = people * np.where(free, 1 - 0.7 * cloud, 1)
    traffic *= 1 + _noise(random, count, 0.8, 0.03)
    heating = np.maximum(15 - temperature, 0) * (0.3 + 0.7 * people)
    cooling = np.maximum(temperature - 17, 0) * (0.2 + 0.8 * people)
    lamps = people * np.maximum(0.5 - sunshine, 0)
    load = 4 + 3 * people + 0.4 * heating + 0.6 * cooling + 4 * lamps
    load *= 1 + _noise(random, count, 0.7, 0.015)
    price = 20 + 0.06 * np.maximum(load - 6 * sunshine, 0) ** 2
    price += _noise(random, count, 0.9, 0.4)
    columns = (
        temperature,
        sunshine,
        heating,
        cooling,
        traffic,
        load,
        price,
    )
    return np.stack(columns, axis=-1).astype("float32")


def _clouds(random, count):
    """From 0, clear, to 1: three to five days of one, then of the other."""
    days = random.uniform(3, 5, size=count // 24)
    turns = np.cumsum(np.round(24 * days)).astype(int)
    kind = np.searchsorted(turns, np.arange(count), side="right") % 2
    cloud = _smooth(kind.astype("float64"), 0.8)
    return np.clip(cloud + _noise(random, count, 0.9, 0.03), 0, 1)


def _holidays(random, days):
    """Which days are holidays: one in forty, bool (days,)."""
    return random.random_sample(days) < 1 / 40


def _profile(hour, peaks, width):
    """How many people are about at each hour of a day, 0 to 1 or so."""
    away = [np.abs((hour - peak + 12) % 24 - 12) for peak in peaks]
    return sum(np.exp(-((a / width) ** 2) / 2) for a in away)


def _noise(random, count, memory, size):
    """Autocorrelated noise: `memory` of it is left an hour later."""
    return _smooth(random.normal(0, size / (1 - memory), count), memory)


def _smooth(values, memory):
    """A running mean that forgets, as warmth and weather do."""
    result, last = np.empty_like(values), values[0]
    for place, value in enumerate(values):
        last = memory * last + (1 - memory) * value
        result[place] = last
    return result
