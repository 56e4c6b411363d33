"""A search by several processes, of trials that take no time.

Run as `python -m tests.training.searching ROOT WORKERS [WHAT]`: its trials are
scored by their units. WHAT is what happens on the way: "dies" kills the
process of the trial with 24 units whenever it is tried, "once" the first time
only, "chief" kills the chief in that trial, once; "waits" lets that trial wait
to be killed; "wrong" is an error in the space.
"""

import dataclasses
import os
import pathlib
import signal
import sys
import time

from rnnzoo.training import search

_SPECIAL = 24


@dataclasses.dataclass(frozen=True)
class Config:
    units: int = 8
    seed: int = 1


def main(root, workers, what=""):
    mark = pathlib.Path(root) / "happened"

    def space(hp, config):
        if what == "wrong":
            raise ValueError("no such space")
        values = [8, 16, _SPECIAL, 32, 40, 48]
        return dataclasses.replace(config, units=hp.Choice("units", values))

    def learn(config, run, session, until):
        if config.units == _SPECIAL and what and not mark.exists():
            happen(what, mark)
        time.sleep(0.2)
        run.log_metrics({"val/loss": config.units}, step=1)
        return {"val/loss": config.units}

    best = search.search(
        "toy",
        Config(),
        space,
        learn,
        kind="grid",
        trials=6,
        workers=None if workers == "0" else int(workers),
        root=root,
    )
    if best is not None:
        print(f"best: {best.units}")


def happen(what, mark):
    if what != "dies":
        mark.touch()
    if what == "chief":
        chief = next(
            int(path.parent.name)
            for path in pathlib.Path("/proc").glob("[0-9]*/environ")
            if is_chief_of(path, os.getppid())
        )
        os.kill(chief, signal.SIGKILL)
    elif what == "waits":
        time.sleep(600)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def is_chief_of(path, parent):
    """Whether a process is the chief that `parent` has started."""
    try:
        environment = path.read_bytes().split(b"\0")
        status = path.with_name("stat").read_text()
    except OSError:
        return False
    return (
        b"KERASTUNER_TUNER_ID=chief" in environment
        and int(status.rpartition(")")[2].split()[1]) == parent
    )


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
