"""A training small enough to be killed at each of its steps."""

import json
import pathlib

import keras
import numpy as np
import tensorflow as tf

STEPS = 4
EPOCHS = 3


class Pairs:
    """Batches with a place for each: what `fit` needs of `TextPairs`.

    13 rows in 4 batches, the last one of a single row; the order is one of
    the seed and the epoch.
    """

    def __init__(self, rows=13):
        random = np.random.RandomState(0)
        self.x = random.normal(size=(rows, 3)).astype("float32")
        self.y = self.x.sum(axis=1, keepdims=True)
        self.examples = rows
        self.asked = []

    def __len__(self):
        return -(-self.examples // 4)

    def dataset(self, epoch=0, batch=0):
        self.asked.append((epoch, batch))
        order = np.random.RandomState([7, epoch]).permutation(self.examples)
        rows = self.x[order], self.y[order]
        return tf.data.Dataset.from_tensor_slices(rows).batch(4).skip(batch)


class Run:
    """What `fit` needs of a `tracking.Run`: it only remembers."""

    def __init__(self, directory=None, run_id="abc"):
        self.directory = None if directory is None else pathlib.Path(directory)
        self.run_id = run_id
        self.metrics = {}
        self.models = 0
        self.figures = {}

    def log_metrics(self, metrics, step=0):
        self.metrics.setdefault(step, {}).update(metrics)

    def log_figure(self, figure, path):
        self.figures[path] = figure

    def log_model(self, model):
        self.models += 1
        if self.directory is None:
            return "model.keras"
        model.save(self.directory / "model.keras")
        return self.directory / "model.keras"

    def by_epoch(self):
        """What was logged of the epochs, to compare."""
        return json.dumps(
            {step: self.metrics[step] for step in sorted(self.metrics) if step}
        )


def build(optimizer=None):
    """A network with dropout, so that its random numbers matter."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.05, EPOCHS * STEPS)
    model.compile(
        optimizer or keras.optimizers.Adam(rate, global_clipnorm=1.0),
        "mse",
        weighted_metrics=["mae"],
    )
    return model


def validation():
    return Pairs().dataset(99)


def state(model):
    """Every number that a training could leave behind, as bytes."""
    variables = [*model.variables, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(v).tobytes() for v in variables]
