"""Runs on a real server of MLflow, that is killed under them."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import keras
import mlflow
import pytest

import rnnzoo
from rnnzoo.serving.served_model import ServedModel
from rnnzoo.training import tracking

pytestmark = pytest.mark.slow

# One epoch for each line of its input.
TRAINING = """
import sys
from rnnzoo.serving.served_model import ServedModel
from rnnzoo.training import tracking
with tracking.Run("dates", "a", {}, sys.argv[1]) as run:
    print(run.tracked, flush=True)
    for epoch, line in enumerate(sys.stdin, 1):
        run.log_metrics({"train/loss": 1 / epoch}, step=epoch)
        run.log_text(line, "samples.txt")
        print(run.tracked, flush=True)
print(run.directory, run.seconds)
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A process with the server that MLFLOW_TRACKING_URI names."""
    port = free_port()
    monkeypatch.setenv("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
    command = [sys.executable, "-m", "mlflow", "server"]
    command += ["--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path}/server.db"]
    command += ["--artifacts-destination", str(tmp_path / "artifacts")]
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True
        )
    uri = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    try:
        wait_for(f"{uri}/health", process)
        yield process
    finally:
        kill(process)


def wait_for(address, process):
    for _ in range(600):
        assert process.poll() is None
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


def kill(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_server_that_is_killed_ends_no_training(server, tmp_path):
    training = subprocess.Popen(
        [sys.executable, "-c", TRAINING, str(tmp_path / "mlruns")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def epoch():
        print("4. März", file=training.stdin, flush=True)
        return training.stdout.readline().strip()

    assert training.stdout.readline().strip() == "True"
    assert epoch() == "True"
    kill(server)
    assert [epoch(), epoch()] == ["False", "False"]
    out, err = training.communicate()
    assert training.returncode == 0
    assert err.count("warning:") == 1
    assert "MLflow failed (MlflowException: API request to http" in err
    directory, seconds = out.split()
    # 5 s, and starting on a busy machine.
    assert float(seconds) < 30
    directory = pathlib.Path(directory)
    assert directory.parent == tmp_path / "mlruns" / "copies"
    lines = (directory / "metrics.jsonl").read_text().splitlines()
    losses = [json.loads(line).get("train/loss") for line in lines]
    assert losses == [1.0, 1 / 2, 1 / 3, None]
    assert (directory / "samples.txt").read_text("utf-8") == "4. März\n"


def test_a_model_comes_back_from_a_server(server, tmp_path):
    vocabulary = rnnzoo.text.CharacterVocabulary.from_texts(["abcdefgh"])
    keras.utils.set_random_seed(1)
    model = rnnzoo.build(
        "seq2seq",
        source_vocabulary=vocabulary,
        target_vocabulary=vocabulary,
        units=8,
        max_length=6,
    )
    texts = ["abc", "hgfedcba"]
    with tracking.Run(
        "dates", "a", {}, tmp_path, served_model=ServedModel(texts[0])
    ) as run:
        run.log_model(model)
        run.log_text("text", "samples.txt")
    assert run.served
    client = mlflow.MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    paths = {item.path for item in client.list_artifacts(run.run_id)}
    # The weights went as a part of the model only.
    assert {"samples.txt", "params.json", "metrics.jsonl"} <= paths
    assert "model.keras" not in paths
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.run_id}/model")
    assert loaded.predict(texts) == model.generate(texts)
