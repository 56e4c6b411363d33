"""Forecasts: reads the past of a series, and writes all of its next hours.

By default it reads three days of a town's weather and of what it consumes,
seven columns by the hour, and writes the next day of all of them as one vector.

Run: python -m recipes.forecasting
Expected: a mean squared error of 0.256 on the standardised columns of 90
unseen days, 67 % below that of repeating the day before (0.778),
after 54 s on 2 CPU cores with seed 1.
Use: python -m rnnzoo predict latest:forecasting past.csv

With --dataset it reads a CSV file of yours, with a column of times and columns
of numbers. With --segment it reads and writes in segments, each column by
itself, as SegRNN does (https://arxiv.org/abs/2308.11200).

Yours: python -m recipes.forecasting --dataset folder:power.csv --horizon 24
Reached: on 2 CPU cores with seed 1, in minutes of processor time,

    ETTh1, 96 hours ahead    MSE 0.369, MAE 0.393    8 min
        --dataset folder:ETTh1.csv --unit months --train 12 --validation 4
        --test 4 --look_back 96 --horizon 96 --segment 24 --units 512
        --dropout 0.5

To make it your own, change build_data, build_model, search_space, score and
main.
"""

import dataclasses

from recipes.common import experiment, start
from recipes.common.flags import flag
from recipes.common.settings import TrainingSettings, preset

EVALUATED = ("validation", "test")
SMOKE = {"units": 8, "epochs": 1, "stride": 20}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingSettings):
    """Every setting of a run; each is a flag."""

    dataset: str = flag("seasonal", "TFDS name, or folder:PATH.csv")
    targets: str | None = flag(
        None, "columns to forecast, such as load,price", none="all"
    )
    unit: str = flag(
        "share",
        "what train, validation and test are; a month has 30 days",
        choices=("share", "rows", "months"),
    )
    train: float | None = flag(
        None, "size of the split", none="the data set's own, or a share of 0.7"
    )
    validation: float | None = flag(None, "the same", none="likewise, 0.1")
    test: float | None = flag(None, "the same", none="likewise, 0.2")
    fill: str | None = flag(
        None,
        "what becomes of gaps",
        choices=("interpolate", "forward", None),
        none="an error",
    )
    calendar: str | None = preset(
        "columns that tell where in these a time is, such as day,week,year",
        "day,week",
        None,
    )
    look_back: int | None = preset("time steps that are read", 72, 96)
    horizon: int = flag(24, "time steps to forecast")
    period: int = flag(24, "time steps of a season, which naive forecasts use")
    stride: int = flag(1, "time steps from one training window to the next")
    segment: int | None = flag(
        None, "time steps of a segment, each column by itself", none="no SegRNN"
    )
    cell: str = flag("gru", "cell by name, see rnnzoo.list_cells()")
    units: int = flag(64, "size of the recurrent state")
    num_layers: int = flag(1, "recurrent layers")
    dropout: float = flag(0.1, "share of features dropped")
    batch_size: int | None = preset("windows per step", 128, 256)
    epochs: int | None = preset("passes over the training windows", 6, 8)
    learning_rate: float | None = preset("highest of the schedule", 5e-3, 1e-3)


def build_data(config):
    """The windows of each split, columns at the scale of the training split."""
    from rnnzoo import datasets
    from rnnzoo.pipelines.standard import Standard
    from rnnzoo.serving import examples
    from rnnzoo.training.contract import Contract

    sizes = [config.train, config.validation, config.test]
    given = [size is not None for size in sizes]
    if any(given) and not all(given):
        raise ValueError(
            "--train, --validation and --test go together: give all three, or "
            "none."
        )
    calendar = config.calendar.split(",") if config.calendar else []
    series = datasets.load_series(
        config.dataset,
        targets=config.targets and config.targets.split(","),
        sizes=sizes if all(given) else None,
        unit=config.unit,
        look_back=config.look_back,
        fill=config.fill,
        calendar=calendar,
    )
    standard = Standard.of(series.splits["train"])
    parts = {
        name: standard.apply(values) for name, values in series.splits.items()
    }
    targets = series.targets
    training = windows(
        config, parts["train"], targets, config.seed, config.stride
    )
    validation, test = (
        windows(config, parts[split], targets) for split in EVALUATED
    )
    contract = Contract(
        {
            "kind": "series",
            "columns": list(series.columns),
            "calendar": calendar,
            "look_back": config.look_back,
            **dataclasses.asdict(standard),
        },
        {
            "kind": "values",
            "columns": [series.columns[place] for place in targets],
        },
    )
    past = slice(config.look_back)
    own = len(series.columns) - 2 * len(calendar)
    return experiment.Data(
        training=training,
        validation=validation,
        test=test,
        test_size=test.examples,
        known={
            "columns": series.columns,
            "targets": targets,
            "standard": standard,
        },
        notes=series.notes,
        files={
            "prediction.json": contract.text(),
            **examples.series(
                series.times["test"][past],
                series.splits["test"][past, :own],
                series.columns[:own],
            ),
        },
    )


