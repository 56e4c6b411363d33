"""Long dependencies: which cells remember, and which can track a state.

Adding: the sum of two marked numbers of a long sequence. Copy memory: ten
symbols, written down again after T blanks. Parity and Z_5: what all elements
so far compose to, learnt from 1 to 40 steps and asked for up to 256.

Run: python -m recipes.long_dependencies
Expected: an LSTM's outputs after 129 to 256 steps of parity are 100.0 % right,
after 100 optimiser steps, 10 s on 1 CPU core with seed 1.
Memory: with --task adding --length 600 --cell gru the squared error is 5.7e-4
after 650 steps and 425 s, where guessing has 0.167.
Table: python -m recipes.long_dependencies --all

The table has eight cells, alike in everything else: two layers of 64 units,
residual and pre-normalised, Adam at a constant rate. An entry ends when the
validation loss is below 1/300 of what memoryless guessing gives; when it has
not fallen by 1 % of that in 300 steps; or with its budget of steps. The
weights are those of the lowest validation loss. Stopped, the same command goes
on where it was; started twice with different --only, two share the work.

To make it your own, change build_data, build_model, table_entries,
search_space and main.
"""

import dataclasses
import os

from recipes.common import diagnosing, long_table, settings, start
from recipes.common.flags import flag

TASKS = ("adding", "copy", "parity", "z5")
CELLS = ("elman", "lstm", "gru", "indrnn", "min_gru", "lru", "slstm", "rwkv7")
# Task -> the lengths in the table, and for each how many seeds.
TABLE = {
    "adding": {10: 3, 100: 1, 600: 1},
    "copy": {10: 3, 100: 1, 1000: 1},
    "parity": {None: 5},
    "z5": {None: 3},
}
EPOCH = 50  # steps
NAME = "long_dependencies"
HEADLINE = {"rnnzoo.headline": "test/accuracy", "rnnzoo.direction": "max"}
SMOKE = {"units": 8, "batch_size": 8, "steps": 2 * EPOCH}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(settings.Settings):
    """Every setting of a run; each is a flag."""

    task: str = flag("parity", "what is learnt", choices=TASKS)
    length: int | None = flag(
        None, "steps to remember over", none="100 for adding and copy"
    )
    cell: str = flag("lstm", "cell by name, see rnnzoo.list_cells()")
    units: int = flag(64, "size of the recurrent state")
    num_layers: int = flag(2, "recurrent layers")
    batch_size: int = flag(32, "examples per step")
    steps: int | None = flag(
        None, "most steps of training", none="1000; 800 at lengths above 100"
    )
    learning_rate: float = flag(3e-3, "of Adam, constant")
    all: bool = flag(False, "fill the whole table instead")
    only: str | None = flag(
        None, "tasks and cells of the table, such as parity,gru", none="all"
    )

    def __post_init__(self):
        super().__post_init__()
        if self.all and self.tune is not None:
            raise ValueError(
                "--all fills the table, and --tune searches: leave one of them "
                "out"
            )

    @property
    def epochs(self):
        """Epochs of all steps, which a search by Hyperband counts in."""
        return self.steps // EPOCH


def complete(config):
    """The Config with a value for every flag that was not given."""
    remembers = config.task in ("adding", "copy")
    length = (config.length or 100) if remembers else None
    steps = config.steps or (800 if (length or 0) > 100 else 1000)
    config = dataclasses.replace(config, length=length, steps=steps)
    return dataclasses.replace(config, **SMOKE) if config.smoke else config


def table_entries(config):
    """The Configs of the table, or of the part that --only names."""
    words = {word for word in (config.only or "").split(",") if word}
    unknown = words - {*TASKS, *CELLS}
    if unknown:
        raise ValueError(
            f"--only takes tasks and cells of the table, {', '.join(TASKS)}, "
            f"{', '.join(CELLS)}. Received: {', '.join(sorted(unknown))}."
        )
    tasks = [t for t in TASKS if t in words] or TASKS
    cells = [c for c in CELLS if c in words] or CELLS
    plain = dataclasses.replace(config, all=False, only=None)
    return [
        complete(
            dataclasses.replace(
                plain, task=task, length=length, cell=cell, seed=seed
            )
        )
        for task in tasks
        for length, seeds in TABLE[task].items()
        for seed in range(1, seeds + 1)
        for cell in cells
    ]


def build_data(config):
    """Batches to learn from, those to validate and to test with, targets."""
    import tensorflow as tf

    from recipes.common import long_tasks
    from recipes.common.arrays import Batches

    task = long_tasks.task(config.task, config.length)
    encode = long_tasks.encoder(task)
    training = Batches(
        long_tasks.load(task, "train"),
        config.batch_size,
        EPOCH,
        config.seed,
        encode,
    )
    held_out = [
        long_tasks.load(task, split) for split in ("validation", "test")
    ]
    validation, test = (
        tf.data.Dataset.from_tensor_slices(arrays).batch(250).map(encode)
        for arrays in held_out
    )
    return task, training, validation, test, held_out[1][1]


