import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import keras
import matplotlib.figure
import mlflow
import numpy as np
import pytest

from rnnzoo.training import provenance, store, sweeps, tracking


def stored(root, run):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    return client, client.get_run(run.run_id)


def tiny_model():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_a_run_is_kept_whole(root):
    model = tiny_model()
    with tracking.Run("dates", "gru-8", {"cell": "gru"}, root) as run:
        run.log_metrics({"train/loss": 2.0}, step=1)
        run.log_metrics({"train/loss": 0.5, "val/loss": 0.75}, step=2)
        run.log_text("4. März -> 03-04", "samples/first.txt")
        figure = matplotlib.figure.Figure(figsize=(1, 1))
        run.log_figure(figure, "attention/0.png")
        saved = run.log_model(model)
    client, found = stored(root, run)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "gru-8"
    assert found.data.params == run.params == {"cell": "gru"}
    assert run.tags.items() <= found.data.tags.items()
    assert found.data.tags["keras_version"] == keras.__version__
    history = client.get_metric_history(run.run_id, "train/loss")
    assert [(point.step, point.value) for point in history] == [
        (1, 2.0),
        (2, 0.5),
    ]
    assert found.data.metrics["val/loss"] == 0.75
    listed = {item.path for item in client.list_artifacts(run.run_id)}
    assert listed == {
        "attention",
        "metrics.jsonl",
        "model.keras",
        "params.json",
        "samples",
        "tags.json",
    }
    local = client.download_artifacts(run.run_id, "samples/first.txt")
    text = pathlib.Path(local).read_text(encoding="utf-8")
    assert text == "4. März -> 03-04"
    inputs = np.ones((1, 2), "float32")
    loaded = keras.saving.load_model(saved)
    np.testing.assert_array_equal(loaded(inputs), model(inputs))


def test_the_folder_alone_tells_the_run_too(root):
    with tracking.Run("dates", "gru-8", {"cell": "gru"}, root) as run:
        run.log_metrics({"val/loss": 0.75}, step=2)
    params = json.loads((run.directory / "params.json").read_text())
    assert params == run.params
    tags = json.loads((run.directory / "tags.json").read_text())
    assert tags == run.tags
    line, _ = (run.directory / "metrics.jsonl").read_text().splitlines()
    line = json.loads(line)
    assert (line["step"], line["val/loss"]) == (2, 0.75)
    assert run.directory.is_relative_to(root / "artifacts" / "dates")


def test_two_runs_share_their_experiment(root):
    runs = []
    for name in ("a", "b"):
        with tracking.Run("dates", name, {}, root) as run:
            runs.append(run)
    _, first = stored(root, runs[0])
    _, second = stored(root, runs[1])
    assert first.info.experiment_id == second.info.experiment_id
    assert runs[0].url == (
        "http://127.0.0.1:5000/#/experiments/"
        f"{first.info.experiment_id}/runs/{runs[0].run_id}"
    )


def test_a_deleted_experiment_comes_back(root):
    with tracking.Run("dates", "a", {}, root) as run:
        pass
    client, found = stored(root, run)
    client.delete_experiment(found.info.experiment_id)
    with tracking.Run("dates", "b", {}, root) as run:
        assert run.tracked


def test_an_error_marks_the_run_failed_and_goes_on(root):
    with pytest.raises(ZeroDivisionError):
        with tracking.Run("dates", "a", {}, root) as run:
            1 / 0  # noqa: B018
    _, found = stored(root, run)
    assert found.info.status == "FAILED"
    assert found.data.tags["error"] == "ZeroDivisionError: division by zero"
    assert "1 / 0" in (run.directory / "error.txt").read_text()


