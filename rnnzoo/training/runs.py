"""Finding what earlier trainings left: their runs and their models."""

import contextlib
import dataclasses
import difflib
import json
import os
import pathlib

from rnnzoo.training import points, store

MODEL = "model.keras"

# What Run gives trials of a search; they are found by their ids only.
_TRIAL = "trial"

# A shorter beginning of an id is taken for a name.
_SHORTEST_PREFIX = 4


@dataclasses.dataclass(frozen=True)
class Found:
    """A run in MLflow, or the folder of one that MLflow never saw.

    Args:
        run_id: str. Of MLflow, or the name of the folder.
        recipe: str. The experiment; "" for a folder that does not tell.
        name: str. What the list of runs shows.
        kind: str. "train", "search", "trial" or "evaluate".
        status: str. Of MLflow, such as "FINISHED"; "UNTRACKED" for a folder.
        started: float. Seconds since 1970.
        metrics: dict from str to float, the last of each.
        directory: pathlib.Path, or None where a server keeps the files.
        tags: dict from str to str.
        logged: dict from str to str, the parameters; None: not looked at.
    """

    run_id: str
    recipe: str
    name: str
    kind: str
    status: str
    started: float
    metrics: dict
    directory: pathlib.Path | None
    tags: dict = dataclasses.field(default_factory=dict)
    logged: dict | None = None

    @property
    def label(self):
        """As much of the id as tells runs apart; the whole name of a folder."""
        tracked = self.status != "UNTRACKED"
        return self.run_id[:8] if tracked else self.run_id

    def params(self):
        """What the run was made with: dict from str to str."""
        if self.logged is not None:
            return self.logged
        if self.directory is not None:
            path = self.directory / "params.json"
            if path.is_file():
                return json.loads(path.read_text("utf-8"))
        return dict(_client().get_run(self.run_id).data.params)

    def history(self, name):
        """The values of a metric: list of (step, value), by step.

        Of a step that was logged again, after a training was stopped in its
        middle, the last.
        """
        path = self.directory and self.directory / points.FILE
        if path and path.is_file():
            pairs = [(one["step"], one.get(name)) for one in points.read(path)]
        else:
            found = _client().get_metric_history(self.run_id, name)
            pairs = [(point.step, point.value) for point in found]
        values = {step: value for step, value in pairs if value is not None}
        return sorted(values.items())

    def model(self):
        """Path of the model's file, downloaded if need be; None without."""
        if self.directory is None:
            return _download_model(self.run_id)
        return self.file(MODEL)

    def file(self, name):
        """Path of a file in the run's folder, as `model`; None without."""
        if self.directory is None:
            return _download(self.run_id, name)
        path = self.directory / name
        return path if path.is_file() else None


def recent(root="mlruns"):
    """All runs, the newest first.

    Args:
        root: str or path. The folder of the database and of untracked runs.

    Returns:
        list of `Found`.

    Raises:
        ValueError: MLflow's database or server cannot be read.
    """
    root = pathlib.Path(root)
    found = [_untracked(path) for path in root.glob(f"untracked/*/{MODEL}")]
    try:
        found += _tracked(root)
    except Exception as error:  # of any kind: a server, a database, a proxy
        where = os.environ.get("MLFLOW_TRACKING_URI") or root / "mlflow.db"
        raise ValueError(
            f"The runs in {where} cannot be read ({store.sentence(error)}). "
            "Name the file model.keras of a run instead, or its folder."
        ) from error
    return sorted(found, key=lambda run: run.started, reverse=True)


def find(word, root="mlruns"):
    """The run that a user means.

    Args:
        word: str. The id of a run in MLflow or its beginning, the name of a
            run (of several, the newest that has a model), "latest", or
            "latest:RECIPE" for the newest that has a model.
        root: str or path.

    Returns:
        (`Found`, pathlib.Path of its model).

    Raises:
        ValueError: no such run, several, or one without a model.
    """
    runs = recent(root)
    meant = _named(word, runs)
    for run in meant:
        path = run.model()
        if path is not None:
            return run, path
    if meant:
        run = meant[0]
        raise ValueError(
            f"The run {run.label} ({run.name}) has no {MODEL} (status: "
            f"{run.status}). A training leaves it when it ends; the same "
            "command again goes on with one that was killed."
        )
    raise ValueError(_unknown(word, runs, root))


