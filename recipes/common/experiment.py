"""What every recipe does with its parts: trains, resumes, searches, tests.

Imports Keras when it runs, so that `--help` stays instant.
"""

import dataclasses
import json
import sys

from recipes.common import (
    dataset_input,
    diagnosing,
    same_data,
    settings,
    start,
)
from recipes.common.described import described


@dataclasses.dataclass(kw_only=True)
class Data:
    """What `build_data` of a recipe returns.

    Attributes:
        training: batches with a place for each, such as a
            `pipelines.examples.Examples`.
        validation: the same, or a `tf.data.Dataset` of batches.
        test: whatever the recipe's `score` tests with.
        test_size: int. Examples in `test`.
        known: dict. What a model must know of the data, by name: vocabularies,
            labels, shapes.
        example: str. A text that the model may be tried on; None: what is
            called example among the files, if anything.
        headline: as in `Recipe`, where another metric tells how good a model
            of these data is.
        notes: sequence of str. What was decided on the way, to print.
        files: dict from path to str or bytes. Stored with the run as it
            begins, such as the contract of `python -m rnnzoo predict`, and
            one of `serving.examples`.
        looking: list. The callbacks of `--diagnose`, which `prepare` adds.
    """

    training: object
    validation: object
    test: object
    test_size: int
    known: dict = dataclasses.field(default_factory=dict)
    example: str | None = None
    headline: tuple | None = None
    notes: tuple = ()
    files: dict = dataclasses.field(default_factory=dict)
    looking: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """The parts of a recipe, which `run` puts together.

    Attributes:
        name: str. That of its file, and of the experiment in MLflow.
        build_data: function of (config) that returns a `Data`.
        build_model: function of (config, data) that returns the model,
            compiled.
        search_space: function of (hp, config) that returns a trial's Config.
        score: function of (model, data, run, config) that tests the model,
            prints how good it is, and logs metrics test/... to the run.
        smoke: dict. The sizes that `--smoke` sets.
        callbacks: function of (data, config) that returns Keras callbacks.
        headline: the metric that runs are compared by, of those that `score`
            logs, and whether the best is the "min" or the "max".
        monitor: what early stopping and searches go by, and "min" or "max".
        command: str. Of `python -m rnnzoo`, what uses the model.
    """

    name: str
    build_data: object
    build_model: object
    search_space: object
    score: object
    smoke: dict
    headline: tuple
    callbacks: object = lambda data, config: []
    monitor: tuple = ("val/loss", "min")
    command: str = "predict"


def run(recipe, config):
    """Trains and tests; or searches; or tests an earlier run.

    A run killed at any point goes on when the same command is given again.

    Args:
        recipe: a `Recipe`.
        config: its Config, with fields `dataset`, `cell`, `units`,
            `num_layers`, `epochs` and those of `TrainingSettings`.

    Returns:
        The best trial's Config of a search; else the model.

    Raises:
        ValueError: settings, data or a run that are none.
    """
    if config.evaluate is not None:
        return _evaluate(recipe, config)
    config = settings.complete(config, recipe.smoke)
    if config.tune is not None:
        return _search(recipe, config)
    from rnnzoo.training import pointers, resume, tracking

    data, model = prepare(recipe, config)
    name = f"{config.cell}-u{config.units}-l{config.num_layers}-s{config.seed}"
    with (
        resume.Session(recipe.name, config, fresh=config.fresh) as session,
        tracking.Run(
            recipe.name,
            name,
            {**dataclasses.asdict(config), **described(config, model)},
            run_id=session.run_id,
            tags=headline(recipe, data),
            served_model=served(recipe, data),
        ) as run,
    ):
        run.describe(about(recipe, data))
        learn(recipe, config, run, data, model, session)
        recipe.score(model, data, run, config)
    tried_on = data.example
    if tried_on is None:
        name = example_file(data)
        tried_on = run.directory / name if name else "FILE"
    print(pointers.pointers(run, tried_on, recipe.command))
    return model


def about(recipe, data):
    """What the experiment is, for the pages that list it."""
    told = sys.modules[recipe.build_data.__module__].__doc__ or recipe.name
    name, direction = data.headline or recipe.headline
    best = "lowest" if direction == "min" else "highest"
    return (
        f"{told.strip().splitlines()[0]}\n\nRuns are compared by {name}, the "
        f"{best} first: `python -m rnnzoo compare {recipe.name}`, which also "
        "makes the saved views."
    )


def headline(recipe, data):
    """The tags that tell by which metric runs are compared."""
    name, direction = data.headline or recipe.headline
    return {"rnnzoo.headline": name, "rnnzoo.direction": direction}


def prepare(recipe, config):
    """Data and model, from the Config's seed."""
    from rnnzoo.training import multiworker, strategy

    start.set_up(config)
    with multiworker.chief_first():
        data = recipe.build_data(config)
    print("".join(f"{note}\n" for note in data.notes), end="")
    with strategy.make(config.strategy).scope():
        model = recipe.build_model(config, data)
        data.looking = diagnosing.checked(config, data.validation, model)
    return data, model


