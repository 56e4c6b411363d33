import dataclasses
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import time

import keras
import keras_tuner
import numpy as np
import pytest
import tensorflow as tf

import rnnzoo
from recipes import long_dependencies
from recipes.common import long_strings, long_table, long_tasks, results
from recipes.common.arrays import Batches
from recipes.common.stopping import StopEarly
from rnnzoo.serving import predicting, readers
from rnnzoo.training import resume, store, tracking
from tests.recipes.recipes import DESCRIBED, SHARED

ROOT = pathlib.Path(__file__).parents[2]
Config = long_dependencies.Config
TINY = long_dependencies.complete(
    Config(smoke=True, cell="elman", task="adding", length=10)
)


# === Tasks ===


def logits(ids, classes, sure=50.0):
    return sure * np.eye(classes)[ids]


def test_guessing_is_what_no_memory_gives():
    adding = long_tasks.task("adding", 10)
    _, targets = long_tasks.load(adding, "test")
    scores = long_tasks.scores(adding, np.ones_like(targets), targets)
    assert scores["loss"] == pytest.approx(adding.guessing, rel=0.05)
    assert scores["accuracy"] == pytest.approx(0.08, abs=0.02)
    assert scores["solved"] == 0

    copy = long_tasks.task("copy", 10)
    _, targets, _ = long_tasks.load(copy, "test")
    outputs = logits(np.full_like(targets, 8), 9)
    outputs[:, -10:] = [0.0] * 8 + [-50.0]
    scores = long_tasks.scores(copy, outputs, targets)
    assert scores["loss"] == pytest.approx(copy.guessing, rel=1e-6)
    assert copy.guessing == pytest.approx(10 * math.log(8) / 30)

    group = long_tasks.task("z5")
    _, targets, _ = long_tasks.load(group, "test")
    scores = long_tasks.scores(group, np.zeros((*targets.shape, 5)), targets)
    assert scores["loss"] == pytest.approx(math.log(5))
    assert scores["accuracy"] == pytest.approx(0.2, abs=0.01)


def test_adding_is_solved_below_a_thousandth():
    task = long_tasks.task("adding", 10)
    targets = np.linspace(0, 2, 50)[:, None]
    close = long_tasks.scores(task, targets + 0.03, targets)
    assert close == pytest.approx({"loss": 9e-4, "accuracy": 1, "solved": 1})
    off = long_tasks.scores(task, targets - 0.05, targets)
    assert off == pytest.approx({"loss": 25e-4, "accuracy": 0, "solved": 0})


def test_only_recalled_symbols_count_in_copy_memory():
    task = long_tasks.task("copy", 10)
    targets = np.full((4, 30), 8)
    targets[:, -10:] = 3
    written = targets.copy()
    written[:, :10] = 0  # wrong, but nothing to remember
    written[:, -1] = 5
    scores = long_tasks.scores(task, logits(written, 9), targets)
    assert scores["accuracy"] == pytest.approx(0.9)
    assert scores["solved"] == 0
    scores = long_tasks.scores(task, logits(targets, 9), targets)
    assert scores["solved"] == scores["accuracy"] == 1


def test_a_group_is_solved_where_words_are_longest():
    task = long_tasks.task("parity")
    targets = np.zeros((10, 256), int)
    said = targets.copy()
    said[0, 50] = 1  # of 24 steps in ten words
    said[:3, 200] = 1
    scores = long_tasks.scores(task, logits(said, 2), targets)
    assert scores["accuracy_1_to_40"] == scores["accuracy_65_to_128"] == 1
    assert scores["accuracy_41_to_64"] == pytest.approx(1 - 1 / 240)
    assert scores["accuracy"] == pytest.approx(1 - 3 / 1280)
    assert scores["accuracy"] == scores["accuracy_129_to_256"]
    assert scores["solved"] == 1
    said[:, 200:202] = 1
    assert long_tasks.scores(task, logits(said, 2), targets)["solved"] == 0


