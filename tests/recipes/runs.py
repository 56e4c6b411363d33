"""Trains recipes at tiny sizes; run as a process by test_all.py.

In a process of its own because TensorFlow must not have started when the
processor is taken for two.

Run: python -m tests.recipes.runs FOLDER RECIPE ...
"""

import dataclasses
import json
import os
import pathlib
import signal
import sys

import keras

from recipes.common import experiment
from rnnzoo.training import runs, strategy
from tests.recipes.recipes import module

# Masks of dropout are others on other replicas.
SAME = {"smoke": True, "dropout": 0.0}
# What trains on one device only is left out on several.
ON_SEVERAL = {"language_model": {"carry": False}}


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C after a number of steps, or never."""

    def __init__(self, steps=None):
        super().__init__()
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        if self.steps is not None and batch + 1 == self.steps:
            signal.raise_signal(signal.SIGINT)


def train(folder, name, interrupt=None, **options):
    """What the run in MLflow has: its status, metrics, and files."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    keras.backend.clear_session()
    experiment.stopping = lambda recipe, config: [Interrupt(interrupt)]
    recipe = module(name)
    try:
        recipe.main(dataclasses.replace(recipe.Config(), **SAME, **options))
    except KeyboardInterrupt:
        pass
    newest, *others = runs.recent()
    return {
        "status": newest.status,
        "metrics": newest.metrics,
        "params": newest.params(),
        "tags": json.loads((newest.directory / "tags.json").read_text()),
        "files": sorted(path.name for path in newest.directory.iterdir()),
        "runs": 1 + len(others),
    }


def main(folder, names):
    strategy.split_cpu(2)
    found = {}
    for name in names:
        place = pathlib.Path(folder) / name
        several = ON_SEVERAL.get(name, {})
        found[name] = {
            "whole": train(place / "whole", name),
            "cut": train(place / "parts", name, interrupt=2),
            "parts": train(place / "parts", name),
            "mirrored": train(
                place / "mirrored", name, strategy="mirrored", **several
            ),
        }
        if several:
            found[name]["one"] = train(place / "one", name, **several)
    pathlib.Path(folder, "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
