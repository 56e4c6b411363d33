import pytest

from rnnzoo.training import report


def test_exact_match_counts_whole_texts():
    assert report.exact_match(["ab", "ac", "", "x"], ["ab", "ab", "", "X"]) == (
        0.5
    )


@pytest.mark.parametrize(
    "texts, targets, words",
    [([], [], "0 texts and 0 targets"), (["a"], ["a", "b"], "1 texts and 2")],
)
def test_exact_match_refuses_what_cannot_be_compared(texts, targets, words):
    with pytest.raises(ValueError, match=words):
        report.exact_match(texts, targets)


def test_exact_match_by_group_is_sorted_and_counted():
    shares = report.exact_match_by(
        ["th", "de", "th", "th"], ["1", "2", "3", "4"], ["1", "2", "0", "4"]
    )
    assert list(shares.items()) == [("de", (1.0, 1)), ("th", (2 / 3, 3))]


def test_exact_match_by_group_wants_three_equal_lists():
    with pytest.raises(ValueError, match="1 groups, 2 predictions and 2"):
        report.exact_match_by(["a"], ["1", "2"], ["1", "2"])


def test_table_lines_up_wide_and_combining_characters():
    text = report.table(
        ["name", "n"],
        [["ab", "1"], ["年月", "2"], ["e\u0301e\u0301", "3"], ["\u200fx", "4"]],
    )
    assert text.split("\n") == [
        "name  n",
        "----  -",
        "ab    1",
        "年月  2",
        "e\u0301e\u0301    3",
        "\u200fx     4",
    ]


def test_columns_set_rows_side_by_side_under_repeated_heads():
    text = report.table(["a", "n"], [["x", "1"], ["yy", "2"], ["z", "3"]])
    assert report.columns(text, 2, gap=" | ").split("\n") == [
        "a   n | a   n",
        "--  - | --  -",
        "x   1 | z   3",
        "yy  2",
    ]


def test_samples_show_one_of_each_group_and_then_mistakes():
    text = report.samples(
        source=["a", "b", "c", "d", "e", "f"],
        target=["1", "2", "3", "4", "5", "6"],
        predictions=["1", "0", "3", "0", "0", "0"],
        groups=["x", "x", "y", "y", "x", "z"],
        count=4,
        mistakes=1,
    )
    assert text.split("\n") == [
        "group  predicted  expected  right  from",
        "-----  ---------  --------  -----  ----",
        "x      1          1         yes    a",
        "y      3          3         yes    c",
        "z      0          6         no     f",
        "x      0          2         no     b",
        "y      0          4         no     d",
    ]


def test_samples_without_groups():
    text = report.samples(["a", "b"], ["1", "2"], ["1", "2"])
    assert text.split("\n")[2:] == [
        "1          1         yes    a",
        "2          2         yes    b",
    ]


def test_long_samples_are_listed_one_below_the_other():
    long = "word " * 20 + "end"
    text = report.samples(["a", "b"], ["1", long], ["1", "2"], ["x", "y"])
    assert text.split("\n") == [
        "group      x",
        "predicted  1",
        "expected   1",
        "right      yes",
        "from       a",
        "",
        "group      y",
        "predicted  2",
        f"expected   {long}",
        "right      no",
        "from       b",
    ]


def test_mistakes_are_marked():
    assert report.marked(["3", "8"], ["3", "1"]) == ["3", "8 (not 1)"]