def build_model(config, data):
    """The network, compiled: the same shell around every cell."""
    import keras

    import rnnzoo

    task, *_ = data
    model = rnnzoo.build(
        task.topology,
        input_dim=task.inputs,
        num_outputs=task.outputs,
        head=task.head,
        cell=config.cell,
        units=config.units,
        num_layers=config.num_layers,
        residual=True,
        pre_norm=True,
    )
    rate = config.learning_rate
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=1.0),
        **start.compile_options(config),
    )
    return model


def search_space(hp, config):
    """The Config of one trial of a search around `config`."""
    return dataclasses.replace(
        config,
        cell=hp.Choice("cell", ["gru", "lstm", "min_gru"]),
        num_layers=hp.Int("num_layers", 1, 3),
        units=hp.Int("units", 32, 128, step=32),
        learning_rate=hp.Float("learning_rate", 1e-3, 1e-2, sampling="log"),
    )


def prepare(config):
    """Data and model, from the Config's seed."""
    from rnnzoo.training import multiworker, strategy

    start.set_up(config)
    with multiworker.chief_first():
        data = build_data(config)
    with strategy.make(config.strategy).scope():
        model = build_model(config, data)
        diagnosing.checked(config, data[2], model)
    return data, model


def learn(config, run, data, model, session=None, until=None):
    """Trains, to the epoch `until`, and tests; what was measured, by name."""
    from recipes.common import long_strings, long_tasks
    from recipes.common.stopping import StopEarly
    from rnnzoo.serving.served_model import ServedModel
    from rnnzoo.training import contract, fit

    task, training, validation, test, targets = data
    inputs, *_ = first = next(test.as_numpy_iterator())
    weights = first[2] if len(first) == 3 else None
    example = long_strings.sequences(task, inputs[:1], weights)[0]
    run.served_model = ServedModel(example)
    run.log_text(long_strings.contract(task).text(), contract.FILE)
    stop = StopEarly(
        solved=task.guessing / 300,
        progress=task.guessing / 100,
        patience=300 // EPOCH,
    )
    looking = diagnosing.checked(config, validation, model)
    metrics = fit.fit(
        model,
        training,
        validation,
        run=run,
        epochs=config.epochs,
        until=until,
        session=session,
        callbacks=[*diagnosing.into(run, looking), stop],
    )
    outputs = model.predict(test.map(lambda inputs, *_: inputs), verbose=0)
    scores = long_tasks.scores(task, outputs, targets)
    tested = {f"test/{name}": float(scores[name]) for name in scores}
    tested |= {
        "test/guessing": task.guessing,
        "train/steps": stop.epochs * EPOCH,
    }
    run.log_metrics(tested)
    samples = long_strings.samples(task, inputs, outputs, targets, weights)
    run.log_text(samples + "\n", "samples.txt")
    # The weights that are kept are not those of the last epoch.
    kept = {"val/loss": stop.best}
    return metrics | kept | tested | {"ended": stop.ended}


def attempt(config, run, session, until):
    """One trial of a search."""
    data, model = prepare(config)
    found = long_table.params(config, data, model)
    run.log_params({name: found[name] for name in found.keys() - vars(config)})
    found = learn(config, run, data, model, session, until)
    return {name: found[name] for name in found if name != "ended"}


def measure(config, results):
    """One entry: trained, tested and kept, as a run in MLflow."""
    from rnnzoo.training import resume, tracking

    data, model = prepare(config)
    length = f"-{config.length}" if config.length else ""
    name = f"{config.task}{length}-{config.cell}-s{config.seed}"
    print(f"{name}: {model.count_params():,} weights")
    with (
        resume.Session(NAME, config, fresh=config.fresh) as session,
        tracking.Run(
            NAME,
            name,
            long_table.params(config, data, model),
            run_id=session.run_id,
            tags=HEADLINE,
        ) as run,
    ):
        found = learn(config, run, data, model, session)
        results.keep(config, found)
    print(long_table.told(found))
    return found


def main(config):
    """Trains one network, fills the table, or searches."""
    from recipes.common.results import Results
    from rnnzoo.training import search

    print(__doc__.splitlines()[0])
    results = Results("mlruns/long_dependencies")

    def train(best):
        measure(dataclasses.replace(best, fresh=config.fresh), results)

    if config.all:
        long_table.fill(table_entries, config, measure, results)
    elif config.tune is not None:
        search.search(
            NAME,
            settings.without_search(complete(config)),
            search_space,
            attempt,
            then=train if config.train_best else None,
            **settings.of_search(config),
        )
    else:
        measure(complete(config), results)


if __name__ == "__main__":
    # One core for each command: small products gain nothing from a second one,
    # which another command can use. Read when TensorFlow starts.
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    start.command(main, Config, __doc__)
