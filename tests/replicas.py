"""Trains models on one device and on several replicas: how far they part.

A process of its own, because the CPU must be split before TensorFlow starts:

    python -m tests.replicas REPLICAS CASE ...

prints a JSON dict with what each case found. Of several workers, each has

    python -m tests.replicas workers CASE ...
"""

import contextlib
import dataclasses
import functools
import itertools
import json
import pathlib
import sys
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf

import rnnzoo
from rnnzoo import text
from rnnzoo.pipelines import text as pipelines
from rnnzoo.pipelines.windows import Windows
from rnnzoo.training import strategy, workers
from tests.architectures import rows

# What is compared with one device; "multiworker" in one of several processes.
STRATEGY = "mirrored"

# 7, 7, 7, 1: nothing that two or three replicas could share evenly.
ROWS, BATCH_SIZE, EPOCHS = 22, 7, 2


# === What is trained ===


def many(architecture, seed=0):
    """`(x, y, sample_weight)` of `ROWS` rows, drawn from the three."""
    place = np.random.default_rng(seed).integers(0, 3, ROWS)
    return keras.tree.map_structure(
        lambda v: None if v is None else v[place], rows.feed(architecture)
    )


def sgd(learning_rate=0.05, **options):
    return lambda: keras.optimizers.SGD(learning_rate, momentum=0.9, **options)


@dataclasses.dataclass(frozen=True)
class Case:
    """A model, and how it is trained. Functions make what belongs to it."""

    architecture: str
    cell: str = "gru"
    options: dict = dataclasses.field(default_factory=dict)
    optimizer: object = sgd()
    compile: object = dict
    data: object = None
    alter: object = None
    batch_size: int = BATCH_SIZE
    in_scope: bool = True
    # Makes a model that is none of the table's.
    make: object = None

    def build(self):
        keras.utils.set_random_seed(3)
        if self.make is not None:
            model = self.make()
            model.compile(self.optimizer(), **self.compile())
            return model
        options = {
            name: value() if callable(value) else value
            for name, value in self.options.items()
        }
        options = {"dropout": 0.0, "num_layers": 1, **options}
        if self.architecture != "one_to_one":
            options.setdefault("recurrent_dropout", 0.0)
        if self.architecture == "many_to_one":
            options.setdefault("bidirectional", False)
        model = rows.build(self.architecture, self.cell, **options)
        if self.alter is not None:
            self.alter(model)
        model.compile(self.optimizer(), **self.compile())
        return model

    def fit(self, model, epochs=EPOCHS):
        """All the numbers shown while `model` trains and is evaluated."""
        if self.data is not None:
            feed = {"x": self.data()}
            held_out = feed["x"]
        else:
            x, y, sample_weight = held_out = many(self.architecture)
            feed = {
                "x": x,
                "y": y,
                "sample_weight": sample_weight,
                "batch_size": self.batch_size,
            }
        history = model.fit(
            **feed,
            validation_data=held_out,
            epochs=epochs,
            shuffle=False,
            verbose=0,
        ).history
        tested = model.evaluate(**feed, verbose=0, return_dict=True)
        return {**history, **{f"test_{k}": [v] for k, v in tested.items()}}


def compared(case):
    """How far one device and replicas are apart, and how far both went."""
    several = strategy.make(STRATEGY)
    one = case.build()
    with several.scope():
        model = case.build()
    initial = one.get_weights()
    apart = distance(initial, model.get_weights())
    # What other workers find is not looked at.
    shown = case.fit(one) if workers.me().chief else {}
    with several.scope() if case.in_scope else contextlib.nullcontext():
        shown_by_replicas = case.fit(model)
    return {
        "replicas": several.num_replicas_in_sync,
        "initial": apart,
        "weights": distance(one.get_weights(), model.get_weights()),
        "moved": distance(one.get_weights(), initial),
        "steps": [int(m.optimizer.iterations.numpy()) for m in (one, model)],
        "shown": {
            name: apart_by(v, shown_by_replicas[name])
            for name, v in shown.items()
        },
    }


def apart_by(numbers, others):
    """The largest difference, relative to numbers above one: a perplexity
    of ten is told to six digits as a loss of two is."""
    size = np.maximum(np.abs(numbers), 1.0)
    return float((np.abs(np.subtract(numbers, others)) / size).max())


