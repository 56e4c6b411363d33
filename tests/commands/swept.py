"""A recipe that trains nothing: run by test_sweep.py, as a sweep does.

It answers as `start.command(main, Config)` does, and leaves runs in MLflow, but
needs no TensorFlow. Of the value of --units comes what it does.
"""

import dataclasses
import os
import signal
import sys
import time

from recipes.common import checking, flags, start

# By its path, as recipes.common.start: `import rnnzoo` would load Keras.
store = start._load("rnnzoo.training.store")


@dataclasses.dataclass(frozen=True)
class Config:
    units: int = flags.flag(1, "size")
    seed: int = flags.flag(1, "seed")
    fresh: bool = flags.flag(False, "anew")


def train(config):
    client, experiment = store.connect("swept", "mlruns")
    tags = {
        "rnnzoo.kind": "train",
        "rnnzoo.headline": "test/loss",
        "rnnzoo.direction": "min",
        **start.sweeps.tags(),
    }
    run = store.new_run(client, experiment, f"u{config.units}", tags)
    run_id = run.info.run_id
    params = {
        name: str(value) for name, value in dataclasses.asdict(config).items()
    }
    client.log_batch(run_id, params=store.params(params))
    if config.units == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    if config.units == 6:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            client.set_terminated(run_id, "KILLED")
            sys.exit(130)
    score = config.units + config.seed / 10
    client.log_batch(run_id, metrics=store.metrics({"test/loss": score}, 0))
    client.set_terminated(run_id)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if start.sweeps.CHECK in os.environ:
        asked = os.environ[start.sweeps.CHECK]
        found = checking.answer(Config, sys.argv[1:], asked)
        sys.exit(print(f"{start.sweeps.ANSWER}{found}"))
    config = flags.parse(Config)
    print(f"units {config.units}")
    if config.units == 4:
        sys.exit("error: There is no room.")
    train(config)
