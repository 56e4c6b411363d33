"""A folder of something that the same command goes on with."""

import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3

from rnnzoo.training import workers

_OF_THE_LOCK = {"lock.db", "lock.db-journal", "holder.json"}


class Unfinished:
    """The place of something that may be killed and gone on with, as a context.

    It is a folder under `root`/unfinished named after the recipe and the
    settings, so the same command finds it again. One process at a time has it;
    of several workers that train one model the chief alone, and in the others
    nothing is written.

    Args:
        recipe: str.
        config: dataclass or dict of JSON values: every setting.
        root: str or path. The folder of the runs.
        fresh: bool. Removes what there is to go on with.
        ignore: names in `config` that make nothing else of it.
        notes: str. Name of the file of what a later process must know.

    Attributes:
        directory: pathlib.Path.
        notes: dict of JSON values, those of an earlier process at first; see
            `note`.

    Raises:
        ValueError: on entering, another process has it.
    """

    def __init__(
        self,
        recipe,
        config,
        root="mlruns",
        *,
        fresh=False,
        ignore=("fresh",),
        notes="notes.json",
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
        self.notes = {"recipe": recipe, "config": config}
        self._file = notes
        self._lock = None
        self._chief = workers.me().chief

    def __enter__(self):
        if not self._chief:
            return self
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.directory)
        if self.fresh:
            for path in self.directory.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name not in _OF_THE_LOCK:
                    path.unlink()
        with contextlib.suppress(FileNotFoundError, ValueError):
            text = (self.directory / self._file).read_text("utf-8")
            self.notes = json.loads(text)
        return self

    def __exit__(self, kind, error, trace):
        if not self._chief:
            return
        if self.is_done(kind):
            shutil.rmtree(self.directory, ignore_errors=True)
        self._lock.close()

    def is_done(self, kind):
        """Whether nothing is left to go on with.

        Args:
            kind: the class of the exception that ends it, or None.
        """
        return kind is None

    @property
    def run_id(self):
        """The run in MLflow to go on with, or None."""
        return self.notes.get("run_id")

    def note(self, **values):
        """Keeps values of JSON among `notes` for a later process."""
        if self._chief:
            self.notes |= values
            write(self.directory / self._file, self.notes)


def write(path, values):
    """Writes JSON to a file, whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(values, indent=1), encoding="utf-8")
    unfinished.replace(path)


def _lock(directory):
    """SQLite's own lock: on every system, it is gone when its holder dies."""
    lock = sqlite3.connect(directory / "lock.db", timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise ValueError(
            f"Another process ({_holder(directory)}) runs with the same "
            f"settings, in {directory}. Wait for it or end it; for a second "
            "one change a setting, such as --seed."
        ) from error
    write(directory / "holder.json", {"process": os.getpid()})
    return lock


def _holder(directory):
    try:
        text = (directory / "holder.json").read_text("utf-8")
        return json.loads(text)["process"]
    except (OSError, ValueError):
        return "unknown"