def distance(weights, others):
    pairs = zip(weights, others, strict=True)
    return float(max(np.abs(a - b).max() for a, b in pairs))


# === Data, losses, weights that are not the usual ===


def buckets():
    """Batches of 4, 1, 3, 2 rows, each with a width of its own."""
    rng = np.random.default_rng(0)
    batches = []
    for shape in ((4, 3), (1, 6), (3, 2), (2, 5)):
        source = rng.integers(1, 11, shape).astype("int32")
        batches.append((source, source % 3, rng.uniform(size=shape)))
    tokens = tf.TensorSpec((None, None), "int32")
    weights = tf.TensorSpec((None, None), "float64")
    return tf.data.Dataset.from_generator(
        lambda: iter(batches), output_signature=(tokens, tokens, weights)
    ).apply(tf.data.experimental.assert_cardinality(len(batches)))


def partial_labels():
    """22 rows in batches of 7, weighted row by row, some labels unknown."""
    x, y, _ = many("synced")
    rng = np.random.default_rng(1)
    y = np.where(rng.random(y.shape) < 0.3, -1, y)
    data = tf.data.Dataset.from_tensor_slices((x, y, rng.uniform(size=ROWS)))
    return data.batch(BATCH_SIZE)


def text_pairs():
    """15 pairs of texts in batches of 4, in another order in each epoch."""
    lines = [str(7**n) for n in range(2, 17)]
    pairs = {"source": lines, "target": [line[::-1] for line in lines]}
    vocabulary = text.CharacterVocabulary.from_texts(lines)
    vocabularies = (vocabulary, vocabulary)
    return pipelines.TextPairs(
        pairs, *vocabularies, 4, shuffle_seed=1
    ).dataset()


def windows():
    """22 windows of a series in batches of 7, in another order each epoch."""
    series = np.random.default_rng(0).normal(size=(39, 2))
    return Windows(series, 12, 6, BATCH_SIZE, shuffle_seed=1).dataset()


def segments():
    """A forecast in segments."""
    return rnnzoo.build(
        "many_to_one", input_dim=2, horizon=6, segment=3, units=8
    )


def absolute(y_true, y_pred):
    """A loss as a function, of one value per step."""
    one_hot = keras.ops.one_hot(y_true, y_pred.shape[-1])
    return keras.ops.mean(keras.ops.abs(y_pred - one_hot), axis=-1)


def keras_metrics():
    return {
        "metrics": ["accuracy"],
        "weighted_metrics": [
            keras.metrics.SparseCategoricalCrossentropy(
                from_logits=True, name="entropy"
            ),
            rnnzoo.metrics.StepAccuracy(),
        ],
    }


def sequence_metrics():
    tags = ["O", "B-X", "I-X"]
    return {
        "loss": rnnzoo.losses.LastStepCrossentropy(label_smoothing=0.1),
        "weighted_metrics": [
            rnnzoo.metrics.BitsPerCharacter(),
            rnnzoo.metrics.Perplexity(),
            rnnzoo.metrics.SequenceAccuracy(),
            rnnzoo.metrics.SpanF1(tags),
        ],
    }


def regularize(model):
    """A penalty and a bound on weights of every kind."""
    for variable in model.trainable_variables:
        variable.regularizer = keras.regularizers.L2(0.01)
        if len(variable.shape) == 2:
            variable.constraint = keras.constraints.MaxNorm(1.0)


def normed(synchronized=True):
    """A network for inputs that normalises over the batch."""
    return keras.Sequential(
        [
            keras.layers.Flatten(),
            keras.layers.Dense(6, activation="tanh"),
            keras.layers.BatchNormalization(synchronized=synchronized),
        ]
    )


# === Cases ===

