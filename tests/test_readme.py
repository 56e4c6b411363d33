"""What the README shows works: its Python runs, its commands exist."""

import importlib.util
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time
import tomllib
import types

import pytest

import rnnzoo
from tests import documents

ROOT = pathlib.Path(__file__).parents[1]
README = ROOT / "README.md"
TEXT = README.read_text("utf-8")

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


def without_settings(words):
    """The command behind settings such as KERAS_BACKEND=jax."""
    while re.match(r"\w+=", words[0]):
        words = words[1:]
    return words


def test_python_runs_from_top_to_bottom(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("readme")
    monkeypatch.setitem(sys.modules, "readme", module)
    blocks = documents.blocks(TEXT, "python")
    assert blocks, "README.md shows no Python"
    start = time.process_time()
    for block in blocks:
        documents.run(block, vars(module), README)
    # Time of the processor, which other work on the machine does not lengthen.
    assert time.process_time() - start < 2 * SECONDS


def test_the_two_commands_of_the_promise_are_shown():
    assert ["make", "demo"] in COMMANDS
    assert ["make", "test"] in COMMANDS


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_command_exists(words):
    program, *arguments = without_settings(words)
    if program == "make":
        check_make(arguments)
    elif program in ("python", "python3", ".venv/bin/python"):
        check_python(arguments)
    elif program == "pip":
        check_pip(arguments)
    else:
        assert program in ("git", "cd", "source"), (
            f"tests/test_readme.py has no check for `{program}`; write one, "
            "so that the README cannot promise what does not work"
        )


def make(*arguments):
    """Runs make as from a shell, also where make runs the tests."""
    environment = {k: v for k, v in os.environ.items() if "MAKE" not in k}
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def check_make(arguments):
    result = make("--dry-run", *arguments)
    assert result.returncode == 0, result.stderr


def check_python(arguments):
    """The script or module knows --help and each option that is shown."""
    if arguments[1].startswith("recipes.quick."):
        # These have no options, --help among them, and would train.
        assert len(arguments) == 2
        assert importlib.util.find_spec(arguments[1]) is not None
        return
    if "--" in arguments:  # and then the command that it starts
        place = arguments.index("--")
        check_python(arguments[place + 2 :])
        arguments = arguments[:place]
    end = 2 if arguments[0] == "-m" else 1
    if arguments[:2] == ["-m", "rnnzoo"]:
        end = 3  # Each command of it has its own help.
    result = subprocess.run(
        [sys.executable, *arguments[:end], "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    known = set(re.findall(r"--[a-z][\w-]*", result.stdout))
    shown = {word.split("=")[0] for word in arguments[end:] if word[:2] == "--"}
    assert shown <= known


def check_pip(arguments):
    """pip installs only what pyproject.toml offers."""
    assert arguments[0] == "install"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = set(settings["project"]["optional-dependencies"])
    shown = re.findall(r"\[([\w,-]+)\]", " ".join(arguments))
    assert {extra for group in shown for extra in group.split(",")} <= extras


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


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT)
    local = [link for link in links if not link.startswith("https://")]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_no_number_is_left_to_fill_in():
    assert re.findall(r"@[A-Z_]+@|TO BE RUN|TODO", TEXT) == []


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    listed = [line.split()[1] for line in make("help").stdout.splitlines()]
    assert sorted(listed) == sorted(phony.split())
