"""How people write a date: the forms that CLDR gives for each locale."""

import functools
import re
import types

import babel

# Fourteen scripts, three kinds of digits, day, month and year in every order
# in use. Dates are Gregorian everywhere.
LOCALES = tuple(
    "ar_EG bg bn cs de el en en_GB es fi fr he hi hu hy "
    "it ja ka ko nl pl pt ru sv ta th tr uk vi zh".split()
)

LENGTHS = ("short", "medium", "long", "full")
SKELETONS = ("yMd", "yMEd", "yMMMd", "yMMMEd", "yMMMMd", "yMMMMEd")

# Babel writes 0 to 9 in every date; CLDR says which digits a locale uses.
_ZEROS = {"latn": "0", "arab": "٠", "beng": "০"}

# No-break spaces become spaces and marks of direction vanish, as they do when
# a date is typed on a keyboard.
_TYPED = {0x00A0: " ", 0x202F: " ", 0x200E: None, 0x200F: None}


@functools.cache
def forms(locale):
    """The forms in which dates are written in `locale`, each pattern once.

    Args:
        locale: one of `LOCALES`.

    Returns:
        A mapping from the CLDR name of a form, such as `"medium"` or
        `"yMMMEd"`, to Babel's pattern for it.
    """
    if locale not in LOCALES:
        raise ValueError(
            f"Received the locale {locale!r}, but known ones are "
            f"{', '.join(LOCALES)}."
        )
    data = babel.Locale.parse(locale)
    named = {name: data.date_formats[name] for name in LENGTHS}
    for name in SKELETONS:
        if name in data.datetime_skeletons:
            named[name] = data.datetime_skeletons[name]
    # Several names may share a pattern: the first keeps it.
    first = {}
    for name, pattern in named.items():
        first.setdefault(pattern.pattern, name)
    return types.MappingProxyType(
        {name: named[name] for name in first.values()}
    )


def write(date, locale, form):
    """Writes a `datetime.date` in one of the `forms` of `locale`.

    Example:

    >>> import datetime
    >>> write(datetime.date(2021, 5, 3), "ru", "medium")
    '3 мая 2021 г.'
    """
    text = forms(locale)[form].apply(date, locale)
    return typed(text).translate(_digits(locale))


def typed(text):
    """`text` as it would be typed: plain single spaces, no invisible marks."""
    return re.sub(" +", " ", text.translate(_TYPED)).strip()


@functools.cache
def _digits(locale):
    zero = ord(_ZEROS[babel.Locale.parse(locale).default_numbering_system])
    return {ord("0") + i: zero + i for i in range(10)}
