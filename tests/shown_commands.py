"""Commands that documents show: what they name exists."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).parents[1]


def check(words):
    """A command line, split into words, is one that this project has."""
    program, *arguments = without_settings(words)
    if program == "make":
        check_make(arguments)
    elif program in ("python", "python3", ".venv/bin/python"):
        check_python(arguments)
    elif program == "pip":
        check_pip(arguments)
    else:
        assert program in ("git", "cd", "source"), (
            f"tests/shown_commands.py has no check for `{program}`; write "
            "one, so that no document can promise what does not work"
        )


def without_settings(words):
    """The command behind settings such as KERAS_BACKEND=jax."""
    while re.match(r"\w+=", words[0]):
        words = words[1:]
    return words


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