def served(recipe, data):
    """How MLflow gets the model; None where nothing says what it reads."""
    from rnnzoo.serving.served_model import ServedModel
    from rnnzoo.training import contract

    if recipe.command != "generate" and contract.FILE not in data.files:
        return None
    return ServedModel(data.example or example_file(data))


def example_file(data):
    """The name of the file or folder called example, or None."""
    names = {path.split("/")[0] for path in data.files}
    found = [name for name in names if name.split(".")[0] == "example"]
    return found[0] if found else None


def vocabularies(data):
    """Those among what is known of the data, as JSON files to look at."""
    return {
        f"{name}.json": json.dumps(found.pieces, ensure_ascii=False)
        for name, found in data.known.items()
        if hasattr(found, "pieces")
    }


def adam(config, data):
    """The optimizer of a Config: its schedule over all steps, and clipping."""
    import keras

    from rnnzoo.training import schedules

    steps = config.epochs * len(data.training)
    rate = schedules.make(config.schedule, config.learning_rate, steps)
    return keras.optimizers.Adam(rate, global_clipnorm=1.0)


def learn(recipe, config, run, data, model, session=None, until=None):
    """Trains, to the epoch `until`; what is returned, a search compares."""
    from rnnzoo.training import fit

    for path, content in {**data.files, **vocabularies(data)}.items():
        log = run.log_text if isinstance(content, str) else run.log_bytes
        log(content, path)
    dataset_input.log(run, config, data)
    print(f"{title(config, data, model)}\n")
    validation = data.validation
    if hasattr(validation, "dataset"):
        validation = validation.dataset()
    ending = stopping(recipe, config)
    metrics = fit.fit(
        model,
        data.training,
        validation,
        run=run,
        epochs=config.epochs,
        until=until,
        session=session,
        callbacks=[
            *recipe.callbacks(data, config),
            *diagnosing.into(run, data.looking),
            *ending,
        ],
    )
    # The weights that are kept are not those of the last epoch.
    for callback in ending:
        if getattr(callback, "best", None) is not None:
            metrics[callback.monitor] = callback.best
    return metrics


def title(config, data, model):
    """Two lines on what is about to be learnt."""
    layers = f", {config.num_layers} layers" * (config.num_layers > 1)
    count = getattr(data.training, "distinct", data.training.examples)
    return (
        f"{config.dataset}: {count:,} example{'s' * (count > 1)} to learn from,"
        f" {data.test_size:,} to test\n"
        f"{config.cell} of {config.units} units{layers}; "
        f"{model.count_params():,} weights, {config.epochs} epochs of "
        f"{len(data.training)} steps"
    )


def stopping(recipe, config):
    """The callbacks of `--early_stopping`."""
    if config.early_stopping is None:
        return []
    from rnnzoo.training.early_stopping import EarlyStopping

    monitor, mode = recipe.monitor
    return [EarlyStopping(monitor, config.early_stopping, mode=mode)]


def _search(recipe, config):
    from rnnzoo.training import search

    if not search.takes_part():
        # Data that cannot be had are no matter of each trial; and of several
        # workers none has to wait while another one prepares them.
        recipe.build_data(config)

    def attempt(config, run, session, until):
        data, model = prepare(recipe, config)
        run.log_params(described(config, model))
        run.served_model = served(recipe, data)
        return learn(recipe, config, run, data, model, session, until)

    def train(best):
        print("\nTrains the best settings\n")
        run(recipe, dataclasses.replace(best, fresh=config.fresh))

    return search.search(
        recipe.name,
        settings.without_search(config),
        recipe.search_space,
        attempt,
        objective=recipe.monitor,
        then=train if config.train_best else None,
        **settings.of_search(config),
    )


def _evaluate(recipe, config):
    """Tests an earlier run, as a new run of the kind "evaluate"."""
    import keras

    import rnnzoo.architectures  # noqa: F401  # tells Keras our classes
    from rnnzoo.training import runs, tracking

    word = config.evaluate
    if word == "latest" and any(
        run.recipe == recipe.name for run in runs.recent()
    ):
        word = f"latest:{recipe.name}"
    found, path = runs.find(word)
    _check_recipe(found, recipe)
    config = settings.of_run(config, found.params())
    config = settings.complete(config, recipe.smoke)
    print(f"Tests the run {found.label} ({found.name}) on {config.dataset}")
    start.set_up(config)
    data = recipe.build_data(config)
    print("".join(f"{note}\n" for note in data.notes), end="")
    model = keras.saving.load_model(path)
    same_data.check(data, model, found)
    name = f"evaluate-{found.label}"
    tags = {"rnnzoo.evaluated": found.run_id, **headline(recipe, data)}
    params = {**dataclasses.asdict(config), **described(config, model)}
    with tracking.Run(
        recipe.name, name, params, kind="evaluate", tags=tags
    ) as run:
        dataset_input.log(run, config, data, "evaluation")
        recipe.score(model, data, run, config)
    return model


def _check_recipe(found, recipe):
    name = found.recipe or recipe.name
    if name != recipe.name:
        raise ValueError(
            f"The run {found.label} ({found.name}) is one of {name}: test it "
            f"by `python -m recipes.{name} --evaluate {found.label}`."
        )
