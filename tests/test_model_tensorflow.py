"""The training step of TensorFlow: dense gradients, graphs, data sets."""

import itertools
import math
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.architectures import rows

ARCHITECTURES = sorted(rows.OPTIONS)


def plain(architecture, cell="gru", **options):
    """A model of one layer, without dropout."""
    options = {"dropout": 0.0, "num_layers": 1, **options}
    if architecture != "one_to_one":
        options["recurrent_dropout"] = 0.0
    if cell == "keras":
        cell = keras.layers.GRUCell(rows.UNITS)
    return rows.build(architecture, cell, **options)


def steps_of(model, before):
    after = rows.weights(model)
    return {path: after[path] - value for path, value in before.items()}


# === Gradients ===

# The same id again and again: its rows of the gradient add up.
REPEATED = {
    "source": np.full((3, 8), 5),
    "target": np.array([[4] * 5 + [2]] * 3),
}


@pytest.mark.parametrize(
    "clip", [{"global_clipnorm": 0.01}, {"clipnorm": 0.01}, {"clipvalue": 1e-3}]
)
def test_gradients_are_clipped_as_dense_ones(clip):
    # A step is seen as a difference of weights, which float32 would round.
    keras.config.set_dtype_policy("float64")
    model = plain("seq2seq")
    model.compile(keras.optimizers.SGD(1.0, **clip), run_eagerly=True)
    before = rows.weights(model)
    with tf.GradientTape() as tape:
        loss = model.compute_loss(REPEATED, None, model(REPEATED))
    gradients = {
        v.path: tf.convert_to_tensor(g).numpy()
        for v, g in zip(
            model.trainable_variables,
            tape.gradient(loss, model.trainable_weights),
            strict=True,
        )
    }
    model.fit(REPEATED, verbose=0)
    norms = {path: np.linalg.norm(g) for path, g in gradients.items()}
    whole = np.sqrt(sum(norm**2 for norm in norms.values()))
    for path, step in steps_of(model, before).items():
        if "clipvalue" in clip:
            expected = np.clip(gradients[path], -1e-3, 1e-3)
        else:
            norm = whole if "global_clipnorm" in clip else norms[path]
            assert whole > 0.1
            expected = gradients[path] * min(1, 0.01 / max(norm, 1e-30))
        np.testing.assert_allclose(step, -expected, rtol=0, atol=1e-7)


# === Compiled ===


def test_a_graph_is_for_all_sizes():
    """Traced once, whatever the number of rows and steps."""
    model = plain("many_to_one", pooling="mean")
    lengths = []

    def function(source):
        lengths.append(source.shape)
        return tf.reduce_sum(source, axis=1)

    for shape in ((2, 3), (5, 1), (1, 7)):
        ones = tf.ones(shape, "int32")
        sums = model.run("sum", function, ones)
        np.testing.assert_array_equal(sums, [shape[1]] * shape[0])
    assert [tuple(shape) for shape in lengths] == [(None, None)]


@pytest.mark.parametrize(
    ("cell", "architecture"),
    [
        ("gru", "one_to_one"),
        # Their product takes long: cells take turns.
        *(
            pytest.param(*pair, marks=pytest.mark.slow)
            for pair in zip(itertools.cycle(rows.KINDS[1:]), ARCHITECTURES)
        ),
    ],
)
def test_trains_under_xla(architecture, cell):
    """To the weights to which it trains without.

    One of each kind of cell; tests/cells/test_precision.py has all of them.
    """
    model, other = (plain(architecture, cell) for _ in range(2))
    other.set_weights(model.get_weights())
    x, y, sample_weight = rows.feed(architecture)
    for each, options in (
        (model, {"jit_compile": True}),
        (other, {"run_eagerly": True}),
    ):
        each.compile(keras.optimizers.SGD(0.5), **options)
        before = rows.weights(each)
        each.fit(x, y, sample_weight=sample_weight, verbose=0)
    expected = rows.weights(other)
    for (path, value), other_path in zip(
        rows.weights(model).items(), expected, strict=True
    ):
        np.testing.assert_allclose(
            value, expected[other_path], rtol=0, atol=2e-5, err_msg=path
        )
    assert max(np.abs(s).max() for s in steps_of(other, before).values()) > 1e-3


# === Data sets ===


