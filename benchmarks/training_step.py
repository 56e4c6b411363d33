"""Speed of a training step against Keras's own layers.

Each row is one run of both sides, in turns: the loss, and its gradients for
inputs and weights, as one TensorFlow graph. Ratios above 1 mean that rnnzoo is
the faster.

Run: python benchmarks/training_step.py [--rounds 9] [--only min_gru rwkv7]
"""

import argparse
import dataclasses

import keras
import tensorflow as tf
from _race import race

import rnnzoo


@dataclasses.dataclass(frozen=True)
class Row:
    """What is compared, on which shape, and what is expected of it."""

    ours: str
    theirs: str
    batch: int
    timesteps: int
    features: int
    units: int
    bar: float
    options: dict = dataclasses.field(default_factory=dict)

    @property
    def name(self):
        options = (f"{k}={v}" for k, v in self.options.items())
        return " ".join([self.ours, *options])


ROWS = [
    Row("lstm", "keras.layers.LSTM", 64, 100, 128, 256, bar=1 / 1.1),
    Row("gru", "keras.layers.GRU", 64, 100, 128, 256, bar=1 / 1.1),
    *(
        Row(name, "keras.layers.GRU", 16, 4096, 128, 128, 3, options)
        for name, options in (
            ("min_gru", {}),
            ("min_lstm", {}),
            ("trnn", {}),
            ("qrnn", {}),
            ("sru", {"recurrent_gates": False}),
            ("rg_lru", {}),
            ("lru", {}),
            ("hgrn", {"complex_state": False}),
            ("hgrn", {}),
        )
    ),
    Row("mlstm", "its own loop", 8, 1024, 128, 128, bar=5),
    Row("rwkv4", "its own loop", 16, 1024, 128, 128, bar=1),
    Row("rwkv6", "its own loop", 8, 1024, 128, 128, bar=5),
    Row("rwkv7", "its own loop", 8, 1024, 128, 128, bar=5),
]


def layers(row):
    """`(ours, theirs)`, built."""
    cell = rnnzoo.cells.CELLS[row.ours](row.units, **row.options)
    ours = rnnzoo.layers.Recurrent(cell, return_sequences=True)
    if row.theirs == "its own loop":
        cell = rnnzoo.cells.clone(cell)
        theirs = rnnzoo.layers.Recurrent(
            cell, return_sequences=True, parallel=False
        )
    else:
        kind = getattr(keras.layers, row.theirs.split(".")[-1])
        theirs = kind(row.units, return_sequences=True)
    for layer in (ours, theirs):
        layer.build((row.batch, row.timesteps, row.features))
    return ours, theirs


def training_step(layer, inputs):
    """One training step of `layer` on `inputs`, as a function to call."""
    weights = [variable.value for variable in layer.trainable_variables]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            loss = tf.reduce_mean(tf.square(layer(inputs)))
        return tape.gradient(loss, [inputs, *weights])

    return lambda: step()[0].numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", nargs="+", help="cells by name")
    arguments = parser.parse_args()
    rows = [row for row in ROWS if row.ours in (arguments.only or [row.ours])]
    print(
        f"{'cell':27}{'against':20}{'batch x steps, in -> out':27}"
        f"{'ours ms':>9}{'theirs ms':>11}{'ratio':>7}{'bar':>6}"
    )
    for row in rows:
        keras.utils.set_random_seed(1)
        shape = (row.batch, row.timesteps, row.features)
        inputs = tf.random.normal(shape)
        ours, theirs = (training_step(x, inputs) for x in layers(row))
        best = race({"ours": ours, "theirs": theirs}, arguments.rounds)
        ratio = best["theirs"] / best["ours"]
        size = f"{row.batch} x {row.timesteps}, {row.features} -> {row.units}"
        print(
            f"{row.name:27}{row.theirs:20}{size:27}"
            f"{1e3 * best['ours']:9.0f}{1e3 * best['theirs']:11.0f}"
            f"{ratio:7.2f}{row.bar:6.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
