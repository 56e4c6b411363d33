import keras
import numpy as np
import pytest
import tensorflow as tf

import rnnzoo
from rnnzoo.diagnostics.callback import Diagnose
from rnnzoo.diagnostics.observation import observe

X = np.random.default_rng(0).normal(size=(3, 6, 4)).astype("float32")
MASK = np.array([[1] * 6, [0, 1, 1, 0, 1, 0], [1, 1, 0, 0, 0, 0]], dtype="bool")
SOURCE = np.array([[5, 6, 7, 8], [9, 4, 0, 0], [3, 3, 3, 0]])
TARGET = np.array([[5, 6, 2], [9, 2, 0], [2, 0, 0]])


def outputs_of(model, x, **options):
    """`(as usual, observed, steps)`."""
    with (
        tf.GradientTape(watch_accessed_variables=False) as tape,
        observe(model, tape, **options) as seen,
    ):
        observed = model(x, training=False)
    return np.array(model(x, training=False)), np.array(observed), seen


@pytest.mark.parametrize("cell", ["lstm", "min_gru", "rwkv6", "sru"])
def test_steps_give_what_the_layer_gives(cell):
    model = rnnzoo.build(
        "synced", input_dim=4, cell=cell, units=8, bidirectional=True
    )
    usual, observed, seen = outputs_of(
        model, {"inputs": X, "mask": MASK}, copies=True
    )
    np.testing.assert_allclose(observed, usual, atol=1e-6)
    assert list(seen) == [
        "encoder/stack/block_0/forward",
        "encoder/stack/block_0/backward",
    ]
    for steps in seen.values():
        assert len(steps.states) == len(steps.outputs) == 6
        assert steps.count().tolist() == [6, 3, 2]


@pytest.mark.slow
@pytest.mark.parametrize("cell", rnnzoo.list_cells())
def test_steps_of_all_cells_give_what_the_layer_gives(cell):
    model = rnnzoo.build("synced", input_dim=4, cell=cell, units=8)
    usual, observed, _ = outputs_of(
        model, {"inputs": X, "mask": MASK}, copies=True
    )
    np.testing.assert_allclose(observed, usual, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"attention": "additive", "input_feeding": True},
        {"cell": "mlstm", "attention": None},
    ],
)
def test_both_sides_of_a_translator_are_seen(options):
    model = rnnzoo.build(
        "seq2seq",
        source_vocabulary=10,
        target_vocabulary=10,
        units=8,
        bidirectional=False,
        **options,
    )
    x = {"source": SOURCE, "target": TARGET}
    usual, observed, seen = outputs_of(model, x, copies=True)
    np.testing.assert_allclose(observed, usual, atol=1e-6)
    counts = {path.split("/")[0]: len(s.states) for path, s in seen.items()}
    # The states of a matrix cell mean nothing from outside: the decoder has
    # a first step for what the encoder tells.
    first = options.get("cell") == "mlstm"
    assert counts == {"encoder": 4, "decoder": 3 + first}


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "float64"])
def test_types_of_states_and_outputs_are_kept(dtype):
    model = rnnzoo.build(
        "synced", input_dim=4, cell="min_lstm", units=8, dtype=dtype
    )
    usual, observed, seen = outputs_of(model, X, copies=True)
    tolerance = 1e-2 if dtype == "mixed_bfloat16" else 1e-12
    np.testing.assert_allclose(observed, usual, atol=tolerance)
    (steps,) = seen.values()
    carried = "float32" if dtype == "mixed_bfloat16" else "float64"
    assert {s.dtype.name for own in steps.states for s in own} == {carried}
    assert {w.dtype.name for own in steps.weights for w in own} == {carried}


def test_a_training_that_is_looked_at_is_the_same():
    y = np.ones((3, 6), int)

    def train(callbacks):
        keras.utils.set_random_seed(3)
        model = rnnzoo.build(
            "synced", input_dim=4, units=4, recurrent_dropout=0.2
        )
        model.compile()
        model.fit(X, y, epochs=2, verbose=0, callbacks=callbacks)
        return model.get_weights()

    names = ["bptt", "gates", "gradient_flow", "statistics"]
    look = Diagnose(names, (X, y))
    for one, other in zip(train([]), train([look]), strict=True):
        np.testing.assert_array_equal(one, other)
    assert {name: list(look.found[name]) for name in names} == dict.fromkeys(
        names, [0, 1, 2]
    )


def test_a_step_shows_states_and_outputs_that_numpy_gives():
    layer = rnnzoo.layers.Recurrent("elman", units=5)
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, layer(inputs))
    _, _, seen = outputs_of(model, X)
    W, U, b = (np.array(w) for w in layer.cell.weights)
    h = np.zeros((3, 5))
    (steps,) = seen.values()
    for t in range(6):
        np.testing.assert_allclose(steps.states[t][0], h, atol=1e-6)
        h = np.tanh(X[:, t] @ W + h @ U + b)
        np.testing.assert_allclose(steps.outputs[t], h, atol=1e-6)


def test_gradients_by_the_copies_are_those_of_one_step():
    layer = rnnzoo.layers.Recurrent("indrnn", units=4)
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, layer(inputs))
    with (
        tf.GradientTape(watch_accessed_variables=False) as tape,
        observe(model, tape, copies=True) as seen,
    ):
        loss = tf.reduce_sum(model(X, training=False))
    (steps,) = seen.values()
    names = [v.name for v in steps.variables]
    bias = names.index("bias")
    found = tape.gradient(loss, [own[bias] for own in steps.weights])
    # relu passes one; each step before is multiplied by u.
    u = np.array(layer.cell.weights[names.index("recurrent_kernel")])
    g = np.ones((3, 4))
    for t in reversed(range(6)):
        g = g * (np.array(steps.outputs[t]) > 0)
        np.testing.assert_allclose(found[t], g.sum(axis=0), atol=1e-5)
        g = g * u


def test_nothing_stays_behind():
    model = rnnzoo.build(
        "synced", input_dim=4, units=8, carried_rows=3, num_outputs=2
    )
    x = {"inputs": X, "begins": np.zeros(3, bool)}
    before = model.get_weights()
    with pytest.raises(ZeroDivisionError):
        with observe(model):
            model(x, training=False)
            raise ZeroDivisionError
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    (layer,) = model.encoder.stack.blocks[0].directions()
    assert layer.observer is None and layer.cell.observer is None


def test_layers_of_one_name_are_told_apart():
    first = rnnzoo.layers.Recurrent("gru", units=4, return_sequences=True)
    second = rnnzoo.layers.Recurrent("gru", units=4)
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, second(first(inputs)))
    second._path = first._path
    with observe(model) as seen:
        model(X, training=False)
    assert list(seen) == [first.path, f"{first.path}_2"]


def test_a_model_without_recurrence_is_refused():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs), name="flat")
    with pytest.raises(ValueError, match="'flat' has no `rnnzoo.layers.Rec"):
        with observe(model):
            pass
