"""Notebooks run, show what they promise, and are kept without outputs."""

import pathlib
import re
import shlex
import subprocess
import sys

import nbformat
import numpy as np
import pytest

import rnnzoo
from tests import shown_commands
from tests.notebooks import kernel

NOTEBOOKS = sorted(kernel.ROOT.glob("notebooks/*.ipynb"))
TIMES = re.compile(r"\b(\d+) (s|min)\b")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


def cells(path, kind):
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def number(path):
    return path.stem.split("_")[0]


def promised_seconds(path):
    """How long it takes in smoke mode, by the first text."""
    _, (count, unit) = TIMES.findall(cells(path, "markdown")[0].source)
    return int(count) * {"s": 1, "min": 60}[unit]


# === As they are kept ===


def test_they_are_numbered():
    assert [number(path) for path in NOTEBOOKS] == ["1", "2", "3", "4"]


def test_it_is_kept_without_outputs(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert notebook.metadata == {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    for cell in notebook.cells:
        assert cell.metadata == {}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_its_top_says_what_comes_and_how_long_it_takes(path):
    first, *_, last = cells(path, "markdown")
    assert first.source.startswith(f"# {number(path)} ")
    assert "You will see" in first.source
    assert len(TIMES.findall(first.source)) == 2
    assert "`RNNZOO_SMOKE=1`" in first.source
    assert "## What to read next" in last.source


def test_its_links_lead_somewhere(path):
    """Files and notebooks that a text names are there."""
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    named = re.findall(r"`([\w./]+\.(?:ipynb|md|py))`", text)
    found = [
        (kernel.ROOT / name).exists() or (path.parent / name).exists()
        for name in named
    ]
    assert named and all(found), list(zip(named, found, strict=True))


def test_it_starts_in_its_own_folder_as_in_the_root(path):
    """Jupyter starts a kernel where the notebook is."""
    (start,) = {cells(path, "code")[0].source for path in NOTEBOOKS}
    code = f"import sys; sys.path[0] = ''\n{start}\nprint(os.getcwd())"
    for folder in (kernel.ROOT, path.parent):
        result = subprocess.run(
            [sys.executable, "-c", f"{code}\nimport recipes.common.start"],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        assert pathlib.Path(result.stdout.strip()) == kernel.ROOT


def commands(path):
    """The commands that a notebook runs, and those that its text names."""
    for cell in cells(path, "code"):
        yield from re.findall(r"^!(.+)$", cell.source, re.MULTILINE)
    for cell in cells(path, "markdown"):
        yield from re.findall(r"`((?:python|make) [^`]+)`", cell.source)


def test_its_commands_exist(path):
    for line in commands(path):
        # Not what the notebook puts in.
        words = [word for word in shlex.split(line) if "{" not in word]
        shown_commands.check(words)


# === As they run ===


@pytest.fixture
def execute(tmp_path):
    """A function that runs a notebook by its number, and what it printed."""

    def run(which, figures):
        (path,) = kernel.ROOT.glob(f"notebooks/{which}_*.ipynb")
        outputs, seconds = kernel.run(path, tmp_path)
        text = kernel.printed(outputs)
        checks = re.findall(r"^Check: (.+): (yes|NO)$", text, re.MULTILINE)
        assert checks
        assert [claim for claim, holds in checks if holds == "NO"] == []
        assert kernel.figures(outputs) == figures
        # No warnings, no banners.
        assert [o.text for o in outputs if o.get("name") == "stderr"] == []
        # Of the processor; some machines have one of half the speed.
        assert seconds < 2 * promised_seconds(path)
        return text

    return run


def numbers(text, pattern):
    """The numbers in the groups of a pattern, line by line."""
    found = re.findall(pattern, text, re.MULTILINE)
    assert found, f"Nothing like {pattern!r} was printed"
    return np.array(found, float)


@pytest.mark.slow
def test_back_propagation_through_time(execute):
    text = execute("1", figures=9)
    assert numbers(text, r"differ by (\S+):").max() < 1e-5
    of_terms, of_autodiff = numbers(text, r"(\d\.\d{8}) +(\d\.\d{8})$").T
    assert len(of_terms) == 5
    np.testing.assert_allclose(of_terms, of_autodiff, rtol=1e-5)
    (factors,) = numbers(text, r"^factors: (\S+), (\S+), (\S+)$")
    np.testing.assert_allclose(factors, [0.8, 1.0, 1.2], rtol=1e-4)
    megabytes = numbers(text, r"steps: +([\d.]+) MB, in segments +([\d.]+) MB")
    assert megabytes.shape == (2, 2)


@pytest.mark.slow
def test_gates_and_your_own_cell(execute):
    text = execute("2", figures=4)
    apart = numbers(text, r"differ by (\S+):")
    assert len(apart) == 3 and apart.max() < 1e-4
    topologies = re.findall(r"^(\w+) +[\d,]+ weights$", text, re.MULTILINE)
    assert topologies == rnnzoo.list_architectures()
    left = numbers(text, r"(\S+) of it is left after 20 steps$")
    assert len(left) == 3 and (np.diff(left) > 0).all()
    times = numbers(text, r"^.{16} *([\d.]+) +([\d.]+) ms$")
    assert times.shape == (3, 2) and (times > 0).all()


@pytest.mark.slow
def test_topologies_attention_and_beams(execute):
    text = execute("3", figures=8)
    apart = numbers(text, r"differ by (\S+):")
    assert len(apart) == 2 and apart.max() < 1e-4
    shares = numbers(text, r"^exact match.*: ([\d.]+)%$")
    assert len(shares) == 5 and ((0 <= shares) & (shares <= 100)).all()
    (greedy,) = numbers(text, r"^greedy .* p = ([\d.]+)$")
    beams = numbers(text, r"^beam 4 .* p = ([\d.]+)$")
    assert len(beams) == 4 and beams.max() >= greedy


@pytest.mark.slow
def test_train_search_and_compare(execute):
    text = execute("4", figures=3)
    trials = numbers(text, r"^(\d+) +([\d.]+) +\d+ +(?:gru|lstm|min_gru) ")
    assert sorted(trials[:, 0]) == [1, 2]
    assert trials[0, 1] <= trials[1, 1]
    ranked = re.findall(r"^([12]) +(gru|elman) ", text, re.MULTILINE)
    assert {cell for _, cell in ranked} == {"gru", "elman"}
    (accuracy,) = numbers(text, r"^test/accuracy +([\d.]+)$")
    assert 0 <= accuracy <= 1