def _named(word, runs):
    """The runs that `word` can mean, the likeliest first."""
    trained = [run for run in runs if run.kind != _TRIAL]
    latest, _, recipe = word.partition(":")
    if latest == "latest":
        return [run for run in trained if recipe in ("", run.recipe)]
    by_name = [run for run in trained if word in (run.name, run.run_id)]
    if by_name or len(word) < _SHORTEST_PREFIX:
        return by_name
    by_id = [run for run in runs if run.run_id.startswith(word)]
    if len(by_id) > 1:
        raise ValueError(
            f"{word!r} is the beginning of {len(by_id)} runs: "
            f"{', '.join(run.run_id for run in by_id)}. Give more of it."
        )
    return by_id


def _unknown(word, runs, root):
    trained = [run for run in runs if run.kind != _TRIAL]
    if not trained:
        where = os.environ.get("MLFLOW_TRACKING_URI")
        where = where or pathlib.Path(root).resolve()
        return (
            f"There is no run {word!r}, and no other in {where}: train one "
            "first, or go to the folder where you did."
        )
    if word.startswith("latest"):
        recipes = sorted({run.recipe for run in trained if run.recipe})
        return (
            f"There is no run for {word!r}; there are runs of "
            f"{', '.join(recipes)}."
        )
    names = dict.fromkeys(n for run in trained for n in (run.name, run.label))
    near = difflib.get_close_matches(word, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else "."
    newest = ", ".join(f"{run.label} ({run.name})" for run in trained[:3])
    return (
        f"There is no file, folder or run {word!r}{hint} The newest runs: "
        f"{newest}. `python -m rnnzoo list` shows more."
    )


def _tracked(root):
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        if not (root / "mlflow.db").is_file():
            return []  # and none is made by looking for it
    client = _client(root)
    recipes = {e.experiment_id: e.name for e in client.search_experiments()}
    runs, token = [], None
    while True:
        page = client.search_runs([*recipes], page_token=token)
        runs += [_found(run, recipes, root) for run in page]
        token = page.token
        if not token:
            return runs


def _client(root="mlruns"):
    # The experiment that MLflow has from the beginning: none is created.
    return store.connect("Default", root)[0]


def _found(run, recipes, root):
    directory = store.folder(run.info.artifact_uri)
    if directory is None:
        copy = root / "copies" / run.info.run_id
        directory = copy if (copy / MODEL).is_file() else None
    return Found(
        run_id=run.info.run_id,
        recipe=recipes[run.info.experiment_id],
        name=run.info.run_name,
        kind=run.data.tags.get("rnnzoo.kind", "train"),
        status=run.info.status,
        started=run.info.start_time / 1000,
        metrics=run.data.metrics,
        directory=directory,
        tags=run.data.tags,
        logged=run.data.params,
    )


def _untracked(path):
    """The run in a folder, by what it keeps beside its model."""
    folder = path.parent
    tags = _kept(folder, "tags.json")
    metrics = {}
    with contextlib.suppress(OSError):
        for point in points.read(folder / points.FILE):
            metrics |= point
    return Found(
        run_id=folder.name,
        recipe=tags.get("rnnzoo.recipe", ""),
        name=folder.name,
        kind=tags.get("rnnzoo.kind", "train"),
        status="UNTRACKED",
        started=path.stat().st_mtime,
        metrics={n: metrics[n] for n in metrics.keys() - {"step", "time"}},
        directory=folder,
        tags=tags,
    )


def _kept(folder, name):
    """A JSON object in a file, empty if it is not there or broken."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder / name).read_text("utf-8"))
    return {}


def _download(run_id, name):
    """From a server, into a temporary folder."""
    client = _client()
    for item in client.list_artifacts(run_id):
        if item.path == name:
            return pathlib.Path(client.download_artifacts(run_id, name))
    return None


def _download_model(run_id):
    """The same for the model, which MLflow may keep as one of its own."""
    path = _download(run_id, MODEL)
    if path is not None:
        return path
    client = _client()
    run = client.get_run(run_id)
    for output in run.outputs.model_outputs if run.outputs else ():
        from mlflow.artifacts import download_artifacts

        folder = download_artifacts(
            f"models:/{output.model_id}", tracking_uri=client.tracking_uri
        )
        return next(pathlib.Path(folder).glob("artifacts/*.keras"), None)
    return None