def test_short_words_are_padded_where_nothing_counts():
    inputs, targets, weights = long_tasks.load(long_tasks.task("z5"), "train")
    assert inputs.shape == targets.shape == weights.shape == (10_000, 40)
    lengths = weights.sum(axis=1).astype(int)
    assert (lengths.min(), lengths.max()) == (1, 40)
    row = lengths.argmin()
    assert weights[row].tolist() == [1.0] + [0.0] * 39
    assert (inputs[weights == 0] == 0).all()
    composed = np.cumsum(inputs, axis=1) % 5
    assert (composed == targets)[weights == 1].all()


# === Strings ===


@pytest.mark.parametrize("name", ["adding", "copy", "z5"])
def test_sequences_are_read_as_they_were(name):
    task = long_tasks.task(name, 10)
    arrays = long_tasks.load(task, "test")
    tensors = long_tasks.encoder(task)(*(array[:3] for array in arrays))
    inputs, _, *weights = map(np.asarray, tensors)
    weights = weights[0] if weights else None
    agreed = long_strings.contract(task)
    texts = long_strings.sequences(task, inputs, weights)
    read, names = readers.READERS[agreed.inputs["kind"]](
        texts, agreed.inputs, None
    )
    np.testing.assert_allclose(read["inputs"], inputs, rtol=1e-3)
    if weights is not None:
        assert (read["mask"] == weights.astype(bool)).all()
    assert [len(row) for row in names] == [*read["mask"].sum(axis=1)]


def test_a_model_says_what_it_makes_of_a_sequence():
    task = long_tasks.task("z5")
    model = rnnzoo.build("synced", input_dim=5, num_outputs=5, units=4)
    agreed = long_strings.contract(task)
    said = predicting.predict(model, agreed, ["1 0 4", "2"])
    labels = model.labels(np.eye(5, dtype="float32")[None, [1, 0, 4]])[0]
    expected = zip("104", labels, strict=True)
    assert said[0] == "".join(f"{n}\t{label}\n" for n, label in expected)
    assert said[1].count("\n") == 1
    with pytest.raises(ValueError, match="'5' is no symbol.* from 0 to 4"):
        predicting.predict(model, agreed, ["5 1"])


def test_a_sum_is_said_as_a_number():
    task = long_tasks.task("adding", 10)
    model = rnnzoo.build(
        "many_to_one", input_dim=2, num_outputs=1, head="regression", units=4
    )
    agreed = long_strings.contract(task)
    (said,) = predicting.predict(model, agreed, ["0.5,1 0.25,0"])
    value = model(np.array([[[0.5, 1], [0.25, 0]]], "float32"))
    assert float(said) == pytest.approx(float(value[0, 0]), rel=1e-5)
    for text in ("0.5 1", "0.5,1 x,0", "0.5,1,0"):
        with pytest.raises(ValueError, match=f"2 numbers.* '{text}'\\.$"):
            predicting.predict(model, agreed, ["0.5,1", text])


def test_samples_show_what_was_said_and_the_hard_end():
    task = long_tasks.task("parity")
    targets = np.tile([0, 1], (2, 40))
    outputs = np.eye(2)[1 - targets]
    weights = np.ones((2, 80))
    weights[1, 3:] = 0
    told = long_strings.samples(
        task, np.eye(2)[targets], outputs, targets, weights
    )
    whole, short = (block.splitlines() for block in told.split("\n\n"))
    assert whole[0].startswith("predicted  ... ")
    assert whole[0].endswith(" 1 0 1 0") and whole[1].endswith(" 0 1 0 1")
    assert max(map(len, whole)) < 110
    assert short == [
        "predicted  1 0 1",
        "expected   0 1 0",
        "from       0 1 0",
    ]


# === Batches ===


def batches(**changes):
    arrays = (np.arange(40), 2 * np.arange(40))
    options = {"batch_size": 4, "steps": 6, "seed": 1} | changes
    return Batches(arrays, **options, encode=lambda x, y: (x, x + y))


def read(data, *place):
    found = list(data.dataset(*place).as_numpy_iterator())
    assert all((y == 3 * x).all() for x, y in found)
    return [x.tolist() for x, _ in found]


