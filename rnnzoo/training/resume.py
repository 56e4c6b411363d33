"""A training that the same command goes on with after it was killed."""

import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3

from rnnzoo.training import checkpoints, workers


class Session:
    """The place of one unfinished training, as a context.

    It is a folder under `root`/unfinished named after the recipe and the
    settings, so the same command finds it again. A training that finishes, or
    ends with a loss that is no number, leaves nothing there. One that is
    killed, interrupted or fails otherwise leaves its checkpoints, and goes on
    from the newest: on one device, with the weights that it would have had.

    Of several workers the chief alone has it, and writes; the others get from
    the chief what it goes on with.

    Args:
        recipe: str.
        config: dataclass or dict of JSON values: every setting.
        root: str or path. The folder of the runs.
        fresh: bool. Starts anew where there is something to go on with.
        ignore: names in `config` that make no other training of it.
        save_minutes: float. How often a checkpoint is made inside an epoch;
            one is made after each epoch anyway.

    Raises:
        ValueError: on entering, another process trains the same.

    Example:

    ```python
    from rnnzoo.training import fit, resume, tracking

    def learn(config, model, training, validation):
        with resume.Session("translation", config) as session:
            run_id = session.run_id
            with tracking.Run("translation", "a", config, run_id=run_id) as run:
                fit.fit(
                    model,
                    training,  # a pipelines.text.TextPairs
                    validation,
                    run=run,
                    epochs=5,
                    session=session,
                )
    ```
    """

    def __init__(
        self,
        recipe,
        config,
        root="mlruns",
        *,
        fresh=False,
        ignore=("fresh",),
        save_minutes=5.0,
    ):
        if dataclasses.is_dataclass(config):
            config = dataclasses.asdict(config)
        config = {key: config[key] for key in config if key not in ignore}
        text = json.dumps([recipe, config], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.directory = (
            pathlib.Path(root) / "unfinished" / f"{recipe}-{digest}"
        )
        self.fresh = fresh
        self.save_minutes = save_minutes
        self._about = {"recipe": recipe, "config": config}
        self._lock = None
        self._chief = workers.me().chief

    def __enter__(self):
        if not self._chief:
            return self
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.directory)
        if self.fresh:
            for path in self.directory.iterdir():
                if path.name not in _OF_THE_LOCK:
                    path.unlink()
        with contextlib.suppress(FileNotFoundError, ValueError):
            text = (self.directory / "session.json").read_text("utf-8")
            self._about = json.loads(text)
        return self

    def __exit__(self, kind, error, trace):
        if not self._chief:
            return
        finished = kind is None or issubclass(kind, FloatingPointError)
        if finished or not checkpoints.exist(self.directory):
            shutil.rmtree(self.directory, ignore_errors=True)
        self._lock.close()

    @property
    def run_id(self):
        """The run in MLflow to go on with, or None."""
        return self._about.get("run_id")

    def begin(self, run, data):
        """Notes what a later process is to go on with, and compares.

        Args:
            run: a `tracking.Run` that has been entered.
            data: dict of JSON values that make the checkpoints usable, such
                as the fingerprints of vocabularies.

        Raises:
            ValueError: there are checkpoints, made with other data.
        """
        if not self._chief:
            return
        if checkpoints.exist(self.directory):
            then = self._about.get("data", {})
            self.check(
                f"{name} is {data.get(name)} now and was {then.get(name)} then"
                for name in data | then
                if data.get(name) != then.get(name)
            )
        self._about |= {"run_id": run.run_id, "data": data}
        text = json.dumps(self._about, indent=1)
        _write(self.directory / "session.json", text)

    def check(self, differences):
        """Refuses to go on if there are any.

        Args:
            differences: what differs from when the checkpoint was made,
                strings.

        Raises:
            ValueError: naming them.
        """
        differences = list(differences)
        if differences:
            raise ValueError(
                f"The checkpoints in {self.directory} belong to another "
                f"training: {'; '.join(differences)}. The data or the code "
                "has changed since. Put it back as it was, or give --fresh to "
                "start anew."
            )

    def load(self):
        """The newest checkpoint, see `checkpoints.load`."""
        return checkpoints.load(self.directory) if self._chief else None

    def save(self, number, arrays, about):
        """Makes a checkpoint, see `checkpoints.save`."""
        if self._chief:
            checkpoints.save(self.directory, number, arrays, about)


_OF_THE_LOCK = {"lock.db", "lock.db-journal", "holder.json"}


def _lock(directory):
    """SQLite's own lock: on every system, it is gone when its holder dies."""
    lock = sqlite3.connect(directory / "lock.db", timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise ValueError(
            f"Another process ({_holder(directory)}) trains with the same "
            f"settings, in {directory}. Wait for it or end it; for a second "
            "training change a setting, such as --seed."
        ) from error
    _write(directory / "holder.json", json.dumps({"process": os.getpid()}))
    return lock


def _holder(directory):
    try:
        text = (directory / "holder.json").read_text("utf-8")
        return json.loads(text)["process"]
    except (OSError, ValueError):
        return "unknown"


def _write(path, text):
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
