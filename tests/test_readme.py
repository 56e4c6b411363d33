"""What the README shows works: its Python runs, its commands exist."""

import pathlib
import re
import shlex
import sys
import time
import types

import pytest

import rnnzoo
from tests import documents, shown_commands

ROOT = pathlib.Path(__file__).parents[1]
README = ROOT / "README.md"
TEXT = README.read_text("utf-8")
GUIDE = ROOT / "rnnzoo" / "architectures" / "README.md"

# The README promises a minute on two quiet cores, imports included.
SECONDS = 60


def commands():
    """Every command line of the README, without prompts and comments."""
    for block in documents.blocks(TEXT, "bash", "sh", "console"):
        prompt = block.language == "console"
        for line in block.text.replace("\\\n", " ").splitlines():
            if prompt and not line.startswith("$ "):
                continue  # What a command prints.
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words:
                yield words


COMMANDS = list(commands())


@pytest.mark.parametrize("path", [README, GUIDE])
def test_python_runs_from_top_to_bottom(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("readme")
    monkeypatch.setitem(sys.modules, "readme", module)
    blocks = documents.blocks(path.read_text("utf-8"), "python")
    assert blocks, f"{path} shows no Python"
    start = time.process_time()
    for block in blocks:
        documents.run(block, vars(module), path)
    # Time of the processor, which other work on the machine does not lengthen.
    assert time.process_time() - start < 2 * SECONDS


def test_the_two_commands_of_the_promise_are_shown():
    assert ["make", "demo"] in COMMANDS
    assert ["make", "test"] in COMMANDS


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_command_exists(words):
    shown_commands.check(words)


def rows(heading):
    """Name -> row, of the first table under a heading."""
    section = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return {
        match[1]: match[0]
        for match in re.finditer(r"^\| `(\w+)` \|.*$", section, re.MULTILINE)
    }


def test_every_cell_is_in_one_family():
    section = TEXT.split("\n## The cells\n", 1)[1].split("\n\n[The", 1)[0]
    assert sorted(re.findall(r"`(\w+)`", section)) == rnnzoo.list_cells()


def test_the_topologies_are_listed_with_their_aliases():
    listed = rows("The five topologies")
    assert sorted(listed) == rnnzoo.list_architectures()
    for alias, name in rnnzoo.architectures.ALIASES.items():
        assert f"`{alias}`" in listed[name]


@pytest.mark.parametrize("path", [README, GUIDE])
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8"))
    local = [link for link in links if not link.startswith("https://")]
    assert local
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_no_number_is_left_to_fill_in():
    assert re.findall(r"@[A-Z_]+@|TO BE RUN|TODO", TEXT) == []


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    help = shown_commands.make("help").stdout
    listed = [line.split()[1] for line in help.splitlines()]
    assert sorted(listed) == sorted(phony.split())
