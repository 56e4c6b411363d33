"""Weights from and to `keras.layers`, held to what these layers compute."""

import keras
import numpy as np
import pytest

from rnnzoo import cells, layers
from rnnzoo.convert import from_keras, to_keras

X = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
MASK = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], "bool")
KINDS = {
    "gru": (keras.layers.GRU, {}),
    "gru_before": (keras.layers.GRU, {"reset_after": False}),
    "lstm": (keras.layers.LSTM, {}),
    "relu": (keras.layers.SimpleRNN, {"activation": "relu"}),
    "tanh": (keras.layers.SimpleRNN, {}),
}
# Layers, bidirectional, biases, mask.
FORMS = [
    (2, True, True, MASK),
    *(
        pytest.param(form, marks=pytest.mark.slow)
        for form in ((1, False, True, None), (2, False, False, None))
    ),
]


def random_weights(network, seed=0):
    rng = np.random.default_rng(seed)
    for weight in network.trainable_weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))


def network(kind, num_layers, bidirectional, bias):
    """Layers of Keras that return sequences, called once."""
    layer, options = KINDS[kind]
    found = []
    for _ in range(num_layers):
        one = layer(
            4,
            return_sequences=True,
            use_bias=bias,
            zero_output_for_mask=True,
            **options,
        )
        found.append(keras.layers.Bidirectional(one) if bidirectional else one)
    random_weights(keras.Sequential([keras.Input((None, 3)), *found]))
    return found


def outputs(network, mask=None):
    x = X
    for layer in network:
        x = layer(x, mask=mask)
    return x


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_both_ways(kind, form):
    *options, mask = form
    theirs = network(kind, *options)
    stack = from_keras(theirs)
    back = to_keras(stack)
    expected = outputs(theirs, mask)
    close(stack(X, mask=mask), expected)
    close(outputs(back, mask), expected)
    for one, other in zip(theirs, back, strict=True):
        assert type(one) is type(other)
        if options[-1]:
            for a, b in zip(one.weights, other.weights, strict=False):
                np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("go_backwards", [False, True])
def test_a_recurrent_layer_keeps_its_flags(go_backwards):
    flags = {"return_state": True, "go_backwards": go_backwards}
    layer = layers.Recurrent("lstm", units=4, **flags)
    layer.build(X.shape)
    random_weights(layer)
    theirs = to_keras(layer)
    again = from_keras(theirs, layers.Recurrent("lstm", units=4, **flags))
    for ours in (layer, again):
        for a, b in zip(ours(X), theirs(X), strict=True):
            close(a, b)


def test_a_block_becomes_one_layer():
    block = layers.Block("gru", units=4, bidirectional=True, return_state=True)
    y, *states = block(X)
    theirs = to_keras(block)
    z, *others = theirs(X)
    for a, b in zip([y, *states], [z, *others], strict=True):
        close(a, b)


def test_layers_around_a_keras_cell_are_read():
    theirs = keras.layers.RNN(keras.layers.GRUCell(4), return_sequences=True)
    close(theirs(X), from_keras(theirs)(X))


# === What is wrong ===


def built(layer):
    layer(X)
    return layer


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        (lambda: keras.layers.LSTM(4), "has no weights yet"),
        (lambda: built(keras.layers.Dense(4)), "Only keras.layers.LSTM.*Dense"),
        (lambda: layers.Recurrent("lstm", units=4), "Only keras.layers.LSTM"),
        (
            lambda: built(keras.layers.LSTM(4, activation="relu")),
            "LSTM has activation='tanh'.*'relu'",
        ),
        (
            lambda: built(
                keras.layers.GRU(4, recurrent_activation="hard_sigmoid")
            ),
            "recurrent_activation='sigmoid'.*'hard_sigmoid'",
        ),
        (
            lambda: built(
                keras.layers.Bidirectional(
                    keras.layers.LSTM(4), merge_mode="sum"
                )
            ),
            "merge_mode='concat'.*'sum'",
        ),
        (
            lambda: [built(keras.layers.LSTM(n)) for n in (4, 5)],
            "same cell, units.*units=4.*units=5",
        ),
        (
            lambda: [built(keras.layers.LSTM(4)), built(keras.layers.GRU(4))],
            "same cell.*LSTM.*GRU",
        ),
        (
            lambda: built(keras.layers.LSTM(4, go_backwards=True)),
            r"reads backwards.*go_backwards=\[True\]",
        ),
        (
            lambda: [
                built(keras.layers.LSTM(3)),
                built(keras.layers.LSTM(3, go_backwards=True)),
            ],
            r"reads backwards.*go_backwards=\[False, True\]",
        ),
        (list, "no layers"),
    ],
)
def test_layers_that_cannot_be_read(theirs, message):
    with pytest.raises(ValueError, match=message):
        from_keras(theirs())


def test_a_cell_that_keras_has_not():
    cell = cells.ProjectedLSTM(4, peepholes=False)
    layer = layers.Recurrent(cell)
    layer.build(X.shape)
    with pytest.raises(ValueError, match="keras.layers has no ProjectedLSTM"):
        to_keras(layer)


def test_layers_for_other_inputs_do_not_stack():
    """Each was built for three features; the second should read four."""
    with pytest.raises(ValueError, match=r"of layer 1 .*\(4, 16\).*\(3, 16\)"):
        from_keras([built(keras.layers.LSTM(4)) for _ in range(2)])
