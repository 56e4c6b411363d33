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
from recipes.common import flags, settings
from rnnzoo import datasets
from rnnzoo.training import store

ROOT = pathlib.Path(__file__).parents[2]


def complete(**options):
    return settings.complete(translation.Config(**options), translation.SMOKE)


TINY = complete(smoke=True)


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


@pytest.mark.slow
def test_a_run_has_its_whole_config(smoke):
    _, _, _, run = smoke
    assert run.info.status == "FINISHED"
    for name, value in dataclasses.asdict(TINY).items():
        text = "none" if value is None else str(value)
        assert run.data.params[name] == text
    assert run.data.tags["keras_version"] == keras.__version__
    assert run.info.run_name == "gru-u16-l1-s1"


@pytest.mark.slow
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
        "test/bleu",
        "test/bleu_lowercased",
        "test/chrf",
        "best/loss",
        "perf/fit_seconds",
        "perf/first_step_seconds",
        "perf/examples_per_second",
        "perf/input_wait_share",
        "perf/peak_memory_mb",
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


@pytest.mark.slow
def test_a_run_has_its_pictures_and_samples(smoke):
    _, _, client, run = smoke
    identifier = run.info.run_id
    names = {item.path for item in client.list_artifacts(identifier)}
    assert {
        "model.keras",
        "predictions.txt",
        "samples.txt",
        "scores.txt",
        "exact_match_by_locale.txt",
        "source_vocabulary.json",
        "target_vocabulary.json",
    } < names
    pictures = client.list_artifacts(identifier, "attention")
    assert [item.path for item in pictures] == [
        f"attention/{number}.png" for number in range(3)
    ]
    assert all(item.file_size > 5000 for item in pictures)


@pytest.mark.slow
def test_it_prints_what_it_does_and_what_came_of_it(smoke):
    _, out, _, run = smoke
    for words in (
        "Translates: learns from pairs of texts",
        "dates: 300 examples to learn from, 300 to test",
        "gru of 16 units; ",
        "Epoch 2/2",
        "of 300 held-out examples",
        "Test: ",
        "locale  right",
        "predicted",
        f"then http://127.0.0.1:5000/#/experiments/1/runs/{run.info.run_id}",
    ):
        assert words in out
    assert len(re.findall(r"^  (ok   |wrong)  ", out, re.MULTILINE)) == 6


@pytest.mark.slow
def test_the_last_line_uses_the_model(smoke):
    folder, out, _, run = smoke
    last = out.rstrip("\n").split("\n")[-1]
    words = shlex.split(last.removeprefix("To use it"))
    assert words[1:5] == ["-m", "rnnzoo", "generate", run.info.run_id[:8]]
    answer = subprocess.run(
        words,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    predictions = next(folder.rglob("predictions.txt")).read_text("utf-8")
    assert answer.stdout == predictions.splitlines()[0] + "\n", answer.stderr


@pytest.mark.slow
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
    texts = datasets.load_pairs("dates").splits
    dates = [set(texts[s]["target"]) for s in ("train", "validation", "test")]
    assert [len(texts[s]["source"]) for s in ("train", "test")] == [48000, 6000]
    assert not dates[0] & dates[1]
    assert not dates[0] & dates[2]
    assert not dates[1] & dates[2]


def test_training_moves_every_weight_and_ends_at_rate_zero():
    data = translation.build_data(TINY)
    model = translation.build_model(TINY, data)
    before = [np.array(weight.value) for weight in model.trainable_weights]
    model.fit(data.training.dataset(), epochs=2, verbose=0, shuffle=False)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert not np.array_equal(weight.value, old), weight.path
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-9)


def test_search_space_gives_a_config_for_each_trial():
    hp = keras_tuner.HyperParameters()
    assert translation.search_space(hp, TINY) == dataclasses.replace(
        TINY, units=64, learning_rate=1e-3
    )
    assert "num_layers" in hp.values and "residual" not in hp.values
    hp.values |= {"cell": "lstm", "units": 256}
    config = translation.search_space(hp, TINY)
    assert (config.cell, config.units) == ("lstm", 256)


# === Texts of one's own ===

PLACES = ["cat", "dog", "bird", "red fish", "old horse", "small cow"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two aligned files of sentences, and nothing else."""
    folder = tmp_path_factory.mktemp("texts")
    lines = [
        f"the {one} sees the {other} {number} times"
        for number in range(10)
        for one in PLACES
        for other in PLACES
    ]
    turned = [" ".join(line[::-1].split()) for line in lines]
    for ending, texts in (("en", lines), ("ne", turned)):
        text = "".join(f"{line}\n" for line in texts)
        (folder / f"animals.{ending}").write_text(text, "utf-8")
    return folder


def vocabularies(data):
    return data.known["source_vocabulary"], data.known["target_vocabulary"]


def of_folder(folder, **options):
    return complete(
        dataset=f"folder:{folder}", source="en", target="ne", **options
    )


def test_two_files_are_enough(folder):
    config = of_folder(folder, smoke=True)
    data = translation.build_data(config)
    read, write = vocabularies(data)
    assert read is write
    assert data.training.dropped == 0
    assert data.training.examples + 2 * data.test_size == 360
    ids = read.encode(data.test["source"])
    assert read.decode(ids) == data.test["source"]


def test_longer_pairs_are_left_out_and_counted(folder):
    config = of_folder(folder, max_length=8)
    data = translation.build_data(config)
    dropped = data.training.dropped
    assert dropped > 0
    assert data.notes[-1].startswith(
        f"{dropped} pairs are longer than 8 tokens"
    )


def test_each_side_can_have_its_vocabulary(folder):
    config = of_folder(folder, vocabulary="separate", lowercase=True)
    read, write = vocabularies(translation.build_data(config))
    assert read.fingerprint != write.fingerprint
    assert read.decode(read.encode(["THE Cat"])) == ["the cat"]


@pytest.mark.parametrize("options", [{}, {"cell": "lstm", "seed": 3}])
def test_what_is_given_is_kept(folder, options):
    config = of_folder(folder, units=32, **options)
    assert (config.units, config.batch_size, config.group) == (32, 64, None)
    assert all(getattr(config, key) == options[key] for key in options)


# === Searching ===


@pytest.mark.slow
def test_a_search_keeps_what_failed(here, monkeypatch, capsys):
    """Three trials, the second of which cannot be built."""
    build_model = translation.build_model
    built = []

    def build(config, data):
        built.append(config)
        if len(built) == 2:
            raise ValueError("no memory")
        return build_model(config, data)

    monkeypatch.setattr(translation, "build_model", build)
    config = translation.Config(smoke=True, tune="random", trials=3, seed=0)
    best = translation.main(config)
    assert best in (built[0], built[2])
    assert len({(c.cell, c.units, c.learning_rate) for c in built}) == 3
    client, experiment = store.connect("translation", here / "mlruns")
    parent, *others = sorted(
        client.search_runs([experiment]), key=lambda run: run.info.start_time
    )
    assert {run.data.tags["mlflow.parentRunId"] for run in others} == {
        parent.info.run_id
    }
    states = [run.info.status for run in others]
    assert states == ["FINISHED", "FAILED", "FINISHED"]
    assert "no memory" in others[1].data.tags["error"]
    epochs = client.get_metric_history(others[0].info.run_id, "val/loss")
    assert [point.step for point in epochs] == [1, 2]
    words = "To train it again:\n  python -m recipes.translation "
    told = capsys.readouterr().out.split(words)[1].splitlines()[0]
    config = flags.parse(translation.Config, told.split())
    assert settings.complete(config, translation.SMOKE) == best
