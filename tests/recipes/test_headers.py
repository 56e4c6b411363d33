"""Every recipe states its promise, and has the same shape."""

import ast
import pathlib
import re

import pytest

RECIPES = sorted(pathlib.Path(__file__).parents[2].glob("recipes/[a-z]*.py"))


@pytest.fixture(params=RECIPES, ids=lambda path: path.stem)
def recipe(request):
    return request.param


def promise(path):
    """The paragraphs of a header by their first word."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    found = re.findall(r"^(\w+): (.+(?:\n(?!\w+: |\n).+)*)", text, re.MULTILINE)
    return {name: " ".join(rest.split()) for name, rest in found}


def test_there_are_recipes():
    assert "translation" in [path.stem for path in RECIPES]


def test_the_header_says_what_to_expect(recipe):
    expected = promise(recipe)["Expected"]
    assert re.search(r"\d+(\.\d+)? (%|bits)", expected), "no number"
    assert re.search(r"\d+ (s|min|h)\b", expected), "no time"
    assert re.search(r"\b(cores?|GPUs?)\b", expected), "no machine"
    assert re.search(r"seed", expected), "no seed"


def test_the_header_says_how_to_run_it(recipe):
    assert promise(recipe)["Run"] == f"python -m recipes.{recipe.stem}"


def test_its_parts_come_in_the_same_order(recipe):
    tree = ast.parse(recipe.read_text("utf-8"))
    names = [getattr(node, "name", None) for node in tree.body]
    parts = ["Config", "build_data", "build_model", "search_space", "main"]
    assert [name for name in names if name in parts] == parts


def test_the_header_fits_on_a_screen(recipe):
    text = ast.get_docstring(ast.parse(recipe.read_text("utf-8")))
    assert len(text.splitlines()) <= 40


def test_it_is_short_enough_to_be_read(recipe):
    assert len(recipe.read_text("utf-8").splitlines()) <= 300


def test_the_header_names_the_functions_to_change(recipe):
    tree = ast.parse(recipe.read_text("utf-8"))
    text = " ".join(ast.get_docstring(tree).split())
    names = text.split("To make it your own, change ")[1].split(".")[0]
    defined = {getattr(node, "name", None) for node in tree.body}
    names = set(re.findall(r"\w+_\w+|score|main", names))
    assert len(names) == 5
    assert names <= defined


def test_no_number_is_left_to_fill_in(recipe):
    assert not re.findall(r"@[A-Z_]+@", recipe.read_text("utf-8"))
