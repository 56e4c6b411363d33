"""The recipes that train in epochs on a data set, which tests go through."""

import importlib
import pathlib

from recipes.common.settings import TrainingSettings

FOLDER = pathlib.Path(__file__).parents[2] / "recipes"


def module(name):
    return importlib.import_module(f"recipes.{name}")


NAMES = [
    path.stem
    for path in sorted(FOLDER.glob("[a-z]*.py"))
    if issubclass(module(path.stem).Config, TrainingSettings)
]
