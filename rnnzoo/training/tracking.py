"""A training run: kept in a folder, and shown in MLflow."""

import concurrent.futures
import contextvars
import json
import pathlib
import sys
import time
import traceback

from rnnzoo.training import points, provenance, store, sweeps, workers

# The run that has been entered last and not left: what is entered inside it
# is nested in it.
_outer = contextvars.ContextVar("outer run", default=None)

_SECONDS = "perf/tracking_seconds"


class Run:
    """One run, as a context: everything is logged through it.

    Everything is written into `directory`, and MLflow is told of it: by
    default its database and artifacts under mlruns/, or the server that the
    environment variable MLFLOW_TRACKING_URI names. If MLflow fails, at the
    start or later, one warning says so, the training goes on, and the folder
    still gets everything. A server that refuses connections delays a training
    by about 5 s, one that no longer answers by about 35 s; once in either
    case, since it is not asked again.

    On leaving, the run is marked FINISHED; KILLED after Ctrl-C; FAILED, with
    the error as a tag and its traceback in error.txt, after any other
    exception. The exception goes on.

    A run entered inside another, such as a trial inside a search, is nested
    under it on MLflow's pages, and MLflow failing is told once for both.

    Of several workers that train one model, the chief alone logs and writes;
    in the others everything can be called, and nothing comes of it.

    Args:
        experiment: str. One for each recipe.
        name: str. What the list of runs shows.
        config: dataclass or dict. All of it becomes parameters. Versions, the
            git commit and the hardware become tags.
        root: str or path. The folder of the database.
        run_id: str or None. An earlier run to go on with: it is RUNNING
            again, and what is logged joins what it has; of a step that it
            has, what was logged first stays. If it is not there any more, a
            new one is made.
        parent: str or None. The run in MLflow that it is nested in, of another
            process.
        kind: str. "train", "search", "trial" or "evaluate": the tag
            rnnzoo.kind.
        tags: dict from str to str. Further tags.
        served_model: a `serving.served_model.ServedModel`, by which
            `log_model` logs the model for `mlflow.pyfunc` too; None: as a
            file alone.

    Example:

    ```python
    from rnnzoo.training.tracking import Run

    with Run("translation", "gru-128", {"cell": "gru"}) as run:
        run.log_metrics({"train/loss": 0.5}, step=1)
        run.log_text("4 March 2021 -> 2021-03-04", "samples.txt")
    ```
    """

    def __init__(
        self,
        experiment,
        name,
        config,
        root="mlruns",
        *,
        run_id=None,
        parent=None,
        kind="train",
        tags=None,
        served_model=None,
    ):
        started = time.perf_counter()
        self.experiment = experiment
        self.name = name
        self.params = provenance.params(config)
        self.root = pathlib.Path(root)
        made_with = provenance.tags()
        self.tags = {
            **made_with,
            "rnnzoo.kind": kind,
            "rnnzoo.recipe": experiment,
            "mlflow.source.git.commit": made_with["git_commit"],
            **(tags or {}),
        }
        self.served_model = served_model
        self.directory = None
        self.run_id = run_id
        self._parent = parent
        self.url = None
        # Whether a server shows the page already, without `make ui`.
        self.served = False
        self._client = None
        self._earlier = None  # as it was when it was gone on with
        self._remote = False
        self._writes = workers.me().chief
        # Ctrl-C reaches the main thread only. In the middle of a transaction
        # it would leave the database locked; here the transaction ends.
        self._worker = concurrent.futures.ThreadPoolExecutor(max_workers=1)
        # What an earlier part of the run has logged: (name, step) -> value.
        self._logged = {}
        # How long the training waited for its own records.
        self.seconds = time.perf_counter() - started

    def __enter__(self):
        self._outer = _outer.get()
        self._entered = _outer.set(self)
        # Shared by nested runs: one warning is enough for all.
        self._warnings = [] if self._outer is None else self._outer._warnings
        self.directory = self._untracked_directory()
        if not self._writes:
            return self
        if self._outer is None:
            self.tags |= sweeps.tags()
        if self._outer is None or self._outer.tracked:
            try:
                self._ask(self._start)
            except BaseException as error:
                # Ctrl-C: `_start` goes on, and the run that it makes is ended.
                self._worker.submit(bool).result()
                self.__exit__(type(error), error, error.__traceback__)
                raise
        self.directory.mkdir(parents=True, exist_ok=True)
        if (path := self.directory / points.FILE).is_file():
            for point in points.read(path):
                names = point.keys() - {"step", "time"}
                self._logged |= {(n, point["step"]): point[n] for n in names}
        self.seconds += self._logged.get((_SECONDS, 0), 0.0)
        self._keep_params()
        self.log_text(json.dumps(self.tags, indent=1), "tags.json")
        return self

    def __exit__(self, kind, error, trace):
        _outer.reset(self._entered)
        status = "FINISHED"
        if kind is not None:
            status = "FAILED"
            if issubclass(kind, KeyboardInterrupt):
                status = "KILLED"
        try:
            if status == "FAILED":
                lines = traceback.format_exception(kind, error, trace)
                self.log_text("".join(lines), "error.txt")
                line = f"{kind.__name__}: {error}"[:1000]
                self._tell("set_tag", "error", line)
            self.log_metrics({_SECONDS: self.seconds})
            self._upload(points.FILE)
        finally:  # also after another Ctrl-C
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
        metrics = {
            store.legal_name(key): float(metrics[key]) for key in metrics
        }
        metrics = {
            name: value
            for name, value in metrics.items()
            if not self._has(name, step, value)
        }
        if not metrics:
            return
        point = {"step": step, "time": time.time(), **metrics}
        self._write(points.FILE, lambda path: points.append(path, point))
        if self.tracked:
            self._tell("log_batch", metrics=store.metrics(metrics, step))

    def log_params(self, params):
        """Adds parameters to those of the Config.

        Args:
            params: dict from a new name to a value.
        """
        params = {store.legal_name(key): str(params[key]) for key in params}
        self.params = {**self.params, **params}
        self._keep_params()
        if self.tracked and self._earlier is None:
            self._tell("log_batch", params=store.params(params))
        elif self.tracked:
            self._ask(self._log_params_again)

    def describe(self, text):
        """Tells what the experiment is, where MLflow does not yet.

        Args:
            text: str, in Markdown. Of its lists the first line.
        """
        if self.tracked:
            self._ask(store.describe, self._client, self.experiment, text)

    def log_dataset(
        self, name, digest, source_type, source, profile, context="training"
    ):
        """Tells which data the run has; MLflow's pages show them beside it.

        Args:
            name: str, such as "digits".
            digest: str of at most 36 characters, another one for other data.
            source_type: str, such as "tfds".
            source, profile: dicts of JSON values: where the data are from, and
                what they are, such as how many.
            context: str. What they are for.
        """
        values = (name, digest, source_type, source, profile, context)
        if self.tracked:
            self._tell("log_inputs", datasets=[store.dataset(*values)])
        names = ("name", "digest", "source_type", "source", "profile")
        kept = dict(zip(names, values, strict=False))
        self.log_text(json.dumps(kept, indent=1), "dataset.json")

    def log_text(self, text, path):
        """Writes `text` to `path`, relative to the run's folder."""
        self._keep(path, lambda path: path.write_text(text, encoding="utf-8"))

    def log_bytes(self, content, path):
        """Writes bytes to `path`, such as those of a picture."""
        self._keep(path, lambda path: path.write_bytes(content))

    def log_figure(self, figure, path):
        """Draws a matplotlib figure to `path`, such as "attention/0.png"."""
        self._keep(path, lambda path: figure.savefig(path, bbox_inches="tight"))

    def log_model(self, model, path="model.keras"):
        """Saves a model to `path`, whole or not at all.

        In a run with a `served_model`, MLflow gets it as a model that reads
        and writes strings, which
        `mlflow.pyfunc.load_model(f"runs:/{run_id}/model")` loads; in a local
        store both share one file of weights. Logged again, a model takes the
        place of the one before.

        Args:
            model: a `keras.Model`.
            path: str, relative to the run's folder.

        Returns:
            The whole path; of a worker that does not write, too.

        Raises:
            OSError: it cannot be written. This is no matter of tracking: what
                was learnt would be lost.
        """
        target = self.directory / path
        if not self._writes:
            return target
        # Keras decides by the suffix what to write.
        unfinished = target.with_name(f"unfinished-{target.name}")
        try:
            model.save(unfinished)
            unfinished.replace(target)
        except OSError as error:
            raise OSError(
                f"The model {target} cannot be written "
                f"({error.strerror or error}). Make room, and run the same "
                "command again: a training goes on from its last checkpoint."
            ) from error
        finally:
            unfinished.unlink(missing_ok=True)
        if self.served_model is None:
            self._upload(path)
        elif self.tracked:
            log = self.served_model.log
            self._ask(log, self._client, self.run_id, target)
        return target

    def _start(self):
        client, experiment_id = store.connect(self.experiment, self.root)
        run = self._earlier = store.earlier_run(client, self.run_id)
        if run is None:
            parent = self._parent
            if self._outer is not None:
                parent = self._outer.run_id
            if parent is not None:
                self.tags["mlflow.parentRunId"] = parent
            run = store.new_run(client, experiment_id, self.name, self.tags)
        self._client, self.run_id = client, run.info.run_id
        self.url = store.page(client, run.info.experiment_id, self.run_id)
        self.served = client.tracking_uri.startswith("http")
        folder = store.folder(run.info.artifact_uri)
        self._remote = folder is None
        self.directory = folder or self.root / "copies" / self.run_id
        store.log_params(client, run, self.params, self.tags)

    def _log_params_again(self):
        """All of them: together they tell what differs from before."""
        store.log_params(self._client, self._earlier, self.params, self.tags)

    def _untracked_directory(self):
        stamp = time.strftime("%Y%m%d-%H%M%S")
        own = f"{self.experiment}-{stamp}-{self.name}"
        if self._outer is not None:
            return self._outer.directory / own
        return self.root / "untracked" / own

    def _has(self, name, step, value):
        """Whether an earlier part has logged it, up to its last checkpoint.

        What sums up a run, at step 0, may have changed since.
        """
        earlier = self._logged.get((name, step))
        return earlier is not None and (step > 0 or earlier == value)

    def _keep_params(self):
        self.log_text(json.dumps(self.params, indent=1), "params.json")

    def _keep(self, path, write):
        """Writes one file of the run, and sends it to a server if any."""
        if self._write(path, write):
            self._upload(path)

    def _write(self, path, write):
        if not self._writes:
            return False
        target = self.directory / path
        started = time.perf_counter()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write(target)
        except OSError as error:
            self._warn(f"{target} cannot be written ({store.sentence(error)})")
            return False
        finally:
            self.seconds += time.perf_counter() - started
        return True

    def _upload(self, path):
        if self._remote:
            path = pathlib.PurePosixPath(path)
            folder = None if path.parent.name == "" else str(path.parent)
            self._tell("log_artifact", str(self.directory / path), folder)

    def _tell(self, method, *arguments, **options):
        if self.tracked:
            call = getattr(self._client, method)
            self._ask(call, self.run_id, *arguments, **options)

    def _ask(self, call, *arguments, **options):
        """Waits for one call to MLflow; after a failure there is no other."""
        started = time.perf_counter()
        try:
            self._worker.submit(call, *arguments, **options).result()
        except Exception as error:  # whatever ails a store, training goes on
            what = "failed" if self.tracked else "cannot be used"
            self._give_up(f"MLflow {what} ({store.sentence(error)})")
        finally:
            self.seconds += time.perf_counter() - started

    def _give_up(self, what):
        run = self
        while run is not None:
            run._client = None
            run = run._outer
        self._warn(what)

    def _warn(self, what):
        if self._warnings:
            return
        self._warnings.append(what)
        print(
            f"\nwarning: {what}. The training goes on; what it logs is kept "
            f"in {self.directory}.",
            file=sys.stderr,
        )
