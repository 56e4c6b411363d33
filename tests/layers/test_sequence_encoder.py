import keras
import numpy as np
import pytest

from rnnzoo.layers import SequenceEncoder, SequencePooling, Stack
from rnnzoo.layers.pooling import POOLINGS

IDS = np.array([[5, 6, 7, 8], [9, 4, 0, 0]])
VALUES = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
MASK = np.array([[1, 0, 1, 1], [0, 1, 1, 0]], bool)


def made(vocabulary_size=10, pooling="last", **options):
    stack = Stack("gru", 4, num_layers=2, **options)
    return SequenceEncoder(stack, vocabulary_size, pooling)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_of_tokens(bidirectional, pooling):
    encoder = made(pooling=pooling, bidirectional=bidirectional)
    encoded = encoder(IDS)
    width = 8 if bidirectional else 4
    np.testing.assert_array_equal(encoded["mask"], IDS != 0)
    assert encoded["memory"].shape == (2, 4, width)
    assert encoded["summary"].shape == (2, width)
    memory, *_ = encoder.stack(encoder.embedding(IDS), mask=IDS != 0)
    np.testing.assert_array_equal(encoded["memory"], memory)
    summary = encoder.pool(memory, mask=IDS != 0)
    np.testing.assert_array_equal(encoded["summary"], summary)
    assert isinstance(encoder.pool, SequencePooling)
    assert encoder.pool.bidirectional is bidirectional


def test_of_values_under_a_mask():
    encoder = made(None)
    encoded = encoder(VALUES, valid=MASK)
    np.testing.assert_array_equal(encoded["mask"], MASK)
    for row, valid in enumerate(MASK):
        alone = encoder(VALUES[row : row + 1, valid])
        np.testing.assert_allclose(
            encoded["memory"][row][valid], alone["memory"][0], atol=1e-6
        )
        np.testing.assert_allclose(
            encoded["summary"][row], alone["summary"][0], atol=1e-6
        )


def test_of_values_without_a_mask():
    encoded = made(None)(VALUES)
    np.testing.assert_array_equal(encoded["mask"], np.ones((2, 4), bool))


def test_takes_one_step():
    encoder = made()
    ids = IDS[:, :2]
    memory = encoder(ids)["memory"]
    states = encoder.stack.get_initial_state(2)
    for t in range(2):
        output, states = encoder.step(ids[:, t], states)
        np.testing.assert_allclose(output, memory[:, t], atol=1e-6)


def test_drops_in_training_only():
    stack = Stack("gru", 4)
    encoder = SequenceEncoder(stack, 10, dropout=0.5)
    first, second = (encoder(IDS)["memory"] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    dropped = encoder(IDS, training=True)["memory"]
    assert np.abs(dropped - first).max() > 1e-3


def test_tells_its_shapes():
    inputs = keras.Input((None,), dtype="int32")
    encoded = made(bidirectional=True)(inputs)
    assert encoded["memory"].shape == (None, None, 8)
    assert encoded["mask"].dtype == "bool"
    assert encoded["summary"].shape == (None, 8)


@pytest.mark.parametrize("vocabulary_size", [10, None])
def test_comes_back_from_its_config(vocabulary_size):
    encoder = made(vocabulary_size, "attention", bidirectional=True)
    inputs = VALUES if vocabulary_size is None else IDS
    expected = encoder(inputs)
    config = keras.saving.serialize_keras_object(encoder)
    again = keras.saving.deserialize_keras_object(config)
    again(inputs)
    again.set_weights(encoder.get_weights())
    for name, value in again(inputs).items():
        np.testing.assert_array_equal(value, expected[name])


def test_unknown_pooling():
    with pytest.raises(ValueError, match="Unknown pooling: 'first'"):
        made(pooling="first")
