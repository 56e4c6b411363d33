"""The smallest recipe: which of two numbers a sequence has more of."""

import dataclasses

import numpy as np

from recipes.common import experiment
from recipes.common.flags import flag
from recipes.common.settings import TrainingSettings, preset


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingSettings):
    dataset: str = flag("toy", "data")
    cell: str = flag("gru", "cell")
    units: int = flag(4, "size")
    num_layers: int = flag(1, "layers")
    epochs: int | None = preset("passes", 3, 5)
    learning_rate: float = flag(1e-2, "peak")


def build_data(config):
    from rnnzoo.pipelines import columns
    from rnnzoo.pipelines.examples import Examples

    random = np.random.RandomState(config.seed)
    texts = [random.randint(4, 6, size=random.randint(3, 9)) for _ in range(60)]
    labels = [int((text == 5).mean() > 0.5) for text in texts]
    parts = {
        "text": columns.sequences(texts, "int32"),
        "label": columns.fixed(labels),
    }
    training, test = (
        Examples(
            parts,
            16,
            lambda batch: (batch["text"], batch["label"]),
            shuffle_seed=seed,
        )
        for seed in (config.seed, None)
    )
    return experiment.Data(
        training=training,
        validation=test,
        test=test,
        test_size=60,
        notes=("drawn by seed",),
        files={"note.txt": "kept"},
    )


def build_model(config, data):
    import rnnzoo

    model = rnnzoo.build(
        "many_to_one",
        vocabulary=6,
        num_outputs=2,
        cell=config.cell,
        units=config.units,
        num_layers=config.num_layers,
    )
    model.compile(experiment.adam(config, data))
    return model


def search_space(hp, config):
    return dataclasses.replace(config, units=hp.Int("units", 2, 6))


def score(model, data, run, config):
    found = model.evaluate(data.test.dataset(), return_dict=True, verbose=0)
    run.log_metrics({"test/loss": found["loss"]})


RECIPE = experiment.Recipe(
    name="toy",
    build_data=build_data,
    build_model=build_model,
    search_space=search_space,
    score=score,
    headline=("test/loss", "min"),
    smoke={"units": 2},
)
