"""Which dates a text may name, to a reader who knows every form."""

import collections
import datetime
import functools
import re

from babel.dates import DateTimeFormat

from rnnzoo.datasets.dates.forms import LOCALES, forms, typed

FIRST = datetime.date(1900, 1, 1)
LAST = datetime.date(2099, 12, 31)

# Every month on every weekday, to ask Babel for their names.
_NAMED = [
    datetime.date(2001, month, day)
    for month in range(1, 13)
    for day in range(1, 8)
]
_NUMERIC_FIELD = re.compile("y+|M{1,2}|L{1,2}|d{1,2}")
# What stands where a text has a numeral: a numeric field of the pattern,
# between null characters, or a numeral in a name, as in Korean for May.
_SLOT = re.compile("\0\\w+\0|\\d+")


def readings(text):
    """The set of dates, `FIRST` to `LAST`, that `text` may name.

    The reader knows the forms of every locale but not the locale of the text,
    and is generous: neither leading zeros nor the kind of digits tell anything,
    the weekday is not looked up in a calendar, and a year of two digits may lie
    in either century.

    Example:

    >>> sorted(map(str, readings("03/04/2021")))
    ['2021-03-04', '2021-04-03']
    >>> sorted(map(str, readings("3 Apr 2021")))
    ['2021-04-03']
    """
    text = typed(text)
    numerals = _SLOT.findall(text)
    dates = set()
    for month, slots in _meanings().get(_SLOT.sub("#", text), ()):
        dates.update(_dates(month, slots, numerals))
    return dates


@functools.cache
def _meanings():
    """From the shape of a text to what it may mean.

    The shape of a text has `#` for each numeral. A meaning is the number of the
    month, where a name tells it, and one slot for each numeral.
    """
    meanings = collections.defaultdict(set)
    for locale in LOCALES:
        for pattern in forms(locale).values():
            for date in _NAMED:
                fields = _Fields(date, locale)
                text = typed(pattern.format % fields)
                meaning = (fields.month, tuple(_SLOT.findall(text)))
                meanings[_SLOT.sub("#", text)].add(meaning)
    return dict(meanings)


class _Fields:
    """The fields of a pattern: numeric ones as slots, the others by name."""

    def __init__(self, date, locale):
        self.month = None
        self._date = date
        self._names = DateTimeFormat(date, locale)

    def __getitem__(self, field):
        if _NUMERIC_FIELD.fullmatch(field):
            return f"\0{field}\0"
        if field[0] in "ML":
            self.month = self._date.month
        return self._names[field]


def _dates(month, slots, numerals):
    """Yields the dates that the numerals of a text give in these slots."""
    day, years = None, ()
    for slot, numeral in zip(slots, numerals, strict=True):
        number = int(numeral)
        field = slot.strip("\0")
        if field == slot and number != int(slot):
            return
        if field == "yy":
            # Both centuries; a longer numeral is no year of two digits.
            years = (1900 + number, 2000 + number) if number < 100 else ()
        elif field[0] == "y":
            years = (number,)
        elif field[0] in "ML":
            month = number
        elif field[0] == "d":
            day = number
    for year in years:
        try:
            date = datetime.date(year, month, day)
        except ValueError:
            continue  # The 31st of April, or month 13.
        if FIRST <= date <= LAST:
            yield date
