"""Where runs are kept: MLflow's database under mlruns/, or a server."""

import contextlib
import logging
import os
import pathlib
import sqlite3
import warnings

# Read by MLflow when it is imported or called. Its errors are told once, in a
# sentence, by who calls it; a server that does not answer is given up after a
# few seconds instead of minutes.
_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}

# Where `make ui` shows a local database.
LOCAL_PAGES = "http://127.0.0.1:5000"


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
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    location = None
    lock = contextlib.nullcontext()
    if not uri:
        root = pathlib.Path(root).resolve()
        root.mkdir(parents=True, exist_ok=True)
        uri = f"sqlite:///{root / 'mlflow.db'}"
        location = (root / "artifacts" / experiment).as_uri()
        lock = _one_at_a_time(root)
    with lock, warnings.catch_warnings():
        # MLflow's own, about the version of SQLAlchemy beside it.
        warnings.simplefilter("ignore", DeprecationWarning)
        # 1 to 2 s, and an extra: not at the top of this file.
        from mlflow import MlflowClient

        level = os.environ["MLFLOW_LOGGING_LEVEL"]
        logging.getLogger("mlflow").setLevel(level)
        client = MlflowClient(uri)
        return client, _experiment_id(client, experiment, location)


def page(client, experiment_id, run_id):
    """The link to a run's page.

    Of the server that keeps it, or of the one that `make ui` starts over a
    database.
    """
    server = client.tracking_uri
    if not server.startswith("http"):
        server = LOCAL_PAGES
    return f"{server.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}"


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
    path = root / "lock.db"
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield
