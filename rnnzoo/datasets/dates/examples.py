"""Which dates are written how: the examples of each split."""

import datetime

import numpy as np

from rnnzoo.datasets.dates.forms import LOCALES, forms, write
from rnnzoo.datasets.dates.readings import FIRST, LAST, readings

SEED = 2
# Examples per locale, and the share of all dates they are taken from.
SIZES = {"train": 1600, "validation": 75, "test": 200}
SHARES = {"train": 0.85, "validation": 0.05, "test": 0.10}


def dates(split):
    """The dates of a split, in random order: no two splits share one."""
    count = (LAST - FIRST).days + 1
    # RandomState, because its streams are the same in every NumPy to come.
    order = np.random.RandomState(SEED).permutation(count)
    ends = np.cumsum([round(count * share) for share in SHARES.values()])
    place = list(SHARES).index(split)
    days = np.split(order, ends[:-1])[place]
    return [FIRST + datetime.timedelta(int(day)) for day in days]


def examples(split):
    """Yields the examples of a split, locale by locale.

    A text that may name two dates is left out, so each locale goes through its
    own order of the dates until it has its number of examples.
    """
    pool = dates(split)
    for number, locale in enumerate(LOCALES):
        random = np.random.RandomState([SEED, len(pool), number])
        names = _full_year_forms(locale)
        missing = SIZES[split]
        for index in random.permutation(len(pool)):
            form = names[random.randint(len(names))]
            source = write(pool[index], locale, form)
            if readings(source) == {pool[index]}:
                target = pool[index].isoformat()
                yield {"source": source, "target": target, "locale": locale}
                missing -= 1
            if not missing:
                break


def _full_year_forms(locale):
    # Two digits name one year only by accident: of 1900 and 2000, just the
    # latter had a 29 February.
    return [
        name
        for name, pattern in forms(locale).items()
        if "%(yy)s" not in pattern.format
    ]
