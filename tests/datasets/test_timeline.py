"""Series from files and data sets, cut in the order of time."""

import numpy as np
import pytest

from rnnzoo.datasets import load_series
from rnnzoo.datasets.even_steps import evened

HOURS = np.datetime64("2020-01-01T00", "s") + np.arange(100) * 3600
LOAD = np.arange(100.0)


def lines(count=100, times=HOURS, names="date,load,price"):
    rows = [
        f"{times[n]},{LOAD[n]},{-2 * LOAD[n]}".replace("T", " ")
        for n in range(count)
    ]
    return [names, *rows]


def write(tmp_path, content, name="series.csv"):
    if isinstance(content, list):
        content = "\n".join(content) + "\n"
    if isinstance(content, str):
        content = content.encode()
    path = tmp_path / name
    path.write_bytes(content)
    return f"folder:{path}"


def refuse(tmp_path, content, message, **options):
    dataset = write(tmp_path, content)
    with pytest.raises(ValueError, match=message) as caught:
        load_series(dataset, **options)
    # One sentence or two for a user, which name what was read.
    assert "series.csv" in str(caught.value)


# === What is read ===


def test_splits_follow_one_another(tmp_path):
    series = load_series(write(tmp_path, lines()), look_back=5)
    assert series.columns == ("load", "price") and series.targets == (0, 1)
    loads = {s: v[:, 0].tolist() for s, v in series.splits.items()}
    assert loads == {
        "train": LOAD[:70].tolist(),
        "validation": LOAD[65:80].tolist(),
        "test": LOAD[75:].tolist(),
    }
    for split, values in series.splits.items():
        assert values.dtype == np.float32
        np.testing.assert_array_equal(values[:, 1], -2 * values[:, 0])
        np.testing.assert_array_equal(
            series.times[split], HOURS[values[:, 0].astype(int)]
        )
    assert series.step == np.timedelta64(1, "h")
    assert series.look_back == 5 and series.notes == ()


def test_chosen_columns_and_targets(tmp_path):
    text = [line + ",x" for line in lines(names="load,t,price")]
    text[0] = "t,load,price,remark"
    dataset = write(tmp_path, text)
    series = load_series(dataset, targets=["price"])
    assert series.columns == ("load", "price") and series.targets == (1,)
    assert series.notes == ("not read, as they hold no numbers: 'remark'",)
    series = load_series(
        dataset, columns=["price", "load"], targets=["load"], time="t"
    )
    assert series.columns == ("price", "load") and series.targets == (1,)
    assert series.splits["train"][3].tolist() == [-6, 3]


@pytest.mark.parametrize(
    ("sizes", "unit", "expected", "note"),
    [
        ((0.5, 0.25, 0.25), "share", (50, 25, 25), ()),
        (
            (0.5, 0.1, 0.1),
            "share",
            (50, 10, 10),
            ("not used: the last 30 of 100 rows",),
        ),
        ((90, 1, 9), "rows", (90, 1, 9), ()),
        ((0.1, 1 / 30, 1 / 720), "months", (72, 24, 1), ("not used: the las",)),
    ],
)
def test_sizes(tmp_path, sizes, unit, expected, note):
    series = load_series(write(tmp_path, lines()), sizes=sizes, unit=unit)
    rows = tuple(len(values) for values in series.splits.values())
    assert rows == expected
    assert [n[:15] for n in series.notes] == [n[:15] for n in note]


def test_months_are_30_days(tmp_path):
    """Hourly, 12 of them are the 8,640 rows of the literature's ETTh1."""
    times = np.datetime64("2016-07-01", "s") + np.arange(20 * 720) * 3600
    text = ["date,OT", *(f"{time},1.5" for time in times)]
    series = load_series(
        write(tmp_path, text), sizes=(12, 4, 4), unit="months", look_back=96
    )
    rows = [len(values) for values in series.splits.values()]
    assert rows == [12 * 30 * 24, 4 * 30 * 24 + 96, 4 * 30 * 24 + 96]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffDate;a\r\n2020/1/1 0:00;1\r\n2020/1/1 12:00;2\r\n"
        "2020/1/2 00:00;3\r\n\r\n",
        "a\tDate\n1\t2020-01-01T00:00Z\n2\t2020-01-01T14:00+02:00\n"
        "3\t2020-01-02T00:00:00Z\n",
        '"Date","a"\n"2020-01-01","1"\n"2020-01-01 12:00","2"\n'
        '"2020-01-02 00:00:00.0","3"\n',
        "Date,a\r2020-01-01,1\r2020-01-01 12:00,2\r2020-01-02,3\r",
    ],
    ids=["semicolons", "tabs", "quotes", "carriage returns"],
)
def test_how_a_file_may_be_written(tmp_path, text):
    series = load_series(write(tmp_path, text), sizes=(1, 1, 1), unit="rows")
    found = [values.tolist() for values in series.splits.values()]
    assert found == [[[1]], [[2]], [[3]]]
    assert series.step == np.timedelta64(12, "h")
    assert series.times["test"] == [np.datetime64("2020-01-02")]