def batches(architecture, with_y):
    """Batches of 2, 2 and 1 rows, each as long as its longest row."""

    def examples():
        rng = np.random.default_rng(0)
        for length in (3, 5, 2, 2, 7):
            source = rng.integers(4, 11, length).astype("int32")
            target = np.append(source[::-1] % 5 + 4, 2).astype("int32")
            yield {
                "many_to_one": (source, np.array([0, 1, 1])),
                "one_to_many": {"source": np.ones((2, 2)), "target": target},
                "one_to_one": (np.ones((2, 2)), np.arange(3.0)),
                "seq2seq": {"source": source, "target": target},
                "synced": (source, source % 3),
            }[architecture]

    def tell(x):
        return tf.TensorSpec(
            [None if len(x.shape) == 1 else 2] * x.ndim, x.dtype
        )

    def flexible(x):
        """Token rows vary in length, what else there is does not."""
        tokens = x.dtype == "int32"
        return tf.TensorSpec([None] if tokens else x.shape, x.dtype)

    signature = keras.tree.map_structure(flexible, next(examples()))
    data = tf.data.Dataset.from_generator(examples, output_signature=signature)
    data = data.padded_batch(2)
    data = data.apply(tf.data.experimental.assert_cardinality(3))
    if with_y:
        data = data.map(lambda x: (x, x["target"]))
    return data


@pytest.mark.parametrize(
    ("architecture", "with_y"),
    [
        ("synced", False),
        pytest.param("seq2seq", False, marks=pytest.mark.slow),
        pytest.param("seq2seq", True, marks=pytest.mark.slow),
        pytest.param("one_to_many", False, marks=pytest.mark.slow),
        pytest.param("one_to_many", True, marks=pytest.mark.slow),
        pytest.param("many_to_one", False, marks=pytest.mark.slow),
        pytest.param("one_to_one", False, marks=pytest.mark.slow),
    ],
)
def test_trains_on_a_data_set(architecture, with_y):
    model = plain(architecture, max_length=9) if with_y else plain(architecture)
    model.compile()
    traced = []
    call = model.call

    def counted(*arguments, **options):
        traced.append(arguments)
        return call(*arguments, **options)

    model.call = counted
    history = model.fit(
        batches(architecture, with_y),
        validation_data=batches(architecture, with_y),
        epochs=3,
        shuffle=False,
        verbose=0,
    ).history
    assert history["loss"][-1] < history["loss"][0]
    assert np.isfinite(history["val_loss"]).all()
    assert model.optimizer.iterations == 9
    # One graph to train, one to evaluate, whatever the lengths.
    assert len(traced) == 2


# === Waiting for input ===


def slow_batches(seconds, count=5):
    """`count` batches, each of which takes `seconds` to make."""

    def batches():
        for _ in range(count):
            time.sleep(seconds)
            yield rows.SOURCE, rows.SOURCE % 3

    tokens = tf.TensorSpec((None, None), "int64")
    data = tf.data.Dataset.from_generator(
        batches, output_signature=(tokens, tokens)
    )
    return data.apply(tf.data.experimental.assert_cardinality(count))


@pytest.mark.slow
def test_the_time_that_steps_wait_for_input():
    """That of making batches, not of training or evaluating."""
    model = plain("synced")
    model.compile()
    assert model.input_seconds == 0.0
    data = slow_batches(0.03)
    began = time.perf_counter()
    model.fit(data, epochs=2, shuffle=False, verbose=0)
    whole = time.perf_counter() - began
    waited = model.input_seconds
    # The first step of all traces, which takes far longer than a batch.
    assert 0.2 <= waited < whole - 0.5
    model.evaluate(data, verbose=0)
    assert model.input_seconds == waited
    model.fit(data, shuffle=False, verbose=0)
    assert 0.1 <= model.input_seconds - waited < 1.5
    model.compile(steps_per_execution=5)
    assert math.isnan(model.input_seconds)
    model.fit(data, shuffle=False, verbose=0)
    assert model.optimizer.iterations == 5


def test_a_batch_by_itself_is_trained_as_by_fit():
    model, other = (plain("synced") for _ in range(2))
    other.set_weights(model.get_weights())
    x, y, sample_weight = rows.feed("synced")
    for each in (model, other):
        each.compile(keras.optimizers.SGD(0.5))
    loss = model.train_on_batch(x, y, sample_weight, return_dict=True)
    history = other.fit(x, y, sample_weight=sample_weight, verbose=0).history
    assert loss["loss"] == pytest.approx(history["loss"][0], abs=1e-6)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)