def test_ctrl_c_marks_the_run_killed(root):
    with pytest.raises(KeyboardInterrupt):
        with tracking.Run("dates", "a", {}, root) as run:
            raise KeyboardInterrupt
    _, found = stored(root, run)
    assert found.info.status == "KILLED"
    assert "error" not in found.data.tags


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:9", "nonsense://x", "sqlite:////dev/null/a.db"]
)
def test_a_broken_store_ends_no_training(root, uri, monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with tracking.Run("dates", "a", {"cell": "gru"}, root) as run:
        run.log_metrics({"train/loss": 2.0}, step=1)
        run.log_text("kept", "samples.txt")
        saved = run.log_model(tiny_model())
    assert (run.tracked, run.url) == (False, None)
    warning = capsys.readouterr().err
    assert warning.count("warning: MLflow cannot be used") == 1
    assert warning.count("warning:") == 1
    assert str(run.directory) in warning
    assert (run.directory / "samples.txt").read_text() == "kept"
    assert json.loads((run.directory / "params.json").read_text())
    assert '"train/loss": 2.0' in (run.directory / "metrics.jsonl").read_text()
    assert saved.is_file()


def test_a_store_that_dies_later_ends_no_training(root, capsys, monkeypatch):
    with tracking.Run("dates", "a", {}, root) as run:

        def dead(*arguments, **options):
            raise ConnectionError("refused\nand a long story")

        monkeypatch.setattr(mlflow.MlflowClient, "log_batch", dead)
        for step in (1, 2):
            run.log_metrics({"train/loss": 1 / step}, step)
    lines = (run.directory / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["train/loss"] for line in lines[:2]] == [1.0, 0.5]
    warning = capsys.readouterr().err.strip().splitlines()
    assert len(warning) == 1
    assert "MLflow failed (ConnectionError: refused). The" in warning[0]


def test_a_database_that_breaks_costs_one_line(root, capfd):
    with tracking.Run("dates", "a", {}, root) as run:
        (root / "mlflow.db").write_bytes(b"no database" * 1000)
        for step in (1, 2):
            run.log_metrics({"train/loss": 1 / step}, step)
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert "MLflow failed (MlflowException" in lines[0]


def test_ctrl_c_in_a_transaction_lets_it_end(root, monkeypatch):
    log_batch = mlflow.MlflowClient.log_batch

    def interrupted(*arguments, **options):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        log_batch(*arguments, **options)

    with pytest.raises(KeyboardInterrupt):
        with tracking.Run("dates", "a", {}, root) as run:
            monkeypatch.setattr(mlflow.MlflowClient, "log_batch", interrupted)
            run.log_metrics({"train/loss": 2.0})
    _, found = stored(root, run)
    assert found.info.status == "KILLED"
    assert found.data.metrics["train/loss"] == 2.0


def test_a_file_that_cannot_be_written_ends_no_training(root, capsys):
    with tracking.Run("dates", "a", {}, root) as run:
        (run.directory / "samples").write_text("in the way of a folder")
        run.log_text("text", "samples/first.txt")
        run.log_metrics({"train/loss": 2.0}, step=1)
    assert "first.txt cannot be written" in capsys.readouterr().err
    client, found = stored(root, run)
    assert found.info.status == "FINISHED"
    assert found.data.metrics["train/loss"] == 2.0


def test_a_server_gets_copies_of_every_file(root, monkeypatch):
    # A store whose artifacts are not on this disk, as a server's are.
    sent = []
    monkeypatch.setattr(
        mlflow.MlflowClient,
        "log_artifact",
        lambda self, run_id, path, folder: sent.append(
            (pathlib.Path(path).read_bytes(), folder)
        ),
    )
    uri = f"sqlite:///{root / 'mlflow.db'}"
    client = mlflow.MlflowClient(uri)
    client.create_experiment("dates", artifact_location="mlflow-artifacts:/a")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with tracking.Run("dates", "a", {}, root) as run:
        sent.clear()
        run.log_text("text", "samples/first.txt")
        run.log_text("text", "second.txt")
        run.log_metrics({"train/loss": 2.0})
    # The metrics are known to the server, and their file goes at the end.
    assert sent[:2] == [(b"text", "samples"), (b"text", None)]
    ((content, folder),) = sent[2:]
    assert (content.count(b"\n"), folder) == (2, None)
    assert run.directory == root / "copies" / run.run_id
    assert (run.directory / "second.txt").read_text() == "text"


def test_metric_names_become_legal(root):
    assert store.legal_name("test/by locale/sr-Latn_RS.1") == (
        "test/by locale/sr-Latn_RS.1"
    )
    with tracking.Run("dates", "a", {}, root) as run:
        run.log_metrics({"test/50%, größer": 1.0})
    _, found = stored(root, run)
    assert found.data.metrics["test/50__ gr__er"] == 1.0


def test_a_run_goes_on(root, monkeypatch):
    with pytest.raises(ValueError):
        with tracking.Run("dates", "a", {"cell": "gru"}, root) as first:
            first.log_metrics({"train/loss": 2.0}, step=1)
            raise ValueError("full disk")
    _, found = stored(root, first)
    assert found.data.tags["error"] == "ValueError: full disk"
    monkeypatch.setattr(provenance, "git_commit", lambda: "abc")
    config = {"cell": "gru", "new": 1}
    environment = sweeps.environment("1a2b", {"cell": "gru"})
    monkeypatch.setenv(sweeps.TAGS, environment[sweeps.TAGS])
    run = tracking.Run("dates", "b", config, root, run_id=first.run_id)
    with run:
        client, found = stored(root, run)
        assert found.info.status == "RUNNING"
        run.log_metrics({"train/loss": 0.5}, step=2)
    assert (run.run_id, run.directory) == (first.run_id, first.directory)
    _, found = stored(root, run)
    assert found.info.status == "FINISHED"
    assert "error" not in found.data.tags
    history = client.get_metric_history(run.run_id, "train/loss")
    assert [(point.step, point.value) for point in history] == [
        (1, 2.0),
        (2, 0.5),
    ]
    # MLflow changes no parameter: what differs is a tag.
    assert found.data.params == {**first.params, "new": "1"}
    changed = json.loads(found.data.tags["rnnzoo.resumed_with"])
    assert changed == {"git_commit": "abc"}
    assert found.data.tags["git_commit"] == first.tags["git_commit"]
    # A sweep has come upon it since.
    assert found.data.tags["rnnzoo.sweep_id"] == "1a2b"
    assert found.data.tags["rnnzoo.sweep_point"] == "cell=gru"


def test_what_is_learnt_again_is_not_logged_again(root):
    """After a kill the epochs since the last checkpoint are there already."""
    run = tracking.Run("dates", "a", {}, root)
    with pytest.raises(KeyboardInterrupt), run:
        for step in (1, 2, 3):
            run.log_metrics({"val/loss": 1 / step}, step)
        run.log_metrics({"best/loss": 0.5, "best/epoch": 2})
        raise KeyboardInterrupt
    first = run.seconds
    file = run.directory / "metrics.jsonl"
    file.write_text(file.read_text() + '{"step": 4, "val/lo')
    run = tracking.Run("dates", "a", {}, root, run_id=run.run_id)
    with run:
        for step in (3, 4):
            run.log_metrics({"val/loss": 1.0, "new": 2.0}, step)
        run.log_metrics({"best/loss": 0.25, "best/epoch": 2})
    assert run.seconds > first
    client, _ = stored(root, run)

    def points(name):
        history = client.get_metric_history(run.run_id, name)
        return [(point.step, point.value) for point in history]

    expected = [(1, 1.0), (2, 1 / 2), (3, 1 / 3), (4, 1.0)]
    assert points("val/loss") == expected
    assert points("new") == [(3, 2.0), (4, 2.0)]
    assert points("best/epoch") == [(0, 2.0)]
    # What sums up the run may have changed.
    assert points("best/loss") == [(0, 0.5), (0, 0.25)]
    lines = []
    for line in file.read_text().splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            assert line == '{"step": 4, "val/lo'
    found = [(x["step"], x["val/loss"]) for x in lines if "val/loss" in x]
    assert found == expected


def test_the_data_are_told(root):
    source, profile = {"name": "dates"}, {"training": 5}
    told = ("dates", "0a1b2c3d", "tfds", source, profile)
    run = tracking.Run("dates", "a", {}, root)
    with run:
        run.log_dataset(*told)
    # A run that goes on tells it again.
    with tracking.Run("dates", "a", {}, root, run_id=run.run_id) as run:
        run.log_dataset(*told)
    _, found = stored(root, run)
    (used,) = found.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("dates", "0a1b2c3d")
    assert json.loads(used.dataset.source) == source
    assert json.loads(used.dataset.profile) == profile
    assert [tag.value for tag in used.tags] == ["training"]
    kept = json.loads((run.directory / "dataset.json").read_text())
    assert (kept["digest"], kept["profile"]) == ("0a1b2c3d", profile)


def test_waiting_for_the_store_is_counted(root, monkeypatch):
    """What is said of the seconds is what the training has lost."""
    calls = []

    def slow(function):
        def call(*arguments, **options):
            calls.append(function.__name__)
            time.sleep(0.1)
            return function(*arguments, **options)

        return call

    monkeypatch.setattr(store, "connect", slow(store.connect))
    monkeypatch.setattr(provenance, "tags", slow(provenance.tags))
    for name in ("log_batch", "create_run"):
        function = getattr(mlflow.MlflowClient, name)
        monkeypatch.setattr(mlflow.MlflowClient, name, slow(function))
    figure = matplotlib.figure.Figure(figsize=(1, 1))
    monkeypatch.setattr(figure, "savefig", slow(figure.savefig))
    started = time.perf_counter()
    with tracking.Run("dates", "a", {}, root) as run:
        run.log_metrics({"train/loss": 2.0}, step=1)
        run.log_figure(figure, "a.png")
        time.sleep(0.5)  # the training itself
    whole = time.perf_counter() - started - 0.5
    assert {"connect", "tags", "create_run", "savefig"} < set(calls)
    _, found = stored(root, run)
    told = found.data.metrics["perf/tracking_seconds"]
    # The last call tells it, and cannot count itself.
    assert 0.1 * (len(calls) - 1) <= told <= whole
    assert whole - told < 0.1 + 0.1 + 0.2


@pytest.mark.parametrize("gone", ["unknown", "deleted"])
def test_a_run_that_is_gone_becomes_a_new_one(root, gone):
    run_id = "0" * 32
    if gone == "deleted":
        with tracking.Run("dates", "a", {}, root) as first:
            run_id = first.run_id
        client, _ = stored(root, first)
        client.delete_run(run_id)
    with tracking.Run("dates", "a", {}, root, run_id=run_id) as run:
        assert run.tracked
    assert run.run_id != run_id
    _, found = stored(root, run)
    assert found.info.status == "FINISHED"


def test_a_run_inside_another_is_nested(root):
    with tracking.Run("dates", "all", {}, root, kind="search") as outer:
        tags = {"rnnzoo.search_id": "7"}
        with tracking.Run(
            "dates", "one", {}, root, kind="trial", tags=tags
        ) as inner:
            pass
    with tracking.Run("dates", "alone", {}, root) as alone:
        pass
    found = [stored(root, run)[1].data.tags for run in (outer, inner, alone)]
    kinds = [tags["rnnzoo.kind"] for tags in found]
    assert kinds == ["search", "trial", "train"]
    parents = [tags.get("mlflow.parentRunId") for tags in found]
    assert parents == [None, outer.run_id, None]
    assert found[1]["rnnzoo.search_id"] == "7"
    assert found[1]["rnnzoo.recipe"] == "dates"


def test_nested_runs_wait_for_a_dead_store_once(root, monkeypatch, capsys):
    calls = []

    def dead(*arguments):
        calls.append(arguments)
        raise ConnectionError("refused")

    monkeypatch.setattr(store, "connect", dead)
    with tracking.Run("dates", "all", {}, root) as outer:
        for name in ("one", "two"):
            with tracking.Run("dates", name, {}, root) as inner:
                inner.log_metrics({"train/loss": 2.0}, step=1)
            assert inner.directory.parent == outer.directory
            assert (inner.directory / "metrics.jsonl").is_file()
    assert len(calls) == 1
    assert capsys.readouterr().err.count("warning:") == 1


def test_a_store_that_dies_in_a_nested_run_is_lost_for_both(
    root, monkeypatch, capsys
):
    calls = []

    def dead(*arguments, **options):
        calls.append(arguments)
        raise ConnectionError("refused")

    with tracking.Run("dates", "all", {}, root) as outer:
        with tracking.Run("dates", "one", {}, root) as inner:
            monkeypatch.setattr(mlflow.MlflowClient, "log_batch", dead)
            inner.log_metrics({"train/loss": 2.0}, step=1)
        outer.log_metrics({"best/loss": 2.0})
        assert not outer.tracked
    assert len(calls) == 1
    assert capsys.readouterr().err.count("warning:") == 1


def test_the_outermost_run_alone_is_one_of_a_sweep(root, monkeypatch):
    environment = sweeps.environment("1a2b", {"seed": "2"})
    monkeypatch.setenv(sweeps.TAGS, environment[sweeps.TAGS])
    with tracking.Run("dates", "all", {}, root, kind="search") as outer:
        with tracking.Run("dates", "one", {}, root, kind="trial") as inner:
            pass
    _, found = stored(root, outer)
    assert found.data.tags["rnnzoo.sweep_id"] == "1a2b"
    _, found = stored(root, inner)
    assert "rnnzoo.sweep_id" not in found.data.tags


def test_ctrl_c_at_the_start_ends_the_run(root, monkeypatch):
    log_params = store.log_params

    def interrupted(*arguments):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        log_params(*arguments)

    monkeypatch.setattr(store, "log_params", interrupted)
    run = tracking.Run("dates", "a", {}, root)
    with pytest.raises(KeyboardInterrupt):
        with run:
            pass
    _, found = stored(root, run)
    assert found.info.status == "KILLED"
    assert found.data.params == run.params


def test_a_model_is_written_whole_or_not_at_all(root):
    class Full:
        def save(self, path):
            path.write_text("half")
            raise OSError(28, "No space left on device")

    with tracking.Run("dates", "a", {}, root) as run:
        saved = run.log_model(tiny_model())
        before = saved.read_bytes()
        with pytest.raises(OSError) as error:
            run.log_model(Full())
    assert str(error.value) == (
        f"The model {saved} cannot be written (No space left on device). Make "
        "room, and run the same command again: a training goes on from its "
        "last checkpoint."
    )
    assert saved.read_bytes() == before
    assert not list(run.directory.glob("unfinished*"))


def test_parameters_can_be_added(root):
    with tracking.Run("dates", "a", {"cell": "gru"}, root) as run:
        run.log_params({"best/units": 64})
    _, found = stored(root, run)
    assert (found.data.params["best/units"], found.data.params["cell"]) == (
        "64",
        "gru",
    )
    params = json.loads((run.directory / "params.json").read_text())
    assert params == found.data.params


def test_an_experiment_is_described_once(root):
    with tracking.Run("dates", "a", {}, root) as run:
        run.describe("Reads dates.\n\nAnd more.")
        run.describe("Something else.")
    client, found = stored(root, run)
    experiment = client.get_experiment(found.info.experiment_id)
    note = experiment.tags["mlflow.note.content"]
    assert note == "Reads dates.\n\nAnd more."


def test_page_of_a_server():
    client = mlflow.MlflowClient("http://127.0.0.1:8080/")
    assert store.page(client, "3", "abc") == (
        "http://127.0.0.1:8080/#/experiments/3/runs/abc"
    )


def test_a_database_is_whole_or_not_there(tmp_path, monkeypatch):
    """A process that is killed while it makes one leaves nothing broken."""

    def made(uri):
        pathlib.Path(uri.removeprefix("sqlite:///")).write_text("half")
        if killed:
            raise KeyboardInterrupt

    def names():
        return {path.name.split("-")[0] for path in tmp_path.iterdir()}

    monkeypatch.setattr(store, "_client", made)
    killed = True
    with pytest.raises(KeyboardInterrupt):
        store._create(tmp_path)
    assert names() == {"unfinished"}
    killed = False
    store._create(tmp_path)
    assert names() == {"mlflow.db"}


@pytest.mark.slow
def test_a_database_is_created_beside_other_work(tmp_path, monkeypatch):
    root = tmp_path / "fresh"
    process = store.create_beside(root)
    assert process.wait(60) == 0
    assert (root / "mlflow.db").is_file()
    assert store.create_beside(root) is None
    assert store.connect("dates", root)[1] == "1"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert store.create_beside(tmp_path / "other") is None


@pytest.mark.slow
def test_processes_that_start_at_once_all_get_their_run(tmp_path, root):
    root = tmp_path / "fresh"
    # By its path: the race is MLflow's, and Keras only delays it.
    code = (
        "import importlib.util as util, sys\n"
        "spec = util.spec_from_file_location('store', sys.argv[1])\n"
        "store = util.module_from_spec(spec)\n"
        "spec.loader.exec_module(store)\n"
        "client, experiment = store.connect('dates', sys.argv[2])\n"
        "client.create_run(experiment)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, store.__file__, str(root)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [(p.communicate()[1], p.returncode) for p in processes]
    assert answers == [("", 0)] * 3
    client, experiment = store.connect("dates", root)
    assert len(client.search_runs([experiment])) == 3


def test_telemetry_is_off_and_logging_is_cheap(root):
    with tracking.Run("dates", "a", {}, root) as run:
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
        before = run.seconds
        started = time.perf_counter()
        for step in range(20):
            run.log_metrics({"train/loss": 1.0, "val/loss": 1.0}, step)
        # 7 ms each on a quiet machine; a hundred epochs must stay below 3 s
        # also on one that is ten times slower.
        seconds = time.perf_counter() - started
        assert seconds < 20 * 0.1
        # The run knows what it costs.
        assert 0.5 * seconds < run.seconds - before <= seconds
    _, found = stored(root, run)
    logged = found.data.metrics["perf/tracking_seconds"]
    assert before < logged <= run.seconds
