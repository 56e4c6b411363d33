"""A training run: kept in a folder, and shown in MLflow."""

import concurrent.futures
import json
import pathlib
import re
import sys
import time
import traceback
import urllib.parse
import urllib.request

from rnnzoo.training import provenance, store


class Run:
    """One run, as a context: everything is logged through it.

    Everything is written into `directory`, and MLflow is told of it: by
    default its database and artifacts under mlruns/, or the server that the
    environment variable MLFLOW_TRACKING_URI names. If MLflow fails, at the
    start or later, one warning says so, the training goes on, and the folder
    still gets everything.

    On leaving, the run is marked FINISHED; KILLED after Ctrl-C; FAILED, with
    the error as a tag and its traceback in error.txt, after any other
    exception. The exception goes on.

    Args:
        experiment: str. One for each recipe.
        name: str. What the list of runs shows.
        config: dataclass or dict. All of it becomes parameters, beside the
            versions and the git commit.
        root: str or path. The folder of the database.

    Example:

    ```python
    from rnnzoo.training.tracking import Run

    with Run("translation", "gru-128", {"cell": "gru"}) as run:
        run.log_metrics({"train/loss": 0.5}, step=1)
        run.log_text("4 March 2021 -> 2021-03-04", "samples.txt")
    ```
    """

    def __init__(self, experiment, name, config, root="mlruns"):
        self.experiment = experiment
        self.name = name
        self.params = provenance.params(config)
        self.root = pathlib.Path(root)
        self.directory = None
        self.run_id = None
        self.url = None
        # Whether a server shows the page already, without `make ui`.
        self.served = False
        self._client = None
        self._remote = False
        self._warned = False
        # Ctrl-C reaches the main thread only. In the middle of a transaction
        # it would leave the database locked; here the transaction ends.
        self._worker = concurrent.futures.ThreadPoolExecutor(max_workers=1)

    def __enter__(self):
        stamp = time.strftime("%Y%m%d-%H%M%S")
        own = f"{self.experiment}-{stamp}-{self.name}"
        self.directory = self.root / "untracked" / own
        try:
            self._worker.submit(self._start).result()
        except Exception as error:  # whatever ails a store, training goes on
            self._client = None
            self._warn(f"MLflow cannot be used ({_sentence(error)})")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log_text(json.dumps(self.params, indent=1), "params.json")
        return self

    def __exit__(self, kind, error, trace):
        status = "FINISHED"
        if kind is not None:
            status = "FAILED"
            if issubclass(kind, KeyboardInterrupt):
                status = "KILLED"
        if status == "FAILED":
            lines = traceback.format_exception(kind, error, trace)
            self.log_text("".join(lines), "error.txt")
            self._tell("set_tag", "error", f"{kind.__name__}: {error}"[:1000])
        self._tell("set_terminated", status)
        self._worker.shutdown()

    @property
    def tracked(self):
        """Whether MLflow has the run and has not failed since."""
        return self._client is not None

    def log_metrics(self, metrics, step=0):
        """Logs numbers.

        Args:
            metrics: dict from name to float, such as {"val/loss": 0.1};
                characters that MLflow refuses become "_".
            step: int. Usually the epoch, from 1.
        """
        metrics = {legal_name(key): float(metrics[key]) for key in metrics}
        line = json.dumps({"step": step, "time": time.time(), **metrics})
        self._keep("metrics.jsonl", lambda path: _append(path, line + "\n"))
        if self.tracked:
            self._tell("log_batch", metrics=_entities(metrics, step))

    def log_text(self, text, path):
        """Writes `text` to `path`, relative to the run's folder."""
        self._keep(path, lambda path: path.write_text(text, encoding="utf-8"))

    def log_figure(self, figure, path):
        """Draws a matplotlib figure to `path`, such as "attention/0.png"."""
        self._keep(path, lambda path: figure.savefig(path, bbox_inches="tight"))

    def log_model(self, model, path="model.keras"):
        """Saves a model to `path`, and returns the whole path.

        Raises:
            OSError: it cannot be written. This is no matter of tracking: what
                was learnt would be lost.
        """
        target = self.directory / path
        model.save(target)
        self._upload(path)
        return target

    def _start(self):
        client, experiment_id = store.connect(self.experiment, self.root)
        # Tags that MLflow's own pages show.
        tags = {
            "mlflow.source.name": sys.argv[0],
            "mlflow.source.type": "LOCAL",
            "mlflow.source.git.commit": self.params["git_commit"],
        }
        run = client.create_run(experiment_id, tags=tags, run_name=self.name)
        self._client, self.run_id = client, run.info.run_id
        self.url = store.page(client, experiment_id, self.run_id)
        self.served = client.tracking_uri.startswith("http")
        location = urllib.parse.urlparse(run.info.artifact_uri)
        self._remote = location.scheme not in ("", "file")
        if self._remote:
            self.directory = self.root / "copies" / self.run_id
        else:
            path = urllib.request.url2pathname(location.path)
            self.directory = pathlib.Path(path)
        client.log_batch(self.run_id, params=_parameters(self.params))

    def _keep(self, path, write):
        """Writes one file of the run, and sends it to a server if any."""
        target = self.directory / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write(target)
        except OSError as error:
            self._warn(f"{target} cannot be written ({_sentence(error)})")
        else:
            self._upload(path)

    def _upload(self, path):
        if self._remote:
            path = pathlib.PurePosixPath(path)
            folder = None if path.parent.name == "" else str(path.parent)
            self._tell("log_artifact", str(self.directory / path), folder)

    def _tell(self, method, *arguments, **options):
        if not self.tracked:
            return
        call = getattr(self._client, method)
        try:
            self._worker.submit(
                call, self.run_id, *arguments, **options
            ).result()
        except Exception as error:  # whatever ails a store, training goes on
            self._client = None
            self._warn(f"MLflow failed ({_sentence(error)})")

    def _warn(self, what):
        if self._warned:
            return
        self._warned = True
        print(
            f"\nwarning: {what}. The training goes on; what it logs is kept "
            f"in {self.directory}.",
            file=sys.stderr,
        )


def legal_name(name):
    """`name` as MLflow accepts it for a metric: others than letters, digits,
    "_", "-", ".", " " and "/" become "_"."""
    return re.sub(r"[^A-Za-z0-9_\-. /]", "_", name)


def _append(path, text):
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def _entities(metrics, step):
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    return [Metric(key, metrics[key], now, step) for key in metrics]


def _parameters(params):
    from mlflow.entities import Param

    return [Param(key, params[key]) for key in params]


def _sentence(error):
    """The first line of an error, without a full stop."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}".rstrip(" .:")