def test_months_of_the_calendar(tmp_path):
    months = np.datetime64("1949-01", "M") + np.arange(40)
    text = ["Month,Passengers", *(f"{m},{n}" for n, m in enumerate(months))]
    del text[10]
    dataset = write(tmp_path, text)
    with pytest.raises(ValueError, match="1 gaps, in which 1 time steps are"):
        load_series(dataset)
    series = load_series(
        dataset, fill="forward", sizes=(24, 12, 4), unit="months"
    )
    assert series.step == np.timedelta64(1, "M")
    whole = np.concatenate(list(series.splits.values()))[:, 0]
    assert whole.tolist() == [*range(9), 8, *range(10, 40)]
    np.testing.assert_array_equal(
        np.concatenate(list(series.times.values())).astype("datetime64[M]"),
        months,
    )


def test_the_calendar_beside_a_series(tmp_path):
    dataset = write(tmp_path, lines())
    plain = load_series(dataset, look_back=3)
    series = load_series(dataset, look_back=3, calendar=["week", "day"])
    assert series.columns == (
        *("load", "price", "sine of week", "cosine of week"),
        *("sine of day", "cosine of day"),
    )
    assert series.targets == (0, 1)
    for split, values in series.splits.items():
        np.testing.assert_array_equal(values[:, :2], plain.splits[split])
    values = series.splits["train"]
    np.testing.assert_allclose(
        values[[0, 6, 12, 18, 24], 4:],
        [[0, 1], [1, 0], [0, -1], [-1, 0], [0, 1]],
        atol=1e-6,
    )
    # Two days are two sevenths of a turn.
    turn = np.arctan2(*values[[0, 48], 2:4].T)
    assert (turn[1] - turn[0]) % (2 * np.pi) == pytest.approx(4 * np.pi / 7)


# === Gaps and missing values ===


def with_holes():
    text = lines()
    text[11] = text[11].replace("10.0", "", 1)
    text[12] = text[12].replace("-22.0", "NaN")
    del text[21:23]  # 20, 21
    del text[30]  # 31
    return text


def test_gaps_are_filled_in(tmp_path):
    dataset = write(tmp_path, with_holes())
    series = load_series(dataset, fill="interpolate")
    whole = np.concatenate(list(series.splits.values()))
    np.testing.assert_allclose(whole[:, 0], LOAD, rtol=1e-6)
    np.testing.assert_allclose(whole[:, 1], -2 * LOAD, rtol=1e-6)
    times = np.concatenate(list(series.times.values()))
    np.testing.assert_array_equal(times, HOURS)
    (note,) = series.notes
    assert note == (
        "filled in, fill='interpolate': 3 time steps in 2 gaps, 2 single values"
    )


def test_forward_takes_nothing_from_the_future(tmp_path):
    series = load_series(write(tmp_path, with_holes()), fill="forward")
    whole = np.concatenate(list(series.splits.values()))
    expected = np.stack([LOAD, -2 * LOAD], axis=1)
    expected[10, 0], expected[11, 1] = 9, -20
    expected[20:22], expected[31] = expected[19], expected[30]
    np.testing.assert_array_equal(whole, expected)


def test_what_is_missing_at_the_ends():
    values = np.array([[np.nan], [1], [3], [np.nan]])
    expected = {"forward": [1, 1, 3, 3], "interpolate": [1, 1, 3, 3]}
    for fill, result in expected.items():
        _, filled, _, _ = evened("x", HOURS[:4], values, ("a",), fill)
        assert filled[:, 0].tolist() == result


def test_gaps_are_refused_and_named(tmp_path):
    text = lines()
    del text[21:23]
    del text[30]
    refuse(
        tmp_path,
        text,
        "2 gaps, in which 3 time steps are missing: the first is between "
        r"2020-01-01 19:00:00 \(line 21\) and 2020-01-01 22:00:00 \(line 22\)"
        ".*fill='interpolate' or fill='forward'",
    )


def test_missing_values_are_refused_and_named(tmp_path):
    text = lines()
    text[12] = text[12].replace("-22.0", "n/a")
    text[14] = text[14].replace("-26.0", "")
    refuse(
        tmp_path,
        text,
        r"2 missing values: the first is 'price' at .* \(line 13\)",
    )


# === What is wrong with a file ===


