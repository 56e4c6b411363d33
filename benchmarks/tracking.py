"""What its run in MLflow costs a training, in seconds.

Each number is that of a whole command in a process of its own, from its start
to its end: once as it is, and once with a run that keeps nothing but the model,
in turns, the best of several. What they are apart is what tracking costs:
importing MLflow, creating the database, every number, picture and file, and
logging the model. The bar is 2 % of the training or 3 s, whichever is larger.

"new" is the first run of a folder, which creates the database; "next" is one
that finds it there. Processor time, of all cores, tells the same on a machine
that others use too. "told" is what the run itself says, perf/tracking_seconds.

On two CPU cores, best of three: a training of digits, 14.6 s by itself, takes
2.3 s more with its first run, and 2.0 s with the next one.

Run: python benchmarks/tracking.py [--rounds 5] [--only digits]
"""

import argparse
import dataclasses
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[1]
RECIPES = {
    "digits": [],
    "sentiment": [],
    "forecasting": [],
    "translation": [],
}


@dataclasses.dataclass(frozen=True)
class Found:
    """Seconds of a command, on the clock and of processors, and as told."""

    wall: float
    processor: float
    told: float | None = None

    def best(self, other):
        pairs = zip(
            dataclasses.astuple(self), dataclasses.astuple(other), strict=True
        )
        return Found(*(None if a is None else min(a, b) for a, b in pairs))


def command(recipe, silent, flags):
    """Runs a recipe in this process, as `python -m` does."""
    from recipes.common import start

    if silent:
        start.store.create_beside = lambda: None

    def main(config):
        if silent:
            from rnnzoo.training import tracking

            tracking.Run = silent_run(tracking.Run)
        return module.main(config)

    module = importlib.import_module(f"recipes.{recipe}")
    start.command(main, module.Config, module.__doc__, flags)


def silent_run(run):
    """A kind of `tracking.Run` that writes the model, and nothing else."""

    class Silent(run):
        def __enter__(self):
            self._writes = False
            super().__enter__()
            self.directory.mkdir(parents=True)
            return self

        def log_model(self, model, path="model.keras"):
            model.save(self.directory / path)
            return self.directory / path

    return Silent


def measure(recipe, folder, silent):
    """`Found` of a process that trains in a folder."""
    words = [recipe, *["--silent"] * silent, *RECIPES[recipe]]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, __file__, "--once", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{recipe} ended with {process.returncode}")
    told = None if silent else last_told(folder)
    return Found(wall, used.ru_utime + used.ru_stime, told)


def last_told(folder):
    files = folder.glob("mlruns/artifacts/*/*/artifacts/metrics.jsonl")
    newest = max(files, key=lambda path: path.stat().st_mtime)
    points = map(json.loads, newest.read_text().splitlines())
    return [p["perf/tracking_seconds"] for p in points if len(p) == 3][-1]


def compare(recipe, rounds):
    """Measures a recipe in turns: dict from what to its best `Found`."""
    best = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for _ in range(rounds):
            # The data are prepared, and the next run finds the database.
            shutil.rmtree(folder / "mlruns", ignore_errors=True)
            for what in ("new", "next", "without"):
                found = measure(recipe, folder, silent=what == "without")
                best[what] = found.best(best.get(what, found))
                print(f"  {recipe}, {what}: {found}", file=sys.stderr)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=RECIPES, default=RECIPES)
    parser.add_argument("--once", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if arguments.once:
        recipe, *flags = arguments.once
        silent = "--silent" in flags
        command(recipe, silent, [word for word in flags if word != "--silent"])
    head = ("recipe", "run", "without", "costs", "processor", "told", "bar")
    rows = [head]
    for recipe in arguments.only:
        best = compare(recipe, arguments.rounds)
        without = best["without"]
        for what in ("new", "next"):
            found = best[what]
            cells = (
                without.wall,
                found.wall - without.wall,
                found.processor - without.processor,
                found.told,
                max(0.02 * without.wall, 3.0),
            )
            rows.append((recipe, what, *(f"{cell:.1f}" for cell in cells)))
    for row in rows:
        print(f"{row[0]:12}{row[1]:6}" + "".join(f"{x:>10}" for x in row[2:]))


if __name__ == "__main__":
    main()