def test_an_epoch_is_entered_in_the_middle():
    data = batches()
    assert (len(data), data.examples) == (6, 24)
    whole = read(data, 2)
    assert [len(rows) for rows in whole] == [4] * 6
    assert len({n for rows in whole for n in rows}) == 24
    assert read(data, 2, 4) == whole[4:]
    assert read(batches(), 2) == whole
    assert read(data, 3) != whole != read(batches(seed=2), 2)


def test_an_epoch_takes_no_row_twice():
    assert len(read(batches(steps=10))) == 10
    with pytest.raises(ValueError, match="takes 44, and there are 40"):
        batches(steps=11)


# === Stopping ===


def stopped(losses, **changes):
    """Epochs, ending and the weight that is left, one for each epoch."""
    options = {"solved": 0.01, "progress": 0.1, "patience": 3} | changes
    stop = StopEarly(**options)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    stop.set_model(model)
    for number, loss in enumerate(losses):
        model.set_weights([np.full((1, 1), number), np.zeros(1)])
        stop.on_epoch_end(number, {"val_loss": loss})
        if model.stop_training:
            break
    stop.on_train_end()
    return stop.epochs, stop.ended, float(model.get_weights()[0][0, 0])


@pytest.mark.parametrize(
    "losses, expected",
    [
        ([1, 0.005, 0.001], (2, "solved", 1)),
        # Slow, but further in every third epoch.
        ([1, 0.95, 0.9, 0.85, 0.8, 0.75], (6, "budget", 5)),
        ([1, 0.95, 0.92, 0.91, 0.5], (4, "plateau", 3)),
        ([1, 0.7, 0.8, 0.75, 0.9, 0.1], (5, "plateau", 1)),
        ([1, math.nan, math.nan, math.nan], (4, "plateau", 0)),
    ],
)
def test_when_a_training_ends(losses, expected):
    assert stopped(losses) == expected


def test_what_stopping_remembers_goes_into_a_checkpoint():
    stop, other = (StopEarly(0.01, 0.1, 3) for _ in range(2))
    stop.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    for loss in (1, 0.95):
        stop.on_epoch_end(0, {"val_loss": loss})
    other.set_state(stop.get_state())
    assert other.get_state() == stop.get_state()
    assert (other.waited, other.mark, other.best) == (1, 1, 0.95)
    assert len(other.weights) == 2


# === Results ===


def test_results_are_found_by_what_is_measured(tmp_path):
    kept = results.Results(tmp_path / "study")
    assert kept.find(TINY) is None
    kept.keep(TINY, {"test/loss": 0.5})
    same = dataclasses.replace(TINY, fresh=True, all=True, only="gru")
    assert kept.find(same) == {"test/loss": 0.5}
    for change in ({"seed": 2}, {"cell": "gru"}, {"steps": 50}):
        assert kept.find(dataclasses.replace(TINY, **change)) is None
    (path,) = kept.folder.iterdir()
    assert json.loads(path.read_text("utf-8"))["config"]["cell"] == "elman"


def test_median_and_range():
    assert results.spread([0.3, 0.1, 0.25], ".2g") == "0.25 (0.1 to 0.3)"
    assert results.spread([0.5], ".0%") == "50%"
    assert results.spread([1.0, 1.0], ".1%") == "100.0%"
    assert results.spread([None], ".1%") == ""
    assert results.median([0.3, None, 0.1], ".1f") == "0.2"
    assert results.median([], ".1f") == ""


def found(**changes):
    measured = {
        "test/loss": 0.002,
        "test/accuracy": 0.995,
        "test/solved": 1.0,
        "test/guessing": 0.693,
        "train/steps": 100,
        "model/num_params": 1234,
        "perf/fit_seconds": 7.4,
        "ended": "solved",
    }
    return measured | {f"test/{name}": changes[name] for name in changes}


