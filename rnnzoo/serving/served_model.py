"""How MLflow keeps a model that reads and writes strings."""

import dataclasses
import json
import os
import pathlib
import platform
import shutil
import tempfile
import warnings

from rnnzoo.training import contract, provenance, store

# Under which runs:/RUN/model finds it.
NAME = "model"

# What loading and predicting needs.
_NEEDS = (
    "rnnzoo",
    "keras",
    "tensorflow",
    "numpy",
    "sentencepiece",
    "mlflow",
    # Read pictures and recordings.
    "pillow",
    "scipy",
)

# MLflow keeps it beside the model and runs it to load the model: no pickle.
_CODE = """\
from mlflow.models import set_model

from rnnzoo.serving.served import Served

set_model(Served())
"""


@dataclasses.dataclass(frozen=True)
class ServedModel:
    """A run's model as `mlflow.pyfunc.load_model` gives it: strings to strings.

    Where the contract of `python -m rnnzoo predict` lies beside the model, it
    says what is read and what is given; a model without one generates texts.

    Args:
        example: str. What the model may be tried on: a text, or the name of a
            file or a folder beside the model, which goes with it. None: there
            is none.
    """

    example: str | None = None

    def log(self, client, run_id, path):
        """Logs the model in a file as that of a run.

        In a store on this machine it takes no further space: the file of the
        weights is there once, under two names. What the run logged before is
        replaced.

        Args:
            client: MlflowClient.
            run_id: str.
            path: pathlib.Path of a .keras file.

        Raises:
            mlflow.exceptions.MlflowException, OSError and others: it cannot
            be logged.
        """
        from mlflow.entities import LoggedModelStatus

        logged = _entry(client, client.get_run(run_id))
        folder = store.folder(logged.artifact_location)
        if folder is None:
            with tempfile.TemporaryDirectory() as temporary:
                folder = pathlib.Path(temporary) / NAME
                self._write(folder, logged, path)
                client.log_model_artifacts(logged.model_id, str(folder))
        else:
            shutil.rmtree(folder, ignore_errors=True)
            self._write(folder, logged, path)
        client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)

    def _write(self, folder, logged, path):
        """Writes the folder of a model from code, in MLflow's own format.

        `mlflow.pyfunc.save_model` would write the same, but copies the
        weights, predicts once and looks through every installed package: 3 s.
        """
        with warnings.catch_warnings():
            # MLflow's own, about types of classes that are not used here.
            warnings.simplefilter("ignore", UserWarning)
            from mlflow.pyfunc import add_to_model
        from mlflow.models import Model as Description

        artifacts, agreed = {"model": path}, None
        if (file := path.with_name(contract.FILE)).is_file():
            artifacts["prediction"], agreed = file, contract.read(file)
            if self.example is not None and not agreed.reads_texts:
                artifacts["example"] = path.with_name(self.example)
        for original in artifacts.values():
            _share(original, folder / "artifacts" / original.name)
        (folder / "served.py").write_text(_CODE)
        _write_requirements(folder)
        example = None
        if self.example is not None:
            example = {
                "artifact_path": "input_example.json",
                "type": "json_object",
            }
            text = json.dumps([self.example])
            (folder / "input_example.json").write_text(text)
        model = Description(
            artifact_path=logged.artifact_location,
            run_id=logged.source_run_id,
            model_id=logged.model_id,
            model_uuid=logged.model_id,
            signature=_signature(agreed),
            saved_input_example_info=example,
        )
        add_to_model(
            model,
            loader_module="mlflow.pyfunc.loaders.code_model",
            model_code_path="served.py",
            python_env="python_env.yaml",
            artifacts={
                name: {
                    "path": f"artifacts/{original.name}",
                    "uri": str(original.resolve()),
                }
                for name, original in artifacts.items()
            },
        )
        model.save(folder / "MLmodel")


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


def _signature(agreed):
    """Of strings, with the options that the model has; None: its own."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    options = {
        "beam_width": ("long", None),
        "length_penalty": ("double", 1.0),
        "max_length": ("long", None),
        "n_best": ("long", None),
        "temperature": ("double", None),
        "top_k": ("long", None),
        "top_p": ("double", None),
        "seed": ("long", None),
    }
    if agreed is not None:
        options = {
            "class": {"n_best": ("long", 1)},
            "text": {"beam_width": ("long", agreed.outputs.get("beam_width"))},
        }.get(agreed.outputs["kind"], {})
    text = Schema([ColSpec("string")])
    params = [ParamSpec(name, *options[name]) for name in options]
    return ModelSignature(text, text, ParamSchema(params) if params else None)


def _share(path, name):
    """Gives the file, or all those of a folder, a second name."""
    if path.is_dir():
        for inner in path.iterdir():
            _share(inner, name / inner.name)
        return
    name.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, name)
    except OSError:  # the file system has no hard links
        shutil.copy(path, name)
