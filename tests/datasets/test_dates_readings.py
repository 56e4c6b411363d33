import collections
import datetime

import pytest

from rnnzoo.datasets.dates import LOCALES, forms, readings, write

# What only a locale could tell: day and month in digits between slashes, the
# year last. Beside these, nothing but two-digit years is ambiguous.
SLASHED = {
    ("ar_EG", "short"),
    ("ar_EG", "medium"),
    ("bn", "yMd"),
    ("el", "yMd"),
    ("en", "yMd"),
    ("en", "yMEd"),
    ("en_GB", "short"),
    ("en_GB", "yMEd"),
    ("es", "yMd"),
    ("fr", "short"),
    ("hi", "yMd"),
    ("it", "yMd"),
    ("pt", "short"),
    ("ta", "yMd"),
    ("th", "yMd"),
    ("vi", "yMd"),
}


def dates_of(year):
    first = datetime.date(year, 1, 1)
    days = (datetime.date(year + 1, 1, 1) - first).days
    return [first + datetime.timedelta(day) for day in range(days)]


@pytest.fixture(scope="module")
def written():
    """Each text that Babel writes for some years, and what it was written for.

    1912 and 2012 share their last two digits; leap years have all days.
    """
    texts = collections.defaultdict(set)
    for date in dates_of(1912) + dates_of(2012):
        for locale in LOCALES:
            for form in forms(locale):
                texts[write(date, locale, form)].add((date, locale, form))
    return texts


def test_readings_contain_whatever_was_written(written):
    for text, origins in written.items():
        assert {date for date, _, _ in origins} <= readings(text), text


def test_what_two_dates_share_has_two_readings(written):
    shared = [
        text
        for text, origins in written.items()
        if len({date for date, _, _ in origins}) > 1
    ]
    # "3/4/2012" alone gives 12 * 11 texts per year: the brute force has found
    # what it was made for.
    assert len(shared) > 2 * 12 * 11
    assert all(len(readings(text)) > 1 for text in shared)


def test_only_what_needs_a_locale_is_ambiguous(written):
    for text, origins in written.items():
        ambiguous = len(readings(text)) > 1
        for date, locale, form in origins:
            if "%(yy)s" in forms(locale)[form].format:
                leap = (date.month, date.day) == (2, 29)
                assert ambiguous or leap, text
            else:
                swappable = date.day <= 12 and date.day != date.month
                slashed = (locale, form) in SLASHED
                assert ambiguous == (slashed and swappable), text


@pytest.mark.parametrize(
    "text, expected",
    [
        ("03/04/2021", {"2021-03-04", "2021-04-03"}),
        ("٣/٤/٢٠٢١", {"2021-03-04", "2021-04-03"}),
        ("3/4/2021", {"2021-03-04", "2021-04-03"}),
        ("4/4/2021", {"2021-04-04"}),
        ("13/4/2021", {"2021-04-13"}),
        ("4/13/2021", {"2021-04-13"}),
        ("13/13/2021", set()),
        ("31/4/2021", set()),
        # Not looked up in a calendar: it was a Sunday for the English.
        ("Sun, 04/03/2021", {"2021-03-04", "2021-04-03"}),
        ("05.09.21", {"1921-09-05", "2021-09-05"}),
        ("29.02.00", {"2000-02-29"}),
        ("5. 9. 2021", {"2021-09-05"}),
        ("2021/9/5", {"2021-09-05"}),
        ("2021년 9월 5일", {"2021-09-05"}),
        ("2021년 13월 5일", set()),
        ("5 Sep\u00a02021", set()),
        ("Sep\u00a05, 2021", {"2021-09-05"}),
        ("1/1/1899", set()),
        ("no date", set()),
        ("", set()),
    ],
)
def test_readings_by_hand(text, expected):
    assert {str(date) for date in readings(text)} == expected
