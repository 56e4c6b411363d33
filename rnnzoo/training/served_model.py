"""A model that reads and writes strings, as `mlflow.pyfunc` knows models."""

import json
import os
import pathlib
import platform
import shutil
import tempfile
import warnings

from rnnzoo.training import provenance, store

# Under which runs:/RUN/model finds it.
NAME = "model"

# What loading and generating needs.
_NEEDS = ("rnnzoo", "keras", "tensorflow", "numpy", "sentencepiece", "mlflow")

# The code that MLflow keeps beside the model and runs to load it: no pickle.
_CODE = pathlib.Path(__file__).with_name("served.py")


def log(client, run_id, path, example):
    """Logs the model at `path` for `mlflow.pyfunc.load_model`.

    In a store on this machine it takes no further space: the file of the
    weights is there once, under two names. What a run logged before is
    replaced.

    Args:
        client: MlflowClient.
        run_id: str.
        path: pathlib.Path of a .keras file, whose model generates strings
            from strings.
        example: list of str.

    Raises:
        mlflow.exceptions.MlflowException, OSError and others: it cannot be
        logged.
    """
    from mlflow.entities import LoggedModelStatus

    logged = _entry(client, client.get_run(run_id))
    folder = store.folder(logged.artifact_location)
    if folder is None:
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary) / NAME
            _write(folder, logged, path, example)
            client.log_model_artifacts(logged.model_id, str(folder))
    else:
        shutil.rmtree(folder, ignore_errors=True)
        _write(folder, logged, path, example)
    client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)


def _entry(client, run):
    """The run's entry among the models of its experiment."""
    from mlflow.entities import LoggedModelOutput

    for output in run.outputs.model_outputs if run.outputs else ():
        return client.get_logged_model(output.model_id)
    logged = client.create_logged_model(
        run.info.experiment_id, name=NAME, source_run_id=run.info.run_id
    )
    client.log_outputs(
        run.info.run_id, models=[LoggedModelOutput(logged.model_id, step=0)]
    )
    return logged


def _write(folder, logged, path, example):
    """Writes the folder of a model from code, in MLflow's own format.

    `mlflow.pyfunc.save_model` would write the same, but copies the weights,
    generates once and looks through every installed package: 3 s.
    """
    with warnings.catch_warnings():
        # MLflow's own, about types of classes that are not used here.
        warnings.simplefilter("ignore", UserWarning)
        from mlflow.pyfunc import add_to_model
    from mlflow.models import Model as Description

    weights = folder / "artifacts" / path.name
    weights.parent.mkdir(parents=True)
    _share(path, weights)
    shutil.copy(_CODE, folder)
    _write_requirements(folder)
    (folder / "input_example.json").write_text(json.dumps(example))
    model = Description(
        artifact_path=logged.artifact_location,
        run_id=logged.source_run_id,
        model_id=logged.model_id,
        model_uuid=logged.model_id,
        signature=_signature(),
        saved_input_example_info={
            "artifact_path": "input_example.json",
            "type": "json_object",
        },
    )
    add_to_model(
        model,
        loader_module="mlflow.pyfunc.loaders.code_model",
        model_code_path=_CODE.name,
        python_env="python_env.yaml",
        artifacts={
            "model": {
                "path": f"artifacts/{path.name}",
                "uri": str(path.resolve()),
            }
        },
    )
    model.save(folder / "MLmodel")


def _write_requirements(folder):
    versions = {name: provenance.version(name) for name in _NEEDS}
    lines = [f"{name}=={versions[name]}" for name in _NEEDS if versions[name]]
    (folder / "requirements.txt").write_text("\n".join(lines) + "\n")
    environment = {
        "python": platform.python_version(),
        "build_dependencies": ["pip"],
        "dependencies": ["-r requirements.txt"],
    }
    # JSON is YAML.
    text = json.dumps(environment, indent=1)
    (folder / "python_env.yaml").write_text(text + "\n")


def _signature():
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    text = Schema([ColSpec("string")])
    options = [
        ParamSpec("beam_width", "long", 1),
        ParamSpec("length_penalty", "double", 1.0),
    ]
    return ModelSignature(text, text, ParamSchema(options))


def _share(path, name):
    """Gives the file at `path` a second name."""
    try:
        os.link(path, name)
    except OSError:  # the file system has no hard links
        shutil.copy(path, name)
