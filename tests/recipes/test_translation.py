import dataclasses
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys

import keras
import keras_tuner
import numpy as np
import pytest
import tensorflow as tf

from recipes import translation
from rnnzoo.training import store

ROOT = pathlib.Path(__file__).parents[2]
TINY = dataclasses.replace(
    translation.Config(), **translation.SMOKE, smoke=True
)


def environment():
    """As a user has it: tests/conftest.py alone quiets TensorFlow."""
    inherited = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    inherited.pop("TF_CPP_MIN_LOG_LEVEL", None)
    return inherited


def command(folder, *arguments):
    """The recipe as a process whose runs go into `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "recipes.translation", *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def only_run(folder):
    client, experiment = store.connect("translation", folder / "mlruns")
    (run,) = client.search_runs([experiment])
    return client, run


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """A whole run, tiny: its folder, what it printed, its run in MLflow."""
    folder = tmp_path_factory.mktemp("smoke")
    process = command(folder, "--smoke")
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    return folder, out, *only_run(folder)


def test_a_run_has_its_whole_config(smoke):
    _, _, _, run = smoke
    assert run.info.status == "FINISHED"
    for name, value in dataclasses.asdict(TINY).items():
        text = "none" if value is None else str(value)
        assert run.data.params[name] == text
    assert run.data.params["keras_version"] == keras.__version__
    assert run.info.run_name == "gru-u16-l1-s1"


def test_a_run_has_the_shared_metrics(smoke):
    _, _, client, run = smoke
    metrics = run.data.metrics
    assert {
        "train/loss",
        "train/lr",
        "train/token_accuracy",
        "val/loss",
        "val/exact_match",
        "test/exact_match",
        "perf/fit_seconds",
        "perf/first_step_seconds",
        "perf/examples_per_second",
        "perf/test_seconds",
        "model/num_params",
    } < set(metrics)
    losses = client.get_metric_history(run.info.run_id, "train/loss")
    assert [point.step for point in losses] == [1, 2]
    assert losses[1].value < losses[0].value
    by_locale = {
        name: value
        for name, value in metrics.items()
        if name.startswith("test/exact_match_by_locale/")
    }
    assert len(by_locale) == 30
    assert all(0 <= value <= 1 for value in by_locale.values())


def test_a_run_has_its_pictures_and_samples(smoke):
    _, _, client, run = smoke
    identifier = run.info.run_id
    names = {item.path for item in client.list_artifacts(identifier)}
    assert {"model.keras", "samples.txt", "exact_match_by_locale.txt"} < names
    pictures = client.list_artifacts(identifier, "attention")
    assert [item.path for item in pictures] == [
        f"attention/{number}.png" for number in range(3)
    ]
    assert all(item.file_size > 5000 for item in pictures)


def test_it_prints_what_it_does_and_what_came_of_it(smoke):
    _, out, _, run = smoke
    for words in (
        "Reads dates as people write them in 30 locales",
        "dates: 300 examples to learn from, 300 to test",
        "gru of 16 units, attention: multiplicative; ",
        "Epoch 2/2",
        "of 300 held-out examples",
        "Test: ",
        "locale  right",
        "predicted",
        f"then http://127.0.0.1:5000/#/experiments/1/runs/{run.info.run_id}",
    ):
        assert words in out
    assert len(re.findall(r"^  (ok   |wrong)  ", out, re.MULTILINE)) == 6


def test_the_last_line_uses_the_model(smoke):
    folder, out, _, _ = smoke
    last = out.rstrip("\n").split("\n")[-1]
    python, flag, code = shlex.split(last.removeprefix("To use it"))
    assert (python, flag) == (sys.executable, "-c")
    answer = subprocess.run(
        [python, flag, code],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert re.fullmatch(r"\['.*'\]\n", answer.stdout), answer.stderr


def test_ctrl_c_keeps_the_model_and_says_so(tmp_path):
    process = command(
        tmp_path, "--limit", "64", "--units", "8", "--epochs", "100000"
    )
    lines = iter(process.stdout.readline, "")
    assert any(line.startswith("Epoch 3/") for line in lines)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    _, run = only_run(tmp_path)
    assert run.info.status == "KILLED"
    assert run.data.metrics["train/loss"] > 0
    kept = re.search(r"^kept: (.*)$", err, re.MULTILINE)[1]
    assert err.endswith("\nStopped.\n")  # and nothing of TensorFlow after it
    assert keras.saving.load_model(kept).optimizer.iterations > 0


@pytest.fixture
def here(tmp_path, monkeypatch):
    """This process, with its runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    # Cannot be undone, and must not reach the tests after this one.
    monkeypatch.setattr(
        tf.config.experimental, "enable_op_determinism", lambda: None
    )
    return tmp_path


@pytest.mark.parametrize(
    "change, words",
    [
        ({"cell": "gruu"}, "gru"),
        ({"dataset": "datse"}, "dates"),
        ({"group": "local"}, "locale"),
        ({"max_length": 5}, "max_target_length"),
    ],
)
def test_a_mistake_is_told_before_a_run_begins(here, change, words):
    with pytest.raises(ValueError, match=words):
        translation.main(dataclasses.replace(TINY, **change))
    assert not (here / "mlruns").exists()


def test_splits_share_no_date():
    data = translation.build_data(dataclasses.replace(TINY, limit=None))
    dates = [set(data[s]["target"]) for s in ("train", "validation", "test")]
    assert [len(data[s]["source"]) for s in ("train", "test")] == [48000, 6000]
    assert not dates[0] & dates[1]
    assert not dates[0] & dates[2]
    assert not dates[1] & dates[2]


def test_training_moves_every_weight_and_ends_at_rate_zero():
    data = translation.build_data(TINY)
    model = translation.build_model(TINY, data)
    before = [np.array(weight.value) for weight in model.trainable_weights]
    model.fit(data["training"], epochs=2, verbose=0, shuffle=False)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert not np.array_equal(weight.value, old), weight.path
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-9)


def test_search_space_gives_a_config_for_each_trial():
    hp = keras_tuner.HyperParameters()
    assert translation.search_space(hp) == dataclasses.replace(
        translation.Config(), units=64, learning_rate=1e-3
    )
    assert set(hp.values) == {"cell", "units", "dropout", "learning_rate"}
    hp.values |= {"cell": "lstm", "units": 256}
    config = translation.search_space(hp)
    assert (config.cell, config.units) == ("lstm", 256)
