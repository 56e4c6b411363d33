"""Trains recipes at tiny sizes; run as a process by test_all.py.

In a process of its own because TensorFlow must not have started when the
processor is taken for two.

Run: python -m tests.recipes.runs FOLDER RECIPE ...
"""

import contextlib
import dataclasses
import io
import json
import os
import pathlib
import shlex
import signal
import sys

import keras

from recipes.common import experiment
from rnnzoo.__main__ import main as rnnzoo
from rnnzoo.training import runs, store, strategy
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


class Once:
    """The same data for runs that differ in nothing that changes them."""

    made = {}

    def __init__(self, build_data):
        self.build_data = build_data

    def __call__(self, config):
        key = self.build_data, dataclasses.replace(config, strategy="auto")
        if key not in self.made:
            self.made[key] = self.build_data(config)
        return self.made[key]


def train(name, interrupt=None, tested=False, **options):
    """What the run in MLflow has: its status, metrics, and files."""
    keras.backend.clear_session()
    experiment.stopping = lambda recipe, config: [Interrupt(interrupt)]
    recipe = module(name)
    config = dataclasses.replace(recipe.Config(), **SAME, **options)
    build_data, score, told = recipe.build_data, recipe.score, io.StringIO()
    recipe.build_data = Once(build_data)
    if not tested:
        recipe.score = lambda *arguments: None
    try:
        with contextlib.redirect_stdout(told):
            recipe.main(config)
    except KeyboardInterrupt:
        pass
    finally:
        recipe.build_data, recipe.score = build_data, score
        print(told.getvalue())
    newest = runs.recent()[0]
    points = (newest.directory / "metrics.jsonl").read_text().splitlines()
    client, _ = store.connect(newest.recipe, "mlruns")
    history = client.get_metric_history(newest.run_id, "val/loss")
    return {
        "run": newest.run_id,
        "status": newest.status,
        "metrics": newest.metrics,
        "tags": json.loads((newest.directory / "tags.json").read_text()),
        "files": sorted(path.name for path in newest.directory.iterdir()),
        "params": newest.params(),
        "history": [point.step for point in history],
        "points": [
            point["step"]
            for point in map(json.loads, points)
            if "val/loss" in point
        ],
        "told": told.getvalue(),
    }


def used(found):
    """What the command says that a training ends with."""
    line = found["told"].strip().splitlines()[-1]
    assert line.startswith("To use it"), line
    _, _, arguments = line.partition(" -m rnnzoo ")
    assert rnnzoo([*shlex.split(arguments), "--output", "said.txt"]) == 0
    return pathlib.Path("said.txt").read_text("utf-8")


def main(folder, names):
    strategy.split_cpu(2)
    os.chdir(folder)
    found = {}
    for name in names:
        whole = train(name, tested=True)
        several = ON_SEVERAL.get(name, {})
        found[name] = {
            "whole": whole,
            "said": used(whole),
            "cut": train(name, interrupt=2),
            "parts": train(name),
            "mirrored": train(name, strategy="mirrored", **several),
        }
        if several:
            found[name]["one"] = train(name, **several)
    pathlib.Path("found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
