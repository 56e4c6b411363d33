"""Where runs are kept: MLflow's database under mlruns/, or a server."""

import contextlib
import json
import logging
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import warnings

# Read by MLflow when it is imported or called. Its errors are told once, in a
# sentence, by who calls it; a server that does not answer is given up after a
# few seconds instead of minutes.
_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}

# What MLflow's pages show as the description of an experiment.
_NOTE = "mlflow.note.content"
_DATABASE = "mlflow.db"

# Where `make ui` shows a local database.
LOCAL_PAGES = "http://127.0.0.1:5000"


def create_beside(root="mlruns"):
    """Has the database created by another process, if there is none yet.

    That takes 1 to 2 s, in which this one may import TensorFlow. `connect`
    waits for it.

    Args:
        root: str or path. The folder of the database.

    Returns:
        The `subprocess.Popen`, or None where there is nothing to create.
    """
    database = pathlib.Path(root).resolve() / _DATABASE
    if os.environ.get("MLFLOW_TRACKING_URI") or database.is_file():
        return None
    # Ctrl-C in the terminal is not meant for it. By its path, and without its
    # folder among those of modules: rnnzoo itself takes seconds to import.
    return subprocess.Popen(
        [sys.executable, "-P", __file__, str(database.parent)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def connect(experiment, root):
    """Opens the store that MLFLOW_TRACKING_URI names, or SQLite in `root`.

    Args:
        experiment: str. Created where it does not exist.
        root: str or path. The folder of the database and its artifacts.

    Returns:
        (MlflowClient, experiment id).

    Raises:
        mlflow.exceptions.MlflowException and others: the store is out of
        reach or unusable; callers go on without it.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if uri:
        client = _client(uri)
        return client, _experiment_id(client, experiment, None)
    root = pathlib.Path(root).resolve()
    location = (root / "artifacts" / experiment).as_uri()
    with _one_at_a_time(root):
        _create(root)
        client = _client(f"sqlite:///{root / _DATABASE}")
        return client, _experiment_id(client, experiment, location)


def earlier_run(client, run_id):
    """Opens a run again: it is RUNNING, and no failure is left on it.

    Args:
        client: MlflowClient.
        run_id: str or None.

    Returns:
        `mlflow.entities.Run`, or None where there is none or it was deleted.
    """
    from mlflow.exceptions import MlflowException

    if run_id is None:
        return None
    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    if run.info.lifecycle_stage == "deleted":
        return None
    client.update_run(run_id, status="RUNNING")
    if "error" in run.data.tags:
        client.delete_tag(run_id, "error")
    return run


def describe(client, experiment, text):
    """Tells on MLflow's pages what an experiment is, unless they tell it."""
    found = client.get_experiment_by_name(experiment)
    if not found.tags.get(_NOTE):
        client.set_experiment_tag(found.experiment_id, _NOTE, text)


def new_run(client, experiment_id, name, tags):
    """Makes a run. Returns `mlflow.entities.Run`, RUNNING."""
    # Tags that MLflow's own pages show.
    source = {
        "mlflow.source.name": sys.argv[0],
        "mlflow.source.type": "LOCAL",
    }
    return client.create_run(
        experiment_id, tags={**source, **tags}, run_name=name
    )


def log_params(client, run, values, tags):
    """Logs what a run does not have yet.

    MLflow never changes a parameter: what differs from an earlier part of the
    run becomes the tag rnnzoo.resumed_with, as JSON. So do tags, such as the
    git commit; but those with a full stop, which are ours and MLflow's, are
    set anew.

    Args:
        client: MlflowClient.
        run: `mlflow.entities.Run`.
        values, tags: dicts from str to str.
    """
    known = {**run.data.params, **run.data.tags}
    anew = {
        name: tags[name] for name in tags if name not in known or "." in name
    }
    made_with = {**values, **{n: tags[n] for n in tags if n not in anew}}
    changed = {
        name: made_with[name]
        for name in made_with
        if known.get(name, made_with[name]) != made_with[name]
    }
    if changed:
        anew["rnnzoo.resumed_with"] = json.dumps(changed)
    client.log_batch(
        run.info.run_id,
        params=params({n: values[n] for n in values if n not in known}),
        tags=as_tags({n: anew[n] for n in anew if known.get(n) != anew[n]}),
    )


def params(values):
    """dict from str to str -> MLflow's parameters."""
    from mlflow.entities import Param

    return [Param(name, values[name]) for name in values]


def as_tags(values):
    """dict from str to str -> MLflow's tags of a run."""
    from mlflow.entities import RunTag

    return [RunTag(name, values[name]) for name in values]


def metrics(values, step):
    """dict from str to float -> MLflow's metrics of this moment."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    return [Metric(name, values[name], now, step) for name in values]


def dataset(name, digest, source_type, source, profile, context):
    """What MLflow takes for the data of a run, see `tracking.Run`."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    texts = map(json.dumps, (source, profile))
    found = Dataset(name, digest, source_type, next(texts), None, next(texts))
    tag = InputTag("mlflow.data.context", context)
    return DatasetInput(found, [tag])


def legal_name(name):
    """`name` as MLflow accepts it for a metric: others than letters, digits,
    "_", "-", ".", " " and "/" become "_"."""
    return re.sub(r"[^A-Za-z0-9_\-. /]", "_", name)


def sentence(error):
    """The kind and first line of an error, without a full stop."""
    lines = str(error).strip().splitlines() or [""]
    # MLflow says which request failed, and then how each layer below put it.
    line = lines[0].partition(" with exception HTTP")[0]
    return f"{type(error).__name__}: {line[:200]}".rstrip(" .:")


def folder(uri):
    """The path behind a URI of this machine's files; None for others."""
    parts = urllib.parse.urlparse(uri)
    if parts.scheme not in ("", "file"):
        return None
    return pathlib.Path(urllib.request.url2pathname(parts.path))


def server(client):
    """Whose pages show the runs: the server that keeps them, or `make ui`."""
    kept = client.tracking_uri
    return kept.rstrip("/") if kept.startswith("http") else LOCAL_PAGES


def page(client, experiment_id, run_id):
    """The link to a run's page."""
    return f"{server(client)}/#/experiments/{experiment_id}/runs/{run_id}"


def _client(uri):
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        # MLflow's own, about the version of SQLAlchemy beside it.
        warnings.simplefilter("ignore", DeprecationWarning)
        # 1 to 2 s, and an extra: not at the top of this file.
        from mlflow import MlflowClient

        level = os.environ["MLFLOW_LOGGING_LEVEL"]
        logging.getLogger("mlflow").setLevel(level)
        return MlflowClient(uri)


def _create(root):
    """Makes the database, whole or not at all, where there is none."""
    if (root / _DATABASE).is_file():
        return
    for path in root.glob(f"unfinished-*-{_DATABASE}*"):
        path.unlink()  # of a process that was killed
    # A name of its own: MLflow takes it for there what it has made once.
    unfinished = root / f"unfinished-{time.time_ns()}-{_DATABASE}"
    _client(f"sqlite:///{unfinished}")
    unfinished.replace(root / _DATABASE)


def _experiment_id(client, name, location):
    found = client.get_experiment_by_name(name)
    if found is None:
        return client.create_experiment(name, artifact_location=location)
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return found.experiment_id


@contextlib.contextmanager
def _one_at_a_time(root):
    """Two processes that create the database at once break it.

    The lock is SQLite's own, on a file beside it: it works on every system
    and is gone when its holder dies.
    """
    root.mkdir(parents=True, exist_ok=True)
    path = root / "lock.db"
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


if __name__ == "__main__":  # by `create_beside`
    _root = pathlib.Path(sys.argv[1])
    with _one_at_a_time(_root):
        _create(_root)
