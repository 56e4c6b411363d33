import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics.step_losses import step_losses, unpacked

X = np.random.default_rng(0).normal(size=(3, 5, 4)).astype("float32")
Y = np.array([[0, 1, 1, 0, 1], [1, 0, 0, 0, 0], [1, 1, 1, 1, 1]])
MASK = np.arange(5) < np.array([[5], [2], [3]])


def losses_of(model, *batch):
    x, y, weights = unpacked(model, batch)
    return step_losses(model, x, y, weights, model(x, training=False))


def test_the_mean_is_what_the_model_is_trained_on():
    model = rnnzoo.build("synced", input_dim=4, units=4, num_outputs=2)
    x = {"inputs": X, "mask": MASK}
    found = losses_of(model, x, Y)
    assert found.per_step and model.loss is None
    model.compile()
    expected = model.evaluate(x, Y, verbose=0, return_dict=True)["loss"]
    assert float(found.mean()) == pytest.approx(expected, rel=1e-5)
    weights = np.array([1.0, 0.5, 2.0])
    found = losses_of(model, x, Y, weights)
    expected = model.evaluate(
        x, Y, sample_weight=weights, verbose=0, return_dict=True
    )["loss"]
    assert float(found.mean()) == pytest.approx(expected, rel=1e-5)


def test_the_last_step_is_that_of_each_row():
    model = rnnzoo.build("synced", input_dim=4, units=4, num_outputs=2)
    found = losses_of(model, {"inputs": X, "mask": MASK}, Y)
    last = found.last()
    np.testing.assert_array_equal(np.array(last.weights), np.eye(5)[[4, 1, 2]])
    values = np.array(found.values)
    ends = values[[0, 1, 2], [4, 1, 2]]
    np.testing.assert_allclose(last.mean(), ends.mean(), rtol=1e-6)
    np.testing.assert_allclose(last.sum_of_rows(), ends.sum(), rtol=1e-6)
    parts = np.array([float(part) for part in found.single(range(5))])
    np.testing.assert_allclose(parts, values.sum(axis=0) / 10, rtol=1e-6)


def test_a_row_with_one_loss_has_one_step():
    model = rnnzoo.build("many_to_one", input_dim=4, units=4)
    found = losses_of(model, X, Y[:, 0])
    assert found.values.shape == (3, 1) and not found.per_step
    crf = rnnzoo.build(
        "synced", input_dim=4, units=4, num_outputs=2, head="crf"
    )
    found = losses_of(crf, X, Y)
    assert found.values.shape == (3, 1) and not found.per_step
    crf.compile()
    expected = crf.evaluate(X, Y, verbose=0, return_dict=True)["loss"]
    assert float(found.mean()) == pytest.approx(expected, rel=1e-5)


def test_a_keras_model_has_the_loss_that_it_was_compiled_with():
    inputs = keras.Input((None, 4))
    x = rnnzoo.layers.Recurrent("gru", 4, return_sequences=True)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3)(x))
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    found = losses_of(model, X, Y)
    expected = model.evaluate(X, Y, verbose=0)
    assert float(found.mean()) == pytest.approx(expected, rel=1e-5)
    weighted = losses_of(model, X, Y, MASK.astype("float32"))
    np.testing.assert_allclose(
        weighted.values, np.array(found.values) * MASK, rtol=1e-6
    )
    rows = losses_of(model, X, Y, np.array([1.0, 0.0, 2.0], "float32"))
    np.testing.assert_allclose(
        rows.values, np.array(found.values) * [[1], [0], [2]], rtol=1e-6
    )


def test_a_loss_of_all_rows_together_is_refused():
    inputs = keras.Input((None, 4))
    x = rnnzoo.layers.Recurrent("gru", 4)(inputs)
    model = keras.Model(inputs, x)
    model.compile(loss=lambda y, outputs: keras.ops.mean(outputs - y))
    with pytest.raises(ValueError, match="losses of the shape"):
        losses_of(model, X, np.zeros((3, 4), "float32"))


def test_what_the_model_would_not_be_trained_on_is_refused():
    model = rnnzoo.build("many_to_one", input_dim=4, units=4)
    with pytest.raises(ValueError, match="shape"):
        losses_of(model, X[..., :3], Y[:, 0])
