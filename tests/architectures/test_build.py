"""`rnnzoo.build`: names, aliases, options, and what is wrong with them."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo import architectures
from tests.architectures import rows

ARCHITECTURES = sorted(rows.OPTIONS)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_builds_by_its_name_alone(name):
    model = rnnzoo.build(name)
    assert type(model) is architectures.ARCHITECTURES[name]
    assert isinstance(model, keras.Model)
    outputs = model(DEFAULT_FEED[name])
    assert outputs.shape == DEFAULT_SHAPE[name]
    assert outputs.dtype == "float32"


DEFAULT_FEED = {
    "many_to_one": np.array([[5, 255, 0]]),
    "one_to_many": {"source": np.ones((1, 64)), "target": np.array([[5, 2]])},
    "one_to_one": np.ones((1, 64)),
    "seq2seq": {"source": np.array([[255]]), "target": np.array([[5, 2]])},
    "synced": np.array([[5, 255, 0]]),
}
DEFAULT_SHAPE = {
    "many_to_one": (1, 2),
    "one_to_many": (1, 2, 256),
    "one_to_one": (1, 10),
    "seq2seq": (1, 2, 256),
    "synced": (1, 3, 2),
}


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "name"), rows.names_with(ARCHITECTURES))
def test_builds_by_the_names_of_both(name, cell):
    model = rnnzoo.build(name, cell=cell)
    assert model(DEFAULT_FEED[name]).shape == DEFAULT_SHAPE[name]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("captioning", "one_to_many"),
        ("encoder_decoder", "seq2seq"),
        ("many_to_many", "synced"),
        ("seq2vec", "many_to_one"),
        ("Many-to-One", "many_to_one"),
        ("ONE TO ONE", "one_to_one"),
    ],
)
def test_other_names(alias, name):
    model = rnnzoo.build(alias, units=2)
    assert type(model) is architectures.ARCHITECTURES[name]


def test_an_instance_is_a_template():
    """Cloned for each layer and direction, and left as it was."""
    cell = rnnzoo.cells.LSTM(3, unit_forget_bias=False)
    model = rnnzoo.build("seq2seq", cell=cell, num_layers=2)
    stacks = (model.encoder.stack, model.decoder.stack)
    used = [
        layer.cell
        for stack in stacks
        for block in stack.blocks
        for layer in block.directions()
    ]
    assert not cell.built
    assert len({id(each) for each in used}) == len(used) == 6
    assert {each.units for each in used} == {3}
    assert {each.unit_forget_bias for each in used} == {False}


def test_one_side_may_be_a_stack_of_its_own(tmp_path):
    model = rnnzoo.build(
        "seq2seq",
        encoder=rnnzoo.layers.Stack("lstm", 4, num_layers=3),
        decoder=rnnzoo.layers.Stack("min_gru", 5),
        source_vocabulary=11,
        target_vocabulary=9,
    )
    assert len(model.encoder.stack.blocks) == 3
    assert model.decoder.stack.output_size == 5
    x = {"source": rows.SOURCE, "target": rows.TARGET}
    assert model(x).shape == (3, 6, 9)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))


def test_numbers_of_numpy_are_numbers():
    """`ids.max() + 1` is how many count their ids."""
    nine = np.int64(9)
    model = rnnzoo.build("synced", vocabulary=nine, units=np.int32(4))
    assert model(np.array([[8, 4]])).shape == (1, 2, 2)
    assert model.get_config()["vocabulary"] == 9


def test_input_shape_may_be_a_number():
    model = rnnzoo.build("one_to_one", input_shape=5, units=4)
    assert model(np.ones((2, 5))).shape == (2, 10)


# === What is wrong ===


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("seq2sq",), "Unknown architecture: 'seq2sq'. Did you mean 'seq2seq'"),
        (("captionning",), "Did you mean 'captioning'"),
        (
            ("transformer",),
            "Unknown architecture.*Expected one of: 'many_to_one'",
        ),
        ((None,), "Unknown architecture: None.*Expected one of"),
        ((3,), "Unknown architecture: 3.*Expected one of"),
    ],
)
def test_unknown_architecture(arguments, message):
    with pytest.raises(ValueError, match=message):
        rnnzoo.build(*arguments)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("grru", "Unknown cell: 'grru'. Did you mean 'gru'"),
        ("LTSM", "Unknown cell: .*Did you mean 'lstm'"),
        ("min-gur", "Did you mean 'min_gru'"),
        (
            "transformer",
            "Unknown cell: 'transformer'.*Expected one of: 'antisym",
        ),
        (rnnzoo.cells.GRU, "Write GRU.units. instead"),
        (keras.layers.Dense(3), "A cell must be a name of .*list_cells"),
        (7, "A cell must be a name of .*Received: cell=7"),
    ],
)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_unknown_cell(architecture, cell, message):
    with pytest.raises(ValueError, match=message):
        rnnzoo.build(architecture, cell=cell)


@pytest.mark.parametrize(
    ("architecture", "option", "meant"),
    [
        ("seq2seq", "unit", "units"),
        ("seq2seq", "atention", "attention"),
        ("seq2seq", "source_vocab", "source_vocabulary"),
        ("many_to_one", "num_output", "num_outputs"),
        ("many_to_one", "poolling", "pooling"),
        ("one_to_one", "input_dim", "input_shape"),
        ("one_to_many", "conditioning", "condition"),
        ("synced", "bidirectionnal", "bidirectional"),
    ],
)
def test_unknown_option(architecture, option, meant):
    message = (
        f"Unknown option of {architecture}: '{option}'. "
        f"Did you mean '{meant}'\\? Expected one of: .*'{meant}'"
    )
    with pytest.raises(ValueError, match=message):
        rnnzoo.build(architecture, **{option: 3})


@pytest.mark.parametrize(
    ("architecture", "options", "message"),
    [
        (
            "seq2seq",
            {"units": 0},
            "`units` must be a positive integer.*units=0",
        ),
        ("seq2seq", {"units": 2.5}, "`units` must be a positive integer"),
        ("seq2seq", {"num_layers": 0}, "`num_layers` must be a positive"),
        ("seq2seq", {"dropout": 1.0}, r"`dropout` .* must lie in \[0, 1\)"),
        ("seq2seq", {"dropout": -0.1}, "`dropout` .*Received: dropout=-0.1"),
        ("seq2seq", {"recurrent_dropout": 2}, "`recurrent_dropout` .*must lie"),
        ("seq2seq", {"attention": "luong"}, "Unknown attention: 'luong'"),
        ("seq2seq", {"attention": "aditive"}, "Did you mean 'additive'"),
        ("seq2seq", {"source_vocabulary": 0}, "must be a positive integer"),
        ("seq2seq", {"max_length": 0}, "`max_length` must be a positive"),
        ("one_to_many", {"condition": "state"}, "Unknown condition: 'state'"),
        ("one_to_many", {"max_length": -1}, "`max_length` must be a positive"),
        ("many_to_one", {"pooling": "avg"}, "Unknown pooling: 'avg'"),
        ("many_to_one", {"head": "softmaxx"}, "Did you mean 'softmax'"),
        ("many_to_one", {"num_outputs": 0}, "`num_outputs` must be a positive"),
        ("many_to_one", {"vocabulary": -4}, "Received: vocabulary=-4"),
        ("many_to_one", {"input_dim": -4}, "`input_dim` must be a positive"),
        ("synced", {"head": "crf_"}, "Unknown head: 'crf_'"),
        ("one_to_one", {"num_outputs": "ten"}, "`num_outputs` must be a pos"),
        ("one_to_one", {"input_shape": "64"}, "`input_shape` must"),
        ("one_to_one", {"input_shape": (0,)}, "`input_shape` must"),
        ("one_to_many", {"vocabulary": 2}, "room for pad, begin and end"),
        ("seq2seq", {"target_vocabulary": 2}, "room for pad, begin and end"),
        ("seq2seq", {"source_vocabulary": None}, "must be a positive integer"),
        ("seq2seq", {"source_vocabulary": 9.0}, "must be a positive integer"),
        ("seq2seq", {"source_vocabulary": "ab"}, "takes a number of ids, or"),
        ("seq2seq", {"source_vocabulary": ["a"]}, "takes a number of ids, or"),
        ("seq2seq", {"encoder": "lstm"}, "`encoder` takes a .*Stack"),
        ("seq2seq", {"decoder": rnnzoo.cells.GRU(3)}, "`decoder` takes a "),
        ("synced", {"encoder": rnnzoo.layers.Recurrent("gru", 3)}, "takes a "),
        ("synced", {"pooling": "mean"}, "Unknown option of synced: 'pooling'"),
        ("synced", {"dtype": "float31"}, "Cannot convert 'float31'"),
    ],
)
def test_option_out_of_range(architecture, options, message):
    with pytest.raises(ValueError, match=message):
        rnnzoo.build(architecture, **options)


def test_instance_beside_contradicting_options():
    cell = rnnzoo.cells.GRU(8)
    with pytest.raises(ValueError, match="units=9 and a GRU of 8 units"):
        rnnzoo.build("synced", cell=cell, units=9)
    with pytest.raises(ValueError, match="Set it on the instance"):
        rnnzoo.build("synced", cell=cell, recurrent_dropout=0.5)


def test_one_stack_for_both_sides():
    stack = rnnzoo.layers.Stack("gru", 4)
    with pytest.raises(
        ValueError, match="`encoder` and `decoder` are the same"
    ):
        rnnzoo.build("seq2seq", encoder=stack, decoder=stack)


@pytest.mark.parametrize("architecture", ["seq2seq", "one_to_many"])
def test_a_decoder_does_not_read_backwards(architecture):
    stack = rnnzoo.layers.Stack("gru", 4, bidirectional=True)
    with pytest.raises(ValueError, match="writes from left to right"):
        rnnzoo.build(architecture, decoder=stack)