def test_the_table_has_a_row_for_each_cell():
    def config(task, cell, **options):
        return dataclasses.replace(TINY, task=task, cell=cell, **options)

    kept = [
        (config("adding", "gru", length=100), found(loss=0.0004)),
        (config("parity", "gru", length=None, seed=1), found()),
        (
            config("parity", "gru", length=None, seed=2),
            found(accuracy=0.5, solved=0.0),
        ),
        (config("parity", "lru", length=None), {"ended": "diverged"}),
    ]
    overview, details = long_table.write(kept).split("\n\n")
    assert overview.splitlines() == [
        "| cell | adding, T = 100 | parity |",
        "| --- | --- | --- |",
        "| `gru` | 0.0004 | 1 of 2: 74.8% |",
        "| `lru` |  | 0 of 1: diverged |",
    ]
    rows = [line.split(" | ") for line in details.splitlines()]
    assert len({len(row) for row in rows}) == 1
    assert rows[3][:4] == ["| parity", "`gru`", "2", "1"]
    assert rows[3][-4:] == ["1,234", "100", "7", "solved |"]
    assert rows[4][-1] == "diverged |"


# === The recipe ===


def test_the_table_is_every_cell_in_every_task():
    entries = long_dependencies.table_entries(Config(all=True))
    assert len(set(entries)) == len(entries) == 8 * (2 * (3 + 1 + 1) + 5 + 3)
    assert not any(entry.all for entry in entries)
    parity = [e for e in entries if e.task == "parity" and e.cell == "gru"]
    assert [entry.seed for entry in parity] == [1, 2, 3, 4, 5]
    assert {e.steps for e in entries if (e.length or 0) > 100} == {800}
    assert {e.steps for e in entries if (e.length or 0) <= 100} == {1000}
    # A single command measures the same entry.
    alone = Config(task="adding", length=600, cell="gru")
    assert long_dependencies.complete(alone) in entries


def test_a_part_of_the_table():
    def chosen(only):
        entries = long_dependencies.table_entries(Config(only=only))
        return {(entry.task, entry.cell) for entry in entries}

    assert chosen("z5,gru,lru") == {("z5", "gru"), ("z5", "lru")}
    assert len(chosen("parity")) == 8
    assert chosen("gru") == {(task, "gru") for task in long_dependencies.TASKS}
    with pytest.raises(ValueError, match="--only takes .*parity.*: grru"):
        chosen("grru,z5")


def test_search_space_gives_a_config_for_each_trial():
    hp = keras_tuner.HyperParameters()
    config = long_dependencies.search_space(hp, TINY)
    assert config == dataclasses.replace(
        TINY, cell="gru", num_layers=1, units=32, learning_rate=1e-3
    )
    assert set(hp.values) == {"cell", "num_layers", "units", "learning_rate"}


