"""The page of cells says what the classes say."""

import json
import re

from benchmarks import catalogue
from rnnzoo import cells


def times():
    return json.loads(catalogue.TIMES.read_text("utf-8"))


def test_the_page_is_what_the_code_makes_of_it():
    """If not: python benchmarks/catalogue.py, with --measure for new cells."""
    assert catalogue.PAGE.read_text("utf-8") == catalogue.page(times())


def test_every_cell_was_timed():
    measured = times()["cells"]
    assert set(measured) == set(cells.CELLS)
    assert all(0 < milliseconds < 10_000 for milliseconds in measured.values())


def test_a_line_tells_sizes_and_weights():
    line = catalogue.line("rwkv4", 12.3)
    fields = [field.strip() for field in line.strip("|\n").split("|")]
    name, year, what, states, parallel, weights, step = fields
    assert name == "[`rwkv4`](rwkv4.py)"
    assert year == "[2023](https://arxiv.org/abs/2305.13048)"
    assert what.startswith("RWKV's time mixing")
    assert (states, parallel, step) == ("4 x 128", "scan", "12 ms")
    # Four matrices, three mixes, decay and first.
    assert weights == f"{4 * 128**2 + 5 * 128:,}"


def test_what_runs_without_a_loop():
    kinds = {
        name: catalogue.how_parallel(kind(8))
        for name, kind in cells.CELLS.items()
    }
    assert kinds["gru"] == kinds["slstm"] == kinds["sru"] == "no"
    assert kinds["min_gru"] == kinds["lru"] == "scan"
    assert kinds["mlstm"] == kinds["rwkv6"] == "chunks"
    assert [n for n, kind in kinds.items() if kind == "delta"] == ["rwkv7"]


def test_years_are_those_of_the_links():
    """arXiv's numbers begin with the year and month of the first version."""
    for kind in cells.CELLS.values():
        year, link = catalogue.paper(kind)
        found = re.search(r"arxiv\.org/abs/(\d\d)", link)
        if found:
            # Printed up to two years later, or just before.
            assert -1 <= int(year) - 2000 - int(found[1]) <= 2, (year, link)
