import pytest

from rnnzoo.training import comparison, comparison_table
from tests.training.found import found, three_cells


def compare(runs, **options):
    (one,) = comparison.compare(runs, "test/accuracy", "max", **options)
    return one


def test_the_table_for_a_terminal():
    text = comparison_table.text(compare(three_cells()))
    assert text.splitlines() == [
        "toy on toys: test/accuracy, the highest first, of 9 runs",
        "",
        "rank  cell   seeds  test/accuracy    parameters  s to best  steps/s  "
        "MB   best run",
        "----  -----  -----  ---------------  ----------  ---------  -------  "
        "---  --------",
        "1     lstm   3      0.9600 ± 0.0100  2,000       n/a        50       "
        "n/a  00000017",
        "2     gru    3      0.9200 ± 0.0200  1,000       n/a        100      "
        "n/a  0000000d",
        "3     elman  3      0.6000 ± 0.1000  3,000       n/a        33.3     "
        "n/a  00000020",
    ]


def test_the_table_in_markdown():
    lines = comparison_table.markdown(compare(three_cells())).splitlines()
    assert lines[0].startswith("toy on toys: test/accuracy, ")
    assert lines[2:5] == [
        "| rank | cell | seeds | test/accuracy | parameters | s to best | "
        "steps/s | MB | best run |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        "| 1 | lstm | 3 | 0.9600 ± 0.0100 | 2,000 | n/a | 50 | n/a | "
        "00000017 |",
    ]
    one = compare(
        [found(1, {"test/accuracy": 0.5}, targets="a|b")], by=["targets"]
    )
    assert "| a\\|b |" in comparison_table.markdown(one)


@pytest.mark.parametrize(
    ("order", "cells"),
    [
        ("score", ["lstm", "gru", "elman"]),
        ("parameters", ["gru", "lstm", "elman"]),
        ("speed", ["gru", "lstm", "elman"]),
        ("name", ["elman", "gru", "lstm"]),
    ],
)
def test_lines_have_the_order_that_is_asked_for(order, cells):
    _, rows = comparison_table.rows(compare(three_cells()), order)
    assert [row[1] for row in rows] == cells
    # The rank is that of the score all the same.
    assert {row[1]: row[0] for row in rows} == {
        "lstm": "1",
        "gru": "2",
        "elman": "3",
    }


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ([34.912, 35.1], "35.01 ± 0.13"),
        ([0.00057], "0.0005700"),
        ([2.3417, 2.3417], "2.342 ± 0.000"),
        ([1.0], "1.0000"),
        ([0.0, 0.0], "0.0000 ± 0.0000"),
        ([1234.5], "1234"),
    ],
)
def test_scores_have_four_digits(scores, told):
    runs = [
        found(n, {"test/accuracy": score}, seed=str(n))
        for n, score in enumerate(scores)
    ]
    _, ((_, _, _, score, *_),) = comparison_table.rows(compare(runs))
    assert score == told


def test_long_numbers_are_shortened():
    rates = ["0.0029040718548190556", "0.0005"]
    runs = [
        found(n, {"test/accuracy": n}, learning_rate=rate)
        for n, rate in enumerate(rates)
    ]
    _, rows = comparison_table.rows(compare(runs))
    assert [row[2] for row in rows] == ["0.0005", "0.002904"]
    assert str(compare(runs).groups[1]) == "gru, learning_rate 0.002904"


def test_what_is_no_seed_is_called_a_run():
    runs = [found(n, {"test/accuracy": 0.5}, units=str(n)) for n in range(2)]
    header, rows = comparison_table.rows(compare(runs, by=["cell"]))
    assert (header[2], rows[0][2]) == ("runs", "2")


def test_notes_tell_what_the_table_does_not():
    runs = [
        found(9, {"test/accuracy": 0.5}, {"cpu_model": "a"}, units="8"),
        found(8, {"test/accuracy": 0.7}, {"cpu_model": "b"}, units="16"),
        found(7, {"test/accuracy": 0.7}, {"cpu_model": "b"}, units="16"),
        found(6, tags={"error": "ValueError: no"}, status="FAILED", units="3"),
        found(5, status="KILLED", units="4"),
        found(4, status="RUNNING", units="5"),
        found(3, units="6"),
    ]
    assert comparison_table.notes(compare(runs, by=["cell"])) == [
        "Not told apart, see --by: units 3, 4, 5, 6, 8 and 1 more.",
        "1 run left out, which a newer one with the same settings replaces.",
        "Without test/accuracy: 1 failed, 1 stopped, 1 still running, or "
        "killed, 1 not tested.",
        "  00000006 (run-6): ValueError: no",
        "Seconds and steps/s are of different machines.",
    ]


def test_many_reasons_are_counted():
    runs = [found(0, {"test/accuracy": 0.5})]
    runs += [found(n, status="FAILED", seed=str(n + 1)) for n in range(1, 8)]
    told = comparison_table.notes(compare(runs))
    assert len(told) == 1 + 5 + 1
    assert told[-1] == "  and 2 more that failed"


def test_groups_that_are_close_are_named():
    runs = three_cells() + [
        found(n, {"test/accuracy": s}, cell="mgu", seed=str(n))
        for n, s in enumerate((0.8, 0.99, 0.99))
    ]
    assert comparison_table.notes(compare(runs)) == [
        "Within the spread over seeds of the first: mgu."
    ]
