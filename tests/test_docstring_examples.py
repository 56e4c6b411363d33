"""Every example in a docstring of rnnzoo runs and does what it says."""

import ast
import pathlib
import sys
import types

import keras
import numpy as np
import pytest

import rnnzoo
from tests import documents

ROOT = pathlib.Path(rnnzoo.__file__).parent


def examples():
    """One parameter for each docstring with an example, named as its owner."""
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        yield from _of(ast.parse(path.read_text("utf-8")), module, path)


def _of(node, name, path):
    docstring = ast.get_docstring(node, clean=False)
    if docstring and documents.blocks(docstring, "python"):
        first_line = node.body[0].value.lineno
        yield pytest.param(docstring, path, first_line, id=name)
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            yield from _of(child, f"{name}.{child.name}", path)


@pytest.mark.parametrize(("docstring", "path", "first_line"), [*examples()])
def test_example_runs(docstring, path, first_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("example")
    monkeypatch.setitem(sys.modules, "example", module)
    # As in Keras's documentation; anything else, an example imports itself.
    vars(module).update(keras=keras, np=np, rnnzoo=rnnzoo)
    for block in documents.blocks(docstring, "python"):
        documents.run(block, vars(module), path, first_line)


@pytest.mark.parametrize("kind", ["cells", "architectures"])
def test_everything_of_the_catalogue_has_an_example(kind):
    catalogue = {
        "cells": rnnzoo.cells.CELLS,
        "architectures": rnnzoo.architectures.ARCHITECTURES,
    }[kind]
    without = [
        name
        for name, value in catalogue.items()
        if not documents.blocks(value.__doc__, "python")
    ]
    assert without == []
