"""The quick recipes: 30 lines that train a model and say how good it is."""

import itertools
import os
import pathlib
import re
import runpy
import subprocess
import sys

import keras
import pytest
import tensorflow as tf

from rnnzoo import datasets
from rnnzoo.datasets import digit_strips
from rnnzoo.datasets.dates.examples import examples as dates
from tests.recipes.test_headers import promise

ROOT = pathlib.Path(__file__).parents[2]
SCRIPTS = sorted(ROOT.glob("recipes/quick/*.py"))
# What each prints, and between which numbers a real run ends.
METRICS = {
    "captioning": ("exact match", 80, 100),
    "text_generation": ("bits per character", 1.5, 2.4),
    "translation": ("exact match", 97, 100),
}


@pytest.fixture(params=SCRIPTS, ids=lambda path: path.stem)
def script(request):
    return request.param


def printed(name, output):
    """The metric of a script, and the lines after it."""
    label, _, _ = METRICS[name]
    number, samples = re.search(
        rf"^{label}: ([\d.]+)(?: %)?\n(.+)", output, re.MULTILINE | re.DOTALL
    ).groups()
    return float(number), samples.splitlines()


def test_each_tutorial_has_its_replacement():
    assert [path.stem for path in SCRIPTS] == list(METRICS)


def test_it_has_at_most_thirty_lines(script):
    assert len(script.read_text("utf-8").splitlines()) <= 30


def test_its_header_says_how_to_run_it_and_what_to_expect(script):
    header = promise(script)
    assert header["Run"] == f"python -m recipes.quick.{script.stem}"
    label, low, high = METRICS[script.stem]
    assert label in header["Expected"]
    (number,) = re.findall(r"\d+\.\d+(?= %| bits)", header["Expected"])
    assert low < float(number) <= high
    for fact in (r"\d min\b", r"2 CPU cores", r"seed 1"):
        assert re.search(fact, header["Expected"]), fact


@pytest.fixture
def in_little(monkeypatch):
    """Scripts learn one step from few examples, and are tested on few."""

    def limited(function, **limits):
        return lambda *args, **options: function(*args, **{**options, **limits})

    def load(name, split):
        few = digit_strips.examples(split, 4)
        text = tf.TensorSpec((), "string")
        return tf.data.Dataset.from_generator(
            lambda: itertools.islice(few, 20),
            output_signature={
                "image": tf.TensorSpec((12, None, 1), "uint8"),
                "digits": text,
                "words": text,
            },
        )

    def load_pairs(name):
        splits = {}
        for split in ("train", "test"):
            few = list(itertools.islice(dates(split), 20))
            splits[split] = {
                key: [row[key] for row in few] for key in ("source", "target")
            }
        return datasets.Pairs(splits, "source", "target", ())

    fit, evaluate = keras.Model.fit, keras.Model.evaluate
    short = limited(fit, epochs=1, steps_per_epoch=1, verbose=0)
    monkeypatch.setattr(keras.Model, "fit", short)
    monkeypatch.setattr(keras.Model, "evaluate", limited(evaluate, steps=1))
    monkeypatch.setattr(datasets, "load", load)
    monkeypatch.setattr(datasets, "load_pairs", load_pairs)


@pytest.mark.slow
def test_it_prints_its_metric_and_samples(script, in_little, capsys):
    runpy.run_path(str(script), run_name="__main__")
    number, samples = printed(script.stem, capsys.readouterr().out)
    assert number >= 0
    assert samples


@pytest.mark.slow
def test_it_learns_as_much_as_it_promises(script):
    done = subprocess.run(
        [sys.executable, "-m", f"recipes.quick.{script.stem}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    number, samples = printed(script.stem, done.stdout)
    _, low, high = METRICS[script.stem]
    assert low < number <= high
    assert samples