def test_the_table_and_a_search_are_two_commands():
    with pytest.raises(ValueError, match="--all fills the table, and --tune"):
        Config(all=True, tune="random")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """This process, with its runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    # Cannot be undone, and must not reach the tests after this one.
    monkeypatch.setattr(
        tf.config.experimental, "enable_op_determinism", lambda: None
    )
    return tmp_path


@pytest.fixture
def small_table(here, monkeypatch):
    """Two entries that need neither data nor training."""
    table = {"adding": {10: 1}, "parity": {None: 1}}
    monkeypatch.setattr(long_dependencies, "TABLE", table)
    monkeypatch.setattr(long_dependencies, "TASKS", tuple(table))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    monkeypatch.setattr(long_dependencies, "prepare", lambda _: (None, model))
    monkeypatch.setattr(long_table, "params", lambda config, *_: vars(config))
    return here / "mlruns/long_dependencies/table.md"


def test_what_is_measured_is_not_measured_again(
    small_table, monkeypatch, capsys
):
    learnt = []

    def learn(config, *arguments):
        learnt.append(config.task)
        if len(learnt) == 2:
            raise KeyboardInterrupt
        return found()

    monkeypatch.setattr(long_dependencies, "learn", learn)
    config = Config(all=True, only="gru")
    with pytest.raises(KeyboardInterrupt):
        long_dependencies.main(config)
    long_dependencies.main(config)
    assert learnt == ["adding", "parity", "parity"]
    long_dependencies.main(config)
    assert len(learnt) == 3
    long_dependencies.main(dataclasses.replace(config, fresh=True))
    assert len(learnt) == 5
    text = small_table.read_text("utf-8")
    assert text in capsys.readouterr().out
    assert text.startswith("| cell | adding, T = 10 | parity |\n")
    assert "| `gru` | 0.002 | 1 of 1: 99.5% |\n" in text


def test_an_entry_that_diverges_is_told_in_the_table(small_table, monkeypatch):
    def learn(config, *arguments):
        if config.task == "parity":
            raise FloatingPointError("The loss is NaN.")
        return found()

    monkeypatch.setattr(long_dependencies, "learn", learn)
    long_dependencies.main(Config(all=True, only="gru"))
    text = small_table.read_text("utf-8")
    assert "| `gru` | 0.002 | 0 of 1: diverged |\n" in text


@pytest.mark.slow
def test_a_trial_of_a_search_goes_on_to_more_epochs(here):
    config = dataclasses.replace(TINY, steps=150)
    assert config.epochs == 3
    for until in (1, 3):
        with (
            resume.Session("long_dependencies", config, keep=True) as session,
            tracking.Run("long_dependencies", str(until), config) as run,
        ):
            found = long_dependencies.attempt(config, run, session, until)
    client, _ = store.connect("long_dependencies", here / "mlruns")
    history = client.get_metric_history(run.run_id, "val/loss")
    assert [point.step for point in history] == [2, 3]
    # A search keeps and compares numbers: those of the weights that are kept.
    assert {type(value) for value in found.values()} <= {int, float}
    assert found["val/loss"] == found["best/loss"]


@pytest.mark.slow
def test_a_run_has_the_metrics_of_all_tasks(here):
    long_dependencies.main(TINY)
    client, experiment = store.connect("long_dependencies", here / "mlruns")
    (run,) = client.search_runs([experiment])
    assert run.info.run_name == "adding-10-elman-s1"
    params = run.data.params
    assert params["length"] == "10"
    assert params.keys() >= {*SHARED, *DESCRIBED}
    assert (params["dataset"], params["epochs"]) == ("adding/steps_10", "2")
    assert run.data.tags["rnnzoo.headline"] in run.data.metrics
    metrics = run.data.metrics
    assert {
        "test/loss",
        "test/accuracy",
        "test/solved",
        "test/guessing",
        "train/steps",
        "val/loss",
        "model/num_params",
        "perf/fit_seconds",
    } < set(metrics)
    assert metrics["train/steps"] == 100
    # What is tested are the best weights, of which nothing is said elsewhere.
    assert metrics["test/loss"] == pytest.approx(metrics["best/loss"], rel=0.3)
    kept = measured(here)
    assert kept["test/loss"] == metrics["test/loss"]
    assert kept["ended"] == "budget"
    assert not list((here / "mlruns/unfinished").glob("*"))


@pytest.mark.slow
def test_training_moves_every_weight(here):
    data = long_dependencies.build_data(TINY)
    model = long_dependencies.build_model(TINY, data)
    before = [np.array(weight.value) for weight in model.trainable_weights]
    model.fit(data[1].dataset().take(3), verbose=0, shuffle=False)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert not np.array_equal(weight.value, old), weight.path


def command(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "recipes.long_dependencies", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def measured(folder):
    (path,) = folder.glob("mlruns/long_dependencies/*.json")
    whole = json.loads(path.read_text("utf-8"))["measured"]
    return {k: v for k, v in whole.items() if not k.startswith("perf/")}


@pytest.mark.slow
def test_a_killed_entry_goes_on_and_ends_as_if_it_had_not_been(tmp_path):
    flags = ["--task", "z5", "--cell", "min_gru", "--units", "8"]
    flags += ["--steps", "400"]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    process = command(whole, *flags)
    _, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    process = command(killed, *flags)
    lines = iter(process.stdout.readline, "")
    assert any(line.startswith("Epoch 4/") for line in lines)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    process = command(killed, *flags)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert "Going on from " in out
    assert measured(killed) == measured(whole)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "gru", "slstm"])
def test_parity_is_solved_beyond_the_training_length(here, cell):
    config = Config(task="parity", cell=cell, seed=1)
    long_dependencies.main(config)
    assert measured(here)["test/solved"] == 1
