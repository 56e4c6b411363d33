import json
import os
import subprocess
import sys
import time

import keras
import mlflow
import numpy as np
import pytest

import rnnzoo
from rnnzoo.serving import examples, predicting
from rnnzoo.serving.served_model import ServedModel
from rnnzoo.training import contract, tracking

LOAD = """
import json, sys
from mlflow import pyfunc, set_tracking_uri
set_tracking_uri(sys.argv[1])
model = pyfunc.load_model(sys.argv[2])
texts = json.loads(sys.argv[3])
print(json.dumps([
    model.predict(texts),
    model.predict(texts, params={"beam_width": 3, "length_penalty": 0.0}),
    model.predict(texts, params={"n_best": 2}),
    model.predict(texts, params={"temperature": 0.5, "seed": 3}),
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


def logged(root, model, example="ab", run_id=None, files=None):
    """A run with the model, and where its file is."""
    options = {"run_id": run_id, "served_model": ServedModel(example)}
    with tracking.Run("dates", "a", {"cell": "gru"}, root, **options) as run:
        for path, content in (files or {}).items():
            log = run.log_text if isinstance(content, str) else run.log_bytes
            log(content, path)
        return run, run.log_model(model)


def entries(root, run):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    found = client.get_run(run.run_id)
    return [
        client.get_logged_model(output.model_id)
        for output in found.outputs.model_outputs
    ]


def loaded(root, run):
    (entry,) = entries(root, run)
    return mlflow.pyfunc.load_model(entry.artifact_location)


def defaults(signature):
    params = json.loads(signature["params"] or "[]")
    return {param["name"]: param["default"] for param in params}


@pytest.mark.slow
def test_a_model_loads_as_strings_to_strings(root, model):
    run, path = logged(root, model)
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
    found = json.loads(answer.stdout)
    greedy, beam, best, drawn, signature, example = found
    assert greedy == model.generate(texts)
    assert beam == model.generate(texts, beam_width=3, length_penalty=0.0)
    pairs = model.generate(texts, beam_width=2, n_best=2)
    assert best == [
        "".join(f"{score:.4f}\t{text}\n" for text, score in row)
        for row in pairs
    ]
    assert drawn == model.generate(texts, temperature=0.5, seed=3)
    (entry,) = entries(root, run)
    assert (entry.name, str(entry.status)) == ("model", "READY")
    assert json.loads(signature["inputs"]) == [
        {"type": "string", "required": True}
    ]
    assert signature["outputs"] == signature["inputs"]
    options = defaults(signature)
    assert options.pop("length_penalty") == 1.0
    assert options == dict.fromkeys(
        "beam_width max_length n_best temperature top_k top_p seed".split()
    )
    assert example == ["ab"]
    # One file of weights, under two names.
    (copy,) = (root / "artifacts" / "dates").glob("models/**/model.keras")
    assert os.path.samefile(copy, path)


def test_a_model_that_reads_files_has_its_example_with_it(
    root, tmp_path, monkeypatch
):
    pixels = np.random.RandomState(0).randint(0, 256, (4, 6, 1), "uint8")
    model = rnnzoo.build(
        "one_to_one", input_shape=(4, 6, 1), num_outputs=3, units=4
    )
    agreed = contract.Contract(
        {"kind": "image", "size": [4, 6], "channels": 1},
        {"kind": "class", "labels": ["a", "b", "c"]},
    )
    picture = examples.picture(pixels)
    files = {contract.FILE: agreed.text(), **picture}
    run, _ = logged(root, model, "example.png", files=files)
    served = loaded(root, run)
    assert served.input_example == ["example.png"]
    signature = served.metadata.signature.to_dict()
    assert defaults(signature) == {"n_best": 1}
    monkeypatch.chdir(tmp_path)
    expected = predicting.predict(
        model, agreed, [str(run.directory / "example.png")], n_best=3
    )
    assert expected[0].count("\t") == 5
    params = {"n_best": 3}
    assert served.predict(["example.png"], params) == expected
    # A file that is there is meant before the one of the model.
    (tmp_path / "example.png").write_bytes(
        examples.picture(255 - pixels)["example.png"]
    )
    assert served.predict(["example.png"], params) != expected


def test_a_model_without_an_example_or_options(root):
    words = rnnzoo.text.WordVocabulary(["the", "cat", "sat"])
    model = rnnzoo.build("synced", vocabulary=words, num_outputs=2, units=4)
    agreed = contract.Contract(
        {"kind": "words"}, {"kind": "tags", "labels": ["a", "b"]}
    )
    files = {contract.FILE: agreed.text()}
    run, _ = logged(root, model, None, files=files)
    served = loaded(root, run)
    assert served.input_example is None
    assert served.metadata.signature.params is None
    texts = ["the cat", "sat"]
    expected = predicting.predict(model, agreed, texts)
    assert served.predict(texts) == expected
    assert expected[0].count("\n") == 2


def test_a_model_logged_again_replaces_the_one_before(root, model):
    run, _ = logged(root, model)
    again, path = logged(root, model, run_id=run.run_id)
    assert len(entries(root, again)) == 1
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
    run, path = logged(root, model)
    assert run.tracked
    assert path == root / "copies" / run.run_id / "model.keras"
    assert {"MLmodel", "artifacts", "served.py"} < set(sent)
    assert str(path) not in sent


def test_logging_a_model_is_cheap(root, model):
    options = {"served_model": ServedModel("ab")}
    with tracking.Run("dates", "a", {}, root, **options) as run:
        run.log_model(model)
        before = run.seconds
        started = time.perf_counter()
        run.log_model(model)
        assert time.perf_counter() - started < 3
        # Half a second on a quiet machine; the model is not run.
        assert 0 < run.seconds - before < 2


def test_without_mlflow_the_model_is_kept(root, model, monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense:///")
    _, path = logged(root, model)
    assert path.is_file()
    assert capsys.readouterr().err.count("warning:") == 1
