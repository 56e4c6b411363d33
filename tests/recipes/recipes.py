"""The recipes that train in epochs on a data set, which tests go through."""

import importlib
import pathlib

from recipes.common.settings import TrainingSettings

FOLDER = pathlib.Path(__file__).parents[2] / "recipes"

# What runs of any recipes are compared by: settings of each Config,
SHARED = {
    "dataset",
    "cell",
    "units",
    "num_layers",
    "dropout",
    "batch_size",
    "epochs",
    "learning_rate",
    "seed",
}
# and what `recipes.common.described` adds to them.
DESCRIBED = {
    "topology",
    "bidirectional",
    "attention",
    "optimizer",
    "global_clipnorm",
    "lr_log10",
    "num_replicas",
}


def module(name):
    return importlib.import_module(f"recipes.{name}")


NAMES = [
    path.stem
    for path in sorted(FOLDER.glob("[a-z]*.py"))
    if issubclass(module(path.stem).Config, TrainingSettings)
]