def windows(config, series, targets, seed=None, stride=1):
    """The past and the future at each place of a series, in batches."""
    from rnnzoo.pipelines.windows import Windows

    return Windows(
        series,
        config.look_back,
        config.horizon,
        config.batch_size,
        targets=targets,
        shuffle_seed=seed,
        stride=stride,
        flat=config.segment is None,
    )


def build_model(config, data):
    """The network, compiled with a learning rate for the data's length."""
    import rnnzoo

    columns, targets = data.known["columns"], data.known["targets"]
    if config.segment is None:
        form = {
            "num_outputs": config.horizon * len(targets),
            "head": "regression",
        }
    elif len(targets) < len(columns):
        raise ValueError(
            "With --segment each column is forecast by itself, from itself: "
            "leave out --targets and add --calendar none, or leave out "
            "--segment."
        )
    else:
        form = {"horizon": config.horizon, "segment": config.segment}
    model = rnnzoo.build(
        "many_to_one",
        input_dim=len(columns),
        cell=config.cell,
        units=config.units,
        num_layers=config.num_layers,
        residual=config.residual,
        dropout=config.dropout,
        **form,
    )
    model.compile(
        experiment.adam(config, data), **start.compile_options(config)
    )
    return model


def search_space(hp, config):
    """The Config of one trial of a search around `config`."""
    return dataclasses.replace(
        config,
        cell=hp.Choice("cell", ["gru", "lstm", "min_gru"]),
        num_layers=hp.Int("num_layers", 1, 2),
        residual=bool(
            hp.Boolean("residual", parent_name="num_layers", parent_values=[2])
        ),
        units=hp.Int("units", 32, 256, step=32),
        dropout=hp.Choice("dropout", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        learning_rate=hp.Float("learning_rate", 1e-3, 1e-2, sampling="log"),
    )


def score(model, data, run, config):
    """How far off forecasts are, and those that repeat the last season."""
    import numpy as np

    from rnnzoo.diagnostics.forecasts import forecasts
    from rnnzoo.training import prediction, value_scores

    batches = data.test.dataset()
    outputs, futures = prediction.outputs_and_targets(model, batches)
    if outputs.shape != futures.shape:
        raise ValueError(
            f"The model forecasts values of the shape {outputs.shape[1:]}, and "
            f"--horizon {config.horizon} asks for {futures.shape[1:]}: leave "
            "--horizon out."
        )
    shape = (len(futures), config.horizon, len(data.known["targets"]))
    futures = futures.reshape(shape)
    outputs = outputs.reshape(shape)
    value_scores.score_values(outputs, futures, run)
    places = list(data.known["targets"])
    pasts = np.concatenate([past for past, _ in batches.as_numpy_iterator()])
    period = min(config.period, config.look_back)
    steps = np.arange(config.horizon) % period - period
    naive = pasts[:, steps][:, :, places]
    error = float(((naive - futures) ** 2).mean())
    run.log_metrics({"test/naive_mse": error})
    print(f"Repeating the last {period} time steps: MSE {error:.4g}\n")
    # The first and the last of the test, in their own units.
    standard, ends = data.known["standard"], [0, -1]
    figure = forecasts(
        *(
            standard.invert(part[ends], places)
            for part in (pasts[:, :, places], futures, outputs)
        ),
        [data.known["columns"][place] for place in places],
    )
    run.log_figure(figure, "samples.png")


def main(config):
    """Trains, scores the test set, and leaves a run in MLflow; or searches."""
    print(__doc__.splitlines()[0])
    recipe = experiment.Recipe(
        name="forecasting",
        build_data=build_data,
        build_model=build_model,
        search_space=search_space,
        score=score,
        headline=("test/mse", "min"),
        smoke=SMOKE,
    )
    return experiment.run(recipe, config)


if __name__ == "__main__":
    start.command(main, Config, __doc__)
