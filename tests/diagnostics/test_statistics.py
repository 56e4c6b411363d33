import keras
import numpy as np
import pytest
import tensorflow as tf

import rnnzoo
from rnnzoo.diagnostics.statistics import statistics

PATH = "encoder/stack/block_0/forward"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(3, 6, 4)).astype("float32")
Y = np.array([0, 1, 1])
MASK = np.arange(6) < np.array([[6], [2], [4]])


def reader(cell="elman", **options):
    if isinstance(cell, str):
        options.setdefault("units", 5)
    return rnnzoo.build("many_to_one", input_dim=4, cell=cell, **options)


def norm(*arrays):
    return np.sqrt(sum(np.sum(np.square(array)) for array in arrays))


def test_outputs_are_told_at_valid_steps():
    model = reader()
    W, U, b = (np.array(w) for w in model.encoder.stack.get_weights())
    # One unit is still, one saturated.
    W[:, 0] = U[:, 0] = 0
    W[:, 1], U[:, 1], b[1] = 0, 0, 4
    model.encoder.stack.set_weights([W, U, b])
    _, numbers = statistics(model, ({"inputs": X, "mask": MASK}, Y))
    h, outputs = np.zeros((3, 5)), []
    for t in range(6):
        h = np.tanh(X[:, t] @ W + h @ U + b)
        outputs.append(h[MASK[:, t]])
    outputs = np.concatenate(outputs)
    for name, expected in {
        "activation_mean": outputs.mean(),
        "activation_std": outputs.std(),
        # Neither of the two changes.
        "dead": 2 / 5,
        "saturated": np.mean(np.abs(outputs) > 0.95),
    }.items():
        assert numbers[f"{name}/{PATH}"] == pytest.approx(expected, rel=1e-5)
    assert numbers[f"saturated/{PATH}"] >= 1 / 5


def test_outputs_without_bounds_do_not_saturate():
    cell = rnnzoo.cells.Elman(5, activation="relu")
    _, numbers = statistics(reader(cell), (9 * X, Y))
    assert f"dead/{PATH}" in numbers
    assert f"saturated/{PATH}" not in numbers


def test_gradients_and_updates_are_those_of_a_training_step():
    model = reader("gru")
    optimizer = keras.optimizers.SGD(0.5, clipnorm=0.1)
    model.compile(optimizer=optimizer)
    before = model.get_weights()
    _, numbers = statistics(model, (X, Y))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    model.train_on_batch(X, Y)
    steps = [a - b for a, b in zip(model.get_weights(), before, strict=True)]
    layers = {PATH: slice(0, 3), "head": slice(3, 5)}
    for layer, own in layers.items():
        weights = norm(*before[own])
        assert numbers[f"weight_norm/{layer}"] == pytest.approx(weights)
        assert numbers[f"update_ratio/{layer}"] == pytest.approx(
            norm(*steps[own]) / weights, rel=1e-4
        )
    # Without clipping a step is the gradient times the rate.
    model.set_weights(before)
    model.compile(optimizer=keras.optimizers.SGD(0.5))
    model.train_on_batch(X, Y)
    steps = [a - b for a, b in zip(model.get_weights(), before, strict=True)]
    for layer, own in layers.items():
        assert numbers[f"gradient_norm/{layer}"] == pytest.approx(
            norm(*steps[own]) / 0.5, rel=1e-4
        )


def test_the_optimizer_stays_as_it_was():
    model = reader("gru")
    model.compile()
    model.train_on_batch(X, Y)
    before = [np.array(v) for v in model.optimizer.variables]
    _, first = statistics(model, (X, Y))
    for old, new in zip(before, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(old, np.array(new))
    weights = model.get_weights()
    model.train_on_batch(X, Y)
    steps = [a - b for a, b in zip(model.get_weights(), weights, strict=True)]
    # The second step of Adam, moments of the first included.
    assert first["update_ratio/head"] == pytest.approx(
        norm(*steps[3:]) / norm(*weights[3:]), rel=1e-4
    )


def test_a_model_without_an_optimizer_has_no_update():
    figure, numbers = statistics(reader(), (X, Y))
    assert not any(name.startswith("update") for name in numbers)
    assert len(figure.axes) == 4


def test_weights_of_zero_have_no_ratio():
    model = reader()
    model.head.set_weights([np.zeros((5, 2)), np.zeros(2)])
    model.compile()
    _, numbers = statistics(model, (X, Y))
    assert "update_ratio/head" not in numbers
    assert numbers["gradient_norm/head"] > 0


def test_all_layers_stand_in_the_figure():
    model = rnnzoo.build(
        "seq2seq", source_vocabulary=9, target_vocabulary=9, units=4
    )
    model.compile()
    ids = np.array([[5, 6, 2], [7, 2, 0]])
    figure, numbers = statistics(model, {"source": ids, "target": ids})
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert names == [
        "encoder/reader/block_0/forward",
        "encoder/reader/block_0/backward",
        "decoder/decoder/writer/block_0/forward",
        "encoder/embedding",
        "decoder/embedding",
        "decoder/decoder/attend/memory_projection",
        "decoder/decoder/combine",
        "decoder/bridge/state_0",
        "decoder/head",
    ]
    assert all(f"update_ratio/{name}" in numbers for name in names)
    axis = figure.axes[2]
    (points,) = [c for c in axis.containers if c.get_label() != "spread"]
    np.testing.assert_allclose(
        points[0].get_xdata(), [numbers[f"gradient_norm/{n}"] for n in names]
    )


def test_a_keras_model_is_looked_into_as_well():
    inputs = keras.Input((None, 4))
    x = rnnzoo.layers.Recurrent(keras.layers.GRUCell(5))(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, name="top")(x))
    model.compile(loss="mse", optimizer="adam")
    _, numbers = statistics(model, (X, np.ones((3, 1), "float32")))
    assert numbers["gradient_norm/top"] > 0
    weights = [np.array(w) for w in model.layers[1].trainable_variables]
    path = model.layers[1].path
    assert numbers[f"weight_norm/{path}"] == pytest.approx(norm(*weights))


def test_padding_of_targets_does_not_count():
    model = rnnzoo.build("seq2seq", source_vocabulary=9, units=4)
    x = {"source": np.array([[5, 6, 7]]), "target": np.array([[5, 6, 2]])}
    _, whole = statistics(model, x)
    x["target"] = np.array([[5, 6, 2, 0, 0]])
    _, padded = statistics(model, x)
    assert whole == pytest.approx(padded, rel=1e-4)
    means = [name for name in whole if name.startswith("activation_mean/dec")]
    assert len(means) == 1


def test_a_model_on_several_devices_has_no_update():
    # One device, with the variables of several.
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = reader()
        model.compile()
        _, numbers = statistics(model, (X, Y))
    plain = reader()
    plain.set_weights(model.get_weights())
    _, expected = statistics(plain, (X, Y))
    assert {name.split("/")[0] for name in numbers} >= {"gradient_norm"}
    assert list(numbers.values()) == pytest.approx(
        list(expected.values()), rel=1e-5
    )
