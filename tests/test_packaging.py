"""pyproject.toml says what was run, and takes along what is needed."""

import importlib.metadata
import pathlib
import re
import tomllib

import pytest
from packaging.requirements import Requirement

import rnnzoo

ROOT = pathlib.Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = SETTINGS["project"]
REQUIREMENTS = [
    *PROJECT["dependencies"],
    *(line for e in PROJECT["optional-dependencies"].values() for line in e),
]


@pytest.mark.parametrize("line", REQUIREMENTS)
def test_a_dependency_is_bounded_and_as_installed(line):
    requirement = Requirement(line)
    bounds = {specifier.operator for specifier in requirement.specifier}
    assert bounds == {">=", "<"}
    if requirement.marker and not requirement.marker.evaluate():
        return  # of another Python than this one
    installed = importlib.metadata.version(requirement.name)
    assert installed in requirement.specifier


def test_the_core_is_light():
    names = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert names == {"keras", "numpy", "tensorflow"}


def test_the_version_is_one():
    assert rnnzoo.__version__ == PROJECT["version"]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## {re.escape(PROJECT['version'])}\b", changes, re.M)


def test_every_file_of_the_package_is_shipped():
    patterns = SETTINGS["tool"]["setuptools"]["package-data"]["*"]
    left_out = [
        path
        for path in (ROOT / "rnnzoo").rglob("*")
        if path.is_file()
        and path.suffix not in (".py", ".pyc")
        and not any(path.match(pattern) for pattern in patterns)
    ]
    assert left_out == []
    without_init = {
        path.parent
        for path in (ROOT / "rnnzoo").rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }
    assert without_init == set()
