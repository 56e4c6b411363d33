"""What there is in a model, before it is drawn."""

import keras
import pytest

import rnnzoo
from rnnzoo.diagnostics.drawing.describe import describe
from tests.diagnostics.drawing.models import MODELS, model, sequential


@pytest.mark.parametrize("name", MODELS)
def test_every_weight_is_in_one_part(name):
    found = describe(model(name))
    assert found.topology == MODELS[name][0]
    assert sum(part.weights for part in found.parts) == found.weights
    trainable = model(name).trainable_weights
    assert found.weights == sum(keras.ops.size(w) for w in trainable)


@pytest.mark.parametrize(
    "name, layers, recurrences",
    [
        ("one_to_one", 1, 1),
        ("both_ways", 2, 4),
        ("words", 1, 2),
        ("xlstm", 2, 2),
        ("captions", 1, 1),
        ("plain_seq2seq", 2, 2),
        ("seq2seq", 4, 6),
        ("segments", 2, 2),
    ],
)
def test_recurrences_are_counted(name, layers, recurrences):
    found = describe(model(name))
    assert (found.layers, found.recurrences) == (layers, recurrences)


def told(parts):
    return [(part.kind, part.label, part.detail) for part in parts]


def test_parts_are_told_from_the_lowest_on():
    found = describe(model("seq2seq"))
    lstm = ("recurrent", "GRU", "8 units")
    assert told(found.reader.parts) == [
        ("embedding", "embedding", "256 × 8"),
        ("recurrent", "GRU", "8 units each"),
        ("recurrent", "GRU", "8 units each"),
    ]
    assert told(found.writer.parts) == [
        ("embedding", "embedding", "256 × 8"),
        lstm,
        lstm,
        ("attention", "attention", "multiplicative"),
        ("head", "softmax", "256 tokens"),
    ]
    assert told([found.bridge]) == [("bridge", "bridge", "to the first states")]
    assert all(part.skip for part in found.reader.recurrent)


def test_a_cell_that_cannot_be_set_reads_the_input_first():
    # None of its states means anything from outside.
    found = describe(
        rnnzoo.build("seq2seq", cell="rwkv4", units=8, attention=None)
    )
    assert found.condition == "first_input"
    assert found.bridge.label == "projection"


def test_cells_have_names():
    cell = rnnzoo.cells.Zoneout(rnnzoo.cells.LSTM(4), 0.1)
    for given, name, state in (
        (cell, "Zoneout(LSTM)", "h, c"),
        (keras.layers.GRUCell(4), "GRU", "h"),
        ("min_gru", "MinGRU", "h"),
    ):
        (part,) = describe(
            rnnzoo.build("many_to_one", cell=given, input_dim=2)
        ).reader.parts
        assert (part.label, part.state) == (name, state)


def test_a_plain_keras_model_is_a_stack():
    found = describe(sequential())
    assert found.topology == "many_to_one"
    assert told(found.parts) == [
        ("embedding", "embedding", "50 × 8"),
        ("recurrent", "LSTM", "4 units each"),
        ("recurrent", "GRU", "6 units"),
        ("head", "softmax", "3 units"),
    ]
    assert found.weights == sequential().count_params()
    assert found.pooling is None


def functional(*layers, shape=(5, 3)):
    x = inputs = keras.Input(shape)
    for layer in layers:
        x = layer(x)
    return keras.Model(inputs, x)


def test_a_plain_keras_model_may_answer_at_every_step():
    found = describe(
        functional(
            rnnzoo.layers.Stack("gru", units=4, num_layers=2),
            keras.layers.TimeDistributed(keras.layers.Dense(3)),
        )
    )
    assert found.topology == "synced" and found.reader.length == 5
    assert [part.label for part in found.parts] == ["GRU", "GRU", "dense"]


@pytest.mark.parametrize(
    "pooling, label",
    [
        (keras.layers.GlobalMaxPooling1D, "max over time"),
        (keras.layers.Flatten, "all steps"),
        (rnnzoo.layers.SequencePooling, None),
    ],
)
def test_a_plain_keras_model_may_pool(pooling, label):
    lstm = keras.layers.LSTM(4, return_sequences=True)
    found = describe(functional(lstm, pooling(), keras.layers.Dense(1)))
    assert found.topology == "many_to_one"
    assert getattr(found.pooling, "label", None) == label


def test_the_last_step_of_two_directions_is_two_steps():
    both = keras.layers.Bidirectional(keras.layers.GRU(4))
    found = describe(functional(both, keras.layers.Dense(1)))
    assert found.pooling.label == "last of each direction"


def test_models_that_are_no_stack_are_refused():
    dense = functional(keras.layers.Dense(3))
    with pytest.raises(ValueError, match="no recurrent layer to draw"):
        describe(dense)
    inputs = keras.Input((5, 3))
    gru = keras.layers.GRU(4)(inputs)
    both = keras.layers.Concatenate()([gru, keras.layers.GRU(4)(inputs)])
    with pytest.raises(ValueError, match="branches at the layer"):
        describe(keras.Model(inputs, both))
    with pytest.raises(ValueError, match="is not built yet"):
        describe(keras.Sequential([keras.layers.GRU(4)]))
    again = functional(
        keras.layers.GRU(4),
        keras.layers.RepeatVector(3),
        keras.layers.GRU(4),
    )
    with pytest.raises(ValueError, match="reads a sequence again"):
        describe(again)
