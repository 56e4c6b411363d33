import json
import os
import subprocess
import sys
import time

import keras
import mlflow
import pytest

import rnnzoo
from rnnzoo.training import tracking

LOAD = """
import json, sys
from mlflow import pyfunc, set_tracking_uri
set_tracking_uri(sys.argv[1])
model = pyfunc.load_model(sys.argv[2])
texts = json.loads(sys.argv[3])
print(json.dumps([
    model.predict(texts),
    model.predict(texts, params={"beam_width": 3, "length_penalty": 0.0}),
    model.metadata.signature.to_dict(),
    model.input_example,
]))
"""


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    vocabulary = rnnzoo.text.CharacterVocabulary.from_texts(["abcdefgh"])
    return rnnzoo.build(
        "seq2seq",
        source_vocabulary=vocabulary,
        target_vocabulary=vocabulary,
        units=8,
        max_length=6,
    )


def entries(root, run):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    found = client.get_run(run.run_id)
    return [
        client.get_logged_model(output.model_id)
        for output in found.outputs.model_outputs
    ]


@pytest.mark.slow
def test_a_model_loads_as_strings_to_strings(root, model):
    config = {"cell": "gru"}
    with tracking.Run("dates", "a", config, root, example=["ab"]) as run:
        path = run.log_model(model)
    texts = ["abc", "hgfedcba"]
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            LOAD,
            f"sqlite:///{root / 'mlflow.db'}",
            f"runs:/{run.run_id}/model",
            json.dumps(texts),
        ],
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    greedy, beam, signature, example = json.loads(answer.stdout)
    assert greedy == model.generate(texts)
    assert beam == model.generate(texts, beam_width=3, length_penalty=0.0)
    (entry,) = entries(root, run)
    assert (entry.name, str(entry.status)) == ("model", "READY")
    assert json.loads(signature["inputs"]) == [
        {"type": "string", "required": True}
    ]
    assert signature["outputs"] == signature["inputs"]
    params = {p["name"]: p["default"] for p in json.loads(signature["params"])}
    assert params == {"beam_width": 1, "length_penalty": 1.0}
    assert example == ["ab"]
    # One file of weights, under two names.
    (copy,) = (root / "artifacts" / "dates").glob("models/**/model.keras")
    assert os.path.samefile(copy, path)


def test_a_model_logged_again_replaces_the_one_before(root, model):
    with tracking.Run("dates", "a", {}, root, example=["ab"]) as run:
        run.log_model(model)
    run = tracking.Run(
        "dates", "a", {}, root, run_id=run.run_id, example=["ab"]
    )
    with run:
        path = run.log_model(model)
    assert len(entries(root, run)) == 1
    (copy,) = (root / "artifacts" / "dates").glob("models/**/model.keras")
    assert os.path.samefile(copy, path)


def test_a_server_gets_the_weights_once(root, model, monkeypatch):
    sent = []
    monkeypatch.setattr(
        mlflow.MlflowClient,
        "log_model_artifacts",
        lambda self, identifier, folder: sent.extend(os.listdir(folder)),
    )
    monkeypatch.setattr(
        mlflow.MlflowClient,
        "log_artifact",
        lambda self, run_id, path, folder: sent.append(path),
    )
    uri = f"sqlite:///{root / 'mlflow.db'}"
    client = mlflow.MlflowClient(uri)
    client.create_experiment("dates", artifact_location="mlflow-artifacts:/a")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with tracking.Run("dates", "a", {}, root, example=["ab"]) as run:
        sent.clear()
        path = run.log_model(model)
        assert run.tracked
        assert path == root / "copies" / run.run_id / "model.keras"
        assert {"MLmodel", "artifacts", "served.py"} < set(sent)
        assert str(path) not in sent


def test_logging_a_model_is_cheap(root, model):
    with tracking.Run("dates", "a", {}, root, example=["ab"]) as run:
        run.log_model(model)
        before = run.seconds
        started = time.perf_counter()
        run.log_model(model)
        assert time.perf_counter() - started < 3
        # Half a second on a quiet machine; the model is not run.
        assert 0 < run.seconds - before < 2


def test_without_mlflow_the_model_is_kept(root, model, monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense:///")
    with tracking.Run("dates", "a", {}, root, example=["ab"]) as run:
        assert run.log_model(model).is_file()
    assert capsys.readouterr().err.count("warning:") == 1
