"""Labels videos: a label for every frame, from what comes before and after it.

By default it watches hand-written digits that pass behind a wall, each seen in
part and in noise, and says which digit each frame shows, or none.

Run: python -m recipes.video_frames
Expected: 89.9 % of the frames of 500 clips right, of writers never seen,
after 65 s on 2 CPU cores with seed 1.
Use: python -m rnnzoo predict latest:video_frames frames/

With --dataset it reads videos of TFDS, or your own: a folder of images for each
clip, and labels.csv with the columns clip and labels, one for each frame.

Yours: python -m recipes.video_frames --dataset folder:clips --size 64

To make it your own, change build_data, build_model, search_space, score and
main.
"""

import dataclasses

from recipes.common import experiment, start
from recipes.common.flags import flag
from recipes.common.settings import TrainingSettings, preset

EVALUATED = ("validation", "test")
SMOKE = {"limit": 40, "units": 8, "batch_size": 8, "epochs": 1}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingSettings):
    """Every setting of a run; each is a flag."""

    dataset: str = flag(
        "moving_digits", "TFDS name, or folder:PATH with labels.csv"
    )
    size: int | None = flag(
        None, "side that frames are resized to, in pixels", none="as they are"
    )
    every: int = flag(1, "of so many frames one is used")
    limit: int | None = flag(None, "clips used of each split", none="all")
    balance: bool = flag(False, "rare labels count more, as scikit-learn does")
    bidirectional: bool = flag(True, "frames that come later count too")
    cell: str = flag("gru", "cell by name, see rnnzoo.list_cells()")
    units: int = flag(
        96, "features of a frame, and of the recurrent state, each direction"
    )
    num_layers: int = flag(1, "recurrent layers")
    dropout: float = flag(0.2, "share of features dropped")
    batch_size: int = flag(32, "clips per step")
    epochs: int | None = preset("passes over the training set", 12, 20)
    learning_rate: float = flag(3e-3, "highest of the schedule")


def build_data(config):
    """The clips of each split as batches, with a label for each frame."""
    from rnnzoo import datasets
    from rnnzoo.serving import examples
    from rnnzoo.training.contract import Contract

    clips = datasets.load_frames(
        config.dataset,
        size=config.size and (config.size, config.size),
        every=config.every,
        limit=config.limit,
    )
    if not clips.labels:
        raise ValueError(
            f"The clips of {config.dataset!r} have no labels to learn: choose "
            "a data set that has some, such as moving_digits."
        )
    training, validation, test = (
        batches(config, clips, split) for split in ("train", *EVALUATED)
    )
    shape = clips.splits["train"]["video"][0].shape[1:]
    contract = Contract(
        {
            "kind": "frames",
            "size": list(shape[:2]),
            "channels": shape[2],
            "every": config.every,
        },
        {"kind": "tags", "labels": list(clips.labels)},
    )
    return experiment.Data(
        training=training,
        validation=validation,
        test=test,
        test_size=test.examples,
        known={
            "labels": clips.labels,
            "shape": shape,
            "clips": clips.splits["test"]["video"],
        },
        notes=clips.notes,
        files={
            "prediction.json": contract.text(),
            **examples.frames(clips.splits["test"]["video"][0]),
        },
    )


def batches(config, clips, split):
    """Frames from 0 to 1 with their labels; weighted for training."""
    import numpy as np
    import tensorflow as tf

    from rnnzoo.pipelines import columns
    from rnnzoo.pipelines.examples import Examples
    from rnnzoo.training import class_weights

    rows, names = clips.splits[split], clips.labels
    weights, training = None, split == "train"
    if config.balance and training:
        labels = np.concatenate(rows["labels"])
        weights = class_weights.balanced(labels, len(names), names)

    def make(batch):
        frames = tf.cast(batch["frames"], tf.float32) / 255
        present = tf.sequence_mask(batch["frames_lengths"], tf.shape(frames)[1])
        inputs, labels = {"inputs": frames, "mask": present}, batch["labels"]
        if weights is None:
            return inputs, labels
        return inputs, labels, tf.gather(weights, labels)

    parts = {
        "frames": columns.sequences(rows["video"]),
        "labels": columns.sequences(rows["labels"], "int32"),
    }
    seed = config.seed if training else None
    return Examples(parts, config.batch_size, make, shuffle_seed=seed)


def build_model(config, data):
    """The network, compiled with a learning rate for the data's length."""
    import rnnzoo

    model = rnnzoo.build(
        "synced",
        input_dim=data.known["shape"],
        num_outputs=len(data.known["labels"]),
        cell=config.cell,
        units=config.units,
        num_layers=config.num_layers,
        residual=config.residual,
        bidirectional=config.bidirectional,
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
        num_layers=hp.Int("num_layers", 1, 2),
        residual=bool(
            hp.Boolean("residual", parent_name="num_layers", parent_values=[2])
        ),
        units=hp.Int("units", 32, 160, step=32),
        dropout=hp.Choice("dropout", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        learning_rate=hp.Float("learning_rate", 1e-3, 1e-2, sampling="log"),
    )


def score(model, data, run, config):
    """How many frames of the test clips are labelled right; and some."""
    from rnnzoo.diagnostics.captioned import captioned
    from rnnzoo.training import class_scores, prediction, report

    labels = data.known["labels"]
    found, targets = prediction.labels_and_targets(model, data.test.dataset())
    source = [[*map(str, range(1, len(row) + 1))] for row in targets]
    class_scores.score_tags(found, targets, labels, run, source=source)
    clip = data.known["clips"][data.test.rows()[0]][:9]
    words = [
        [labels[number] for number in row[:9]] for row in (found[0], targets[0])
    ]
    figure = captioned(clip / 255, report.marked(*words))
    run.log_figure(figure, "samples.png")


def main(config):
    """Trains, scores the test set, and leaves a run in MLflow; or searches."""
    print(__doc__.splitlines()[0])
    recipe = experiment.Recipe(
        name="video_frames",
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