COMPARED = {
    "usual": Case(
        "synced", optimizer=sgd(global_clipnorm=0.1), alter=regularize
    ),
    "buckets": Case(
        "synced",
        "min_gru",
        optimizer=lambda: keras.optimizers.Adam(0.01),
        compile=lambda: {"loss": absolute, **keras_metrics()},
        data=buckets,
        in_scope=False,
    ),
    "text pairs": Case(
        "seq2seq",
        options={
            "source_vocabulary": 14,
            "target_vocabulary": 14,
            "max_length": 20,
        },
        optimizer=lambda: keras.optimizers.Adam(0.01, global_clipnorm=1.0),
        data=text_pairs,
    ),
    "segments": Case(
        "many_to_one",
        make=segments,
        optimizer=sgd(global_clipnorm=0.1),
        data=windows,
    ),
    "batch norm": Case("one_to_many", options={"encoder": normed}),
    "single rows": Case("many_to_one", batch_size=1),
    "sequence metrics": Case("synced", compile=sequence_metrics),
    "crf": Case("synced", options={"head": "crf"}, data=partial_labels),
    "loss object": Case(
        "synced",
        compile=lambda: {
            "loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        },
    ),
    **{
        f"{architecture} {cell}": Case(
            architecture, cell, optimizer=sgd(clipnorm=0.1)
        )
        for architecture, cell in itertools.product(rows.OPTIONS, rows.KINDS)
    },
    **{
        f"seq2seq {attention}": Case(
            "seq2seq", options={"attention": attention}
        )
        for attention in (None, "multiplicative")
    },
    **{
        f"clip {name}": Case("synced", optimizer=sgd(0.5, **{name: bound}))
        for name, bound in (
            ("global_clipnorm", 0.01),
            ("clipnorm", 0.01),
            ("clipvalue", 1e-3),
        )
    },
    **{
        f"optimizer {name}": Case("synced", optimizer=make)
        for name, make in {
            "adam": lambda: keras.optimizers.Adam(0.01, global_clipnorm=0.1),
            "adamw": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1),
            "ema": sgd(use_ema=True, ema_momentum=0.5),
            "lamb": lambda: keras.optimizers.Lamb(0.01),
            "rmsprop": lambda: keras.optimizers.RMSprop(0.01),
            "schedule": lambda: keras.optimizers.SGD(
                keras.optimizers.schedules.CosineDecay(0.1, 12)
            ),
        }.items()
    },
}


def dropout(kind):
    """What equal rows give on each replica, and where the seeds are then."""
    several = strategy.make(STRATEGY)
    feed = np.repeat(rows.SOURCE[:1], 6, axis=0)
    case = Case("synced", options={kind: 0.5})
    alone = case.build()
    alone.fit(feed, feed % 3, verbose=0)
    with several.scope():
        model = case.build()
        model.fit(feed, feed % 3, verbose=0)
        pairs = zip(seeds(alone), seeds(model), strict=True)
        parted = [int(np.abs(a - b).max()) for a, b in pairs]
        outputs = {
            training: several.run(
                tf.function(functools.partial(model, training=training)),
                args=(feed,),
            ).values
            for training in (True, False)
        }
    return {
        "seeds": parted,
        "training": distance(outputs[True][:1], outputs[True][1:2]),
        "inference": distance(outputs[False][:1], outputs[False][1:2]),
    }


def norms():
    """A norm over 7 rows, 4 and 3 of them on two devices, and on one.

    How far what it gives is apart, and the moving means of both devices; for
    a norm that is synchronized, and one that is not.
    """
    several = strategy.make("mirrored")
    x = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    found = {}
    for synchronized in (True, False):
        options = {"momentum": 0.5, "synchronized": synchronized}
        one = keras.layers.BatchNormalization(**options)
        expected = one(x, training=True)
        with several.scope():
            layer = keras.layers.BatchNormalization(**options)
            layer.build(x.shape)
        shares = several.experimental_distribute_values_from_function(
            lambda context: tf.constant(
                np.array_split(x, 2)[context.replica_id_in_sync_group]
            )
        )
        call = tf.function(functools.partial(layer, training=True))
        outputs = several.run(call, args=(shares,)).values
        means = layer.moving_mean.value.values
        found[str(synchronized)] = {
            "outputs": distance([np.concatenate(outputs)], [expected]),
            "first": distance([means[0].numpy()], [one.moving_mean.numpy()]),
            "devices": distance([means[0].numpy()], [means[1].numpy()]),
        }
    return found


def seeds(model):
    """States of all seed generators: `(seed, how often it was used)`."""
    return [
        generator.state.numpy().astype("int64")
        for layer in model._flatten_layers()
        for generator in layer._seed_generators
    ]


