"""Reads hand-written digits: one image in, one class out, one step.

The recurrent network without its recurrence, as textbooks draw it first: the
image is the input of a single step. By default it reads the scans of 8 x 8
pixels that come with scikit-learn, of writers that it has never seen.

Run: python -m recipes.digits
Expected: 90.8 % of 382 test images right, after 19 s on 2 CPU cores
with seed 1.
Use: python -m rnnzoo predict latest:digits three.png

With --dataset it reads any labelled images: those of TFDS, or yours, in one
folder for each class, images/train/3/a.png or images/3/a.png.

Yours: python -m recipes.digits --dataset folder:images --size 32
Reached: on 2 CPU cores with seed 1, in minutes of processor time,

    cmaterdb/bangla    91.5 %   1 min   --dataset cmaterdb/bangla

To make it your own, change build_data, build_model, search_space, score and
main.
"""

import dataclasses

from recipes.common import experiment, start
from recipes.common.flags import flag
from recipes.common.settings import TrainingSettings, preset

EVALUATED = ("validation", "test")
SMOKE = {"limit": 100, "units": 16, "batch_size": 16, "epochs": 2}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingSettings):
    """Every setting of a run; each is a flag."""

    dataset: str = flag("digits", "TFDS name, or folder:PATH with images")
    size: int | None = flag(
        None, "side that images are resized to, in pixels", none="as they are"
    )
    limit: int | None = flag(None, "examples used of each split", none="all")
    balance: bool = flag(False, "rare classes count more, as scikit-learn does")
    cell: str = flag("gru", "cell by name, see rnnzoo.list_cells()")
    units: int = flag(256, "size of the recurrent state")
    num_layers: int = flag(2, "recurrent layers")
    dropout: float = flag(0.3, "share of features dropped")
    batch_size: int = flag(128, "examples per step")
    passes: int | None = preset("over the training set in an epoch", 10, 4)
    epochs: int | None = preset("epochs of so many passes", 4, 8)
    learning_rate: float = flag(3e-3, "highest of the schedule")


def build_data(config):
    """The images of each split as batches, and what the classes are called."""
    from rnnzoo import datasets
    from rnnzoo.serving import examples
    from rnnzoo.training import class_weights
    from rnnzoo.training.contract import Contract

    images = datasets.load_images(
        config.dataset,
        size=config.size and (config.size, config.size),
        limit=config.limit,
    )
    labels, weights = images.labels, None
    if config.balance:
        weights = class_weights.balanced(
            images.splits["train"]["label"], len(labels), labels
        )
    shape = images.splits["train"]["image"].shape[1:]
    training = batches(images.splits["train"], config, config.seed, weights)
    validation, test = (
        batches(images.splits[split], config) for split in EVALUATED
    )
    contract = Contract(
        {"kind": "image", "size": list(shape[:2]), "channels": shape[2]},
        {"kind": "class", "labels": list(labels)},
    )
    return experiment.Data(
        training=training,
        validation=validation,
        test=test,
        test_size=test.examples,
        known={
            "labels": labels,
            "shape": shape,
            "images": images.splits["test"]["image"],
        },
        notes=images.notes,
        files={
            "prediction.json": contract.text(),
            **examples.picture(images.splits["test"]["image"][0]),
        },
    )


def batches(split, config, seed=None, weights=None):
    """Images from 0 to 1 with their classes; weighted, if by these."""
    import tensorflow as tf

    from rnnzoo.pipelines import columns
    from rnnzoo.pipelines.examples import Examples

    def make(batch):
        inputs = tf.cast(batch["image"], tf.float32) / 255
        if weights is None:
            return inputs, batch["label"]
        return inputs, batch["label"], tf.gather(weights, batch["label"])

    parts = {name: columns.fixed(split[name]) for name in ("image", "label")}
    passes = 1 if seed is None else config.passes
    return Examples(
        parts, config.batch_size, make, shuffle_seed=seed, passes=passes
    )


def build_model(config, data):
    """The network, compiled with a learning rate for the data's length."""
    import rnnzoo

    model = rnnzoo.build(
        "one_to_one",
        input_shape=data.known["shape"],
        num_outputs=len(data.known["labels"]),
        cell=config.cell,
        units=config.units,
        num_layers=config.num_layers,
        residual=config.residual,
        dropout=config.dropout,
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
        num_layers=hp.Int("num_layers", 1, 3),
        residual=bool(
            hp.Boolean(
                "residual", parent_name="num_layers", parent_values=[2, 3]
            )
        ),
        units=hp.Int("units", 64, 512, step=64),
        dropout=hp.Choice("dropout", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        learning_rate=hp.Float("learning_rate", 1e-3, 1e-2, sampling="log"),
    )


def score(model, data, run, config):
    """How many test images are read right, class by class; and some of them."""
    import numpy as np

    from rnnzoo.diagnostics.captioned import captioned
    from rnnzoo.training import class_scores, prediction, report

    outputs, targets = prediction.outputs_and_targets(
        model, data.test.dataset()
    )
    source = [f"image {number}" for number in range(1, len(targets) + 1)]
    found = class_scores.score_classes(
        outputs, targets, data.known["labels"], run, source=source
    )
    images = [data.known["images"][row] for row in data.test.rows()[:9]]
    expected = [data.known["labels"][number] for number in targets[:9]]
    words = report.marked(found[:9], expected)
    run.log_figure(captioned(np.stack(images) / 255, words), "samples.png")


def main(config):
    """Trains, scores the test set, and leaves a run in MLflow; or searches."""
    print(__doc__.splitlines()[0])
    recipe = experiment.Recipe(
        name="digits",
        build_data=build_data,
        build_model=build_model,
        search_space=search_space,
        score=score,
        headline=("test/accuracy", "max"),
        smoke=SMOKE,
    )
    return experiment.run(recipe, config)


if __name__ == "__main__":
    start.command(main, Config, __doc__)
