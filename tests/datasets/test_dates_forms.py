import datetime
import unicodedata

import pytest

from rnnzoo.datasets.dates import LOCALES, forms, write
from rnnzoo.datasets.dates.forms import typed

# 5 September 2021 was a Sunday. By hand, from the locales' own customs.
WRITTEN = [
    ("ar_EG", "full", "الأحد، ٥ سبتمبر ٢٠٢١"),
    ("ar_EG", "medium", "٠٥/٠٩/٢٠٢١"),
    ("bg", "medium", "5.09.2021 г."),
    ("bn", "long", "৫ সেপ্টেম্বর, ২০২১"),
    ("cs", "full", "neděle 5. září 2021"),
    ("de", "medium", "05.09.2021"),
    ("de", "yMMMEd", "So., 5. Sept. 2021"),
    ("el", "long", "5 Σεπτεμβρίου 2021"),
    ("en", "full", "Sunday, September 5, 2021"),
    ("en", "yMEd", "Sun, 9/5/2021"),
    ("en_GB", "short", "05/09/2021"),
    ("es", "long", "5 de septiembre de 2021"),
    ("fi", "yMMMMEd", "su 5. syyskuuta 2021"),
    ("fr", "medium", "5 sept. 2021"),
    ("he", "long", "5 בספטמבר 2021"),
    ("hi", "long", "5 सितंबर 2021"),
    ("hu", "full", "2021. szeptember 5., vasárnap"),
    ("hy", "full", "2021 թ. սեպտեմբերի 5, կիրակի"),
    ("it", "full", "domenica 5 settembre 2021"),
    ("ja", "yMEd", "2021/9/5(日)"),
    ("ka", "long", "5 სექტემბერი, 2021"),
    ("ko", "full", "2021년 9월 5일 일요일"),
    ("nl", "short", "05-09-2021"),
    ("pl", "long", "5 września 2021"),
    ("pt", "medium", "5 de set. de 2021"),
    ("ru", "full", "воскресенье, 5 сентября 2021 г."),
    ("sv", "short", "2021-09-05"),
    ("ta", "medium", "5 செப்., 2021"),
    ("th", "long", "5 กันยายน ค.ศ. 2021"),
    ("tr", "full", "5 Eylül 2021 Pazar"),
    ("uk", "medium", "5 вер. 2021 р."),
    ("vi", "long", "5 tháng 9, 2021"),
    ("zh", "full", "2021年9月5日星期日"),
]


@pytest.mark.parametrize("locale, form, expected", WRITTEN)
def test_written_by_hand(locale, form, expected):
    assert write(datetime.date(2021, 9, 5), locale, form) == expected


def test_every_locale_is_written_by_hand_above():
    assert len(LOCALES) == 30
    assert {locale for locale, _, _ in WRITTEN} == set(LOCALES)


def test_scripts():
    scripts = set()
    for locale in LOCALES:
        for form in forms(locale):
            text = write(datetime.date(2021, 9, 5), locale, form)
            names = [unicodedata.name(c) for c in text if c.isalpha()]
            scripts |= {name.split()[0] for name in names}
    assert scripts == set(
        "LATIN CYRILLIC GREEK ARABIC HEBREW DEVANAGARI BENGALI TAMIL THAI "
        "GEORGIAN ARMENIAN CJK HANGUL".split()
    )


@pytest.mark.parametrize("locale", LOCALES)
def test_forms_are_several_and_distinct(locale):
    patterns = [pattern.pattern for pattern in forms(locale).values()]
    assert len(patterns) == len(set(patterns))
    assert 4 <= len(patterns) <= 10


def test_unknown_locale():
    with pytest.raises(ValueError, match="'eo', but known ones are ar_EG, bg"):
        forms("eo")


def test_typed_leaves_plain_single_spaces():
    assert (
        typed("\u200f5\u202f\u00a0мая 2021\u202fг.\u200e ") == "5 мая 2021 г."
    )
