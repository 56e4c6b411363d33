"""States that a batch hands on, on any backend."""

import keras
import numpy as np
import pytest

import rnnzoo

BOTH = np.array([True, True])
FIRST = {"inputs": np.array([[4, 5], [6, 7]]), "begins": BOTH}
SECOND = {"inputs": np.array([[8, 9], [5, 4]]), "begins": ~BOTH}


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    model = rnnzoo.build(
        "synced", vocabulary=10, num_outputs=10, units=4, carried_rows=2
    )
    # Sure of its labels, so that they differ.
    model.head.kernel.assign(3 * model.head.kernel)
    model.compile("sgd")
    return model


def whole():
    return np.concatenate([FIRST["inputs"], SECOND["inputs"]], axis=1)


def test_of_every_way_to_run_a_model(model):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, (2, 4))
    expected = model.evaluate(whole(), y, verbose=0, return_dict=True)["loss"]
    losses = [
        model.evaluate(x, part, verbose=0, return_dict=True)["loss"]
        for x, part in ((FIRST, y[:, :2]), (SECOND, y[:, 2:]))
    ]
    np.testing.assert_allclose(np.mean(losses), expected, rtol=1e-5)
    logits = model.predict(whole(), verbose=0)
    found = [model.predict(x, verbose=0) for x in (FIRST, SECOND)]
    np.testing.assert_allclose(np.concatenate(found, 1), logits, atol=1e-5)
    labels = [model.labels(x) for x in (FIRST, SECOND)]
    expected = model.labels(whole())
    np.testing.assert_array_equal(np.concatenate(labels, 1), expected)
    model.labels(FIRST)
    again = model.labels({**SECOND, "begins": BOTH})
    assert np.any(again != labels[1])
    model.fit(FIRST, y[:, :2], shuffle=False, verbose=0)
    (states,) = model.encoder.carried.of_phase(training=True)
    assert np.any(keras.ops.convert_to_numpy(states))


def test_batches_are_of_the_carried_rows(model):
    """Whatever the usual batch size of Keras."""
    x = {
        "inputs": np.concatenate([FIRST["inputs"], SECOND["inputs"]]),
        "begins": np.concatenate([BOTH, ~BOTH]),
    }
    found = model.predict(x, verbose=0)
    apart = [model.predict(part, verbose=0) for part in (FIRST, SECOND)]
    np.testing.assert_allclose(found, np.concatenate(apart), atol=1e-6)
    y = np.zeros((4, 2), int)
    model.fit(x, y, 2, 1, 0, shuffle=False)
    assert model.optimizer.iterations == 2
    for call in (
        lambda: model.fit(x, y, batch_size=3, shuffle=False, verbose=0),
        lambda: model.evaluate(x, y, 4, verbose=0),
        lambda: model.predict(x, batch_size=1),
        lambda: model.labels(x),
    ):
        with pytest.raises(ValueError, match="of 2 rows are carried from b"):
            call()