def slow_input():
    """What is told of a data set that needs 20 ms for each of 5 batches."""
    drawn = []

    def slow():
        drawn.append("iterator")
        for _ in range(5):
            time.sleep(0.02)
            drawn.append("batch")
            yield rows.SOURCE, rows.SOURCE % 3

    tokens = tf.TensorSpec((None, None), "int64")
    data = tf.data.Dataset.from_generator(
        slow, output_signature=(tokens, tokens)
    ).apply(tf.data.experimental.assert_cardinality(5))
    with strategy.make("mirrored").scope():
        model = Case("synced").build()
        before = model.input_seconds
        model.fit(data, epochs=2, shuffle=False, verbose=0)
        during = model.input_seconds
        model.evaluate(data, verbose=0)
    return {
        "before": before,
        "during": during,
        "after": model.input_seconds,
        "iterators": drawn.count("iterator"),
        "batches": drawn.count("batch"),
    }


def kept(folder):
    """A model of replicas, loaded on one device and on replicas again.

    How far both are from it after more training, and what all of them write.
    """
    case = Case(
        "seq2seq",
        options={"bidirectional": False},
        optimizer=sgd(global_clipnorm=0.1),
    )
    several = strategy.make(STRATEGY)
    path = pathlib.Path(folder) / "model.keras"
    with several.scope():
        model = case.build()
        case.fit(model, epochs=1)
        model.save(path)
        again = keras.models.load_model(path)
    one = keras.models.load_model(path)
    with several.scope():
        case.fit(model)
        case.fit(again)
        written = [model.generate(rows.SOURCE, beam_width=3).tolist()]
    case.fit(one)
    return {
        "again": distance(model.get_weights(), again.get_weights()),
        "one": distance(model.get_weights(), one.get_weights()),
        "written": written
        + [
            m.generate(rows.SOURCE, beam_width=3).tolist()
            for m in (model, again, one)
        ],
    }


# === What is refused ===


def words():
    ids = tf.ones((2, 2), "int32")
    return tf.data.Dataset.from_tensors(
        ({"source": ids, "id": ["a", "b"]}, ids)
    )


def ragged():
    ids = tf.ragged.constant([[4, 5], [6]])
    return tf.data.Dataset.from_tensors((ids, ids))


def penalize(model):
    """Lets a layer add a loss of what it gives."""
    model.head.activity_regularizer = keras.regularizers.L2(0.01)


REFUSED = {
    "steps_per_execution": Case(
        "synced", compile=lambda: {"steps_per_execution": 2}
    ),
    "strings": Case("synced", data=words),
    "ragged": Case("synced", data=ragged),
    "one number": Case(
        "synced",
        compile=lambda: {"loss": lambda y, p: keras.ops.mean(absolute(y, p))},
    ),
    "penalty": Case("synced", alter=penalize),
}


def refused(case):
    """With which words, and after how many steps."""
    with strategy.make("mirrored").scope():
        model = case.build()
        try:
            case.fit(model)
        except ValueError as error:
            return {
                "error": str(error),
                "steps": int(model.optimizer.iterations.numpy()),
            }
    return {"error": None}


def scopes():
    """Words with which models and optimizers of another scope are refused."""
    case = Case("synced")
    outside = case.build()
    optimizer = keras.optimizers.SGD(0.1)
    metric = rnnzoo.metrics.StepAccuracy()

    def error(function, *args, **options):
        try:
            function(*args, **options)
        except ValueError as error:
            return str(error)

    with strategy.make("mirrored").scope():
        inside = case.build()
        found = [
            error(case.fit, outside),
            error(outside.evaluate, *many("synced")[:2]),
            error(outside.compile),
            error(inside.compile, optimizer),
            error(inside.compile, weighted_metrics=[metric]),
        ]
    return [*found, error(inside.compile)]


# === Program ===

OTHERS = {
    "dropout": lambda: dropout("dropout"),
    "norms": norms,
    "recurrent_dropout": lambda: dropout("recurrent_dropout"),
    "kept": lambda: kept(tempfile.mkdtemp()),
    "scopes": scopes,
    "slow input": slow_input,
}


def found(name):
    if name in OTHERS:
        return OTHERS[name]()
    if name in REFUSED:
        return refused(REFUSED[name])
    return compared(COMPARED[name])


if __name__ == "__main__":
    if sys.argv[1] == "workers":
        STRATEGY = "multiworker"
        strategy.make(STRATEGY)
    else:
        strategy.split_cpu(int(sys.argv[1]))
    print(json.dumps({name: found(name) for name in sys.argv[2:]}))