def changed(number, old, new):
    text = lines()
    assert old in text[number]
    text[number] = text[number].replace(old, new)
    return text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty, where a line of names"),
        ("\n \n", "is empty"),
        (",,\n,,\n", "is empty"),
        ("date,load\n", "names of columns, but no row below"),
        ("date,load\n2020-01-01,1\n", "has 1 time steps, too few"),
        (b"date,l\xe4nge\n2020-01-01,1\n", "not UTF-8: line 1 has the byte 0x"),
        (lines()[1:], "must start with a line of names, such as date,load"),
        (lines(names="date,load,load"), "several columns called 'load'"),
        (
            lines(names="date,load"),
            "Line 2 of .* 3 columns, where 2 are expected: date, load",
        ),
        (changed(5, ",4.0", ""), "Line 6 of .* has 2 columns, where 3 are"),
        ('date,a\n2020-01-01,"1\n', "is broken in line 2: .*quotation"),
        ("a,b\n1,2\n3,4\n", "no column of times .*'a', 'b', and its first row"),
        (
            "date,a\n2020-01-01,x\n",
            "no column of numbers beside 'date', but 'a",
        ),
        (changed(5, "-8.0", "1,5").copy(), "Line 6 of .* has 4 columns"),
        (changed(5, "-8.0", "~8"), "'~8' in the column 'price', line 6, where"),
        (changed(5, "-8.0", "1_8"), "'1_8' in the column 'price', line 6, whe"),
        (changed(5, "-8.0", "inf"), "'inf' in the column 'price', line 6, whe"),
        (
            changed(5, "01-01", "31-12"),
            "'2020-31-12 04:00:00' in the column of",
        ),
        (changed(5, "04:00", "03:00"), r"2020-01-01 03:00:00 \(line 6\) twice"),
        (
            changed(5, "04:00", "01:30"),
            r"order of time: 2020-01-01 01:30:00 \(line 6\) stands after",
        ),
        (
            changed(5, "04:00", "04:01"),
            r"most are 1 hours, but 2020-01-01 04:01:00 \(line 6\) is 61 min",
        ),
    ],
)
def test_files_that_are_no_series(tmp_path, content, message):
    refuse(tmp_path, content, message)


def test_a_year_that_is_wrong_is_no_gap(tmp_path):
    refuse(
        tmp_path,
        changed(100, "2020", "2120"),
        r"of 876,\d+ more there is none: .* 2120-01-05 03:00:00 \(line 101\)",
        fill="forward",
    )


def test_a_column_without_a_value(tmp_path):
    text = [f"{line}," for line in lines()]
    text[0] += "empty"
    series = load_series(write(tmp_path, text))
    assert series.columns == ("load", "price")
    refuse(
        tmp_path,
        text,
        "no value at all in the column 'empty'",
        columns=["load", "empty"],
        fill="forward",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["lod"]}, "no column 'lod'; did you mean 'load'. It has"),
        ({"columns": ["zzz"]}, "no column 'zzz'. It has: 'date', 'load', 'pri"),
        ({"columns": ["date"]}, "'date' is the column of times, and none of"),
        ({"targets": ["Price"]}, "no column 'Price'; did you mean 'price'"),
        ({"time": "dat"}, "no column 'dat'; did you mean 'date'"),
        ({"time": "load"}, "'0.0' in the column of times 'load', line 2"),
        (
            {"sizes": (80, 30, 30), "unit": "rows"},
            "100 rows, too few .* 80 \\+",
        ),
        ({"sizes": (12, 4, 4), "unit": "months"}, "which are 8,640 \\+ 2,880"),
        ({"sizes": (0.99, 0.005, 0.001)}, "100 rows, too few"),
        ({"look_back": 71}, "70 rows to train on, fewer than look_back=71"),
    ],
)
def test_what_a_file_does_not_have(tmp_path, options, message):
    refuse(tmp_path, lines(), message, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit": "month"}, "Unknown unit: 'month'. Did you mean 'months'"),
        ({"fill": "foward"}, "Unknown fill: 'foward'. Did you mean 'forward'"),
        (
            {"calendar": ["days"]},
            "Unknown calendar: 'days'. Did you mean 'day'",
        ),
        ({"look_back": -1}, "Received look_back=-1"),
        ({"look_back": 2.0}, "Received look_back=2.0"),
        ({"sizes": (1, 2)}, r"sizes=\(1, 2\), where three numbers above 0"),
        ({"sizes": (1, 0, 1)}, r"sizes=\(1, 0, 1\), where three numbers abo"),
        ({"sizes": (12, 4, 4)}, "more than the whole.* need unit='rows'"),
        ({"sizes": (1.5, 1, 1), "unit": "rows"}, "no whole number of rows"),
        ({"targets": []}, r"Received targets=\[\], where at least one"),
        ({"targets": ["load", "load"]}, "and each once"),
        ({"columns": ["load", "load"]}, "where each is named once"),
    ],
)
def test_options_that_cannot_be_meant(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        load_series(write(tmp_path, lines()), **options)


def test_a_file_that_is_not_there(tmp_path):
    write(tmp_path, lines())
    message = "There is no file .*serie.csv'; did you mean .*series"
    with pytest.raises(ValueError, match=message):
        load_series(f"folder:{tmp_path / 'serie.csv'}")
    with pytest.raises(ValueError, match="is a folder: give a file"):
        load_series(f"folder:{tmp_path}")
