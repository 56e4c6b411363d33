"""Step by step, a model says what it says of the whole sequence at once."""

import numpy as np
import pytest
from keras import ops

from rnnzoo.layers.token_decoder import CONDITIONS
from rnnzoo.text import BEGIN
from tests.architectures import rows
from tests.cells import tools

# Compiled steps have tests of their own.
pytestmark = pytest.mark.usefixtures("eagerly")

# Float32, through two layers of which each divides by a norm.
BOUND = {"rtol": 0, "atol": 5e-5}


# === Readers ===


@pytest.mark.parametrize("cell", rows.EVERY_CELL)
def test_synced_reads_tokens(cell):
    model = rows.build("synced", cell)
    x = np.array([[4, 5, 6, 7], [8, 9, 10, 4]])
    whole, states = model(x), None
    for t in range(4):
        outputs, states = model.step(x[:, t], states)
        np.testing.assert_allclose(outputs, whole[:, t], **BOUND)
        assert [s.shape for s in states] == [
            s.shape for s in model.initial_states(2)
        ]


@pytest.mark.parametrize("cell", rows.EVERY_CELL)
def test_synced_reads_values(cell):
    model = rows.build("synced", cell, input_dim=3, head="regression")
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    whole, states = model.predict(x, verbose=0), model.initial_states(2)
    for t in range(4):
        outputs, states = model.step(x[:, t], states)
        np.testing.assert_allclose(outputs, whole[:, t], **BOUND)


def test_synced_goes_on_from_a_prefix():
    """Two halves, the states carried over, are the whole."""
    model = rows.build("synced", "min_gru")
    x = np.array([[4, 5, 6, 7, 8, 9]])
    states = None
    for t in range(3):
        _, states = model.step(x[:, t], states)
    kept = [np.array(s) for s in states]
    again = [model.step(x[:, 3], given)[0] for given in (states, kept)]
    np.testing.assert_array_equal(again[0], again[1])
    np.testing.assert_allclose(again[0], model(x)[:, 3], **BOUND)


@pytest.mark.parametrize("cell", rows.EVERY_CELL)
def test_one_to_one_takes_one_step(cell):
    model = rows.build("one_to_one", cell)
    x = rows.feed("one_to_one")[0]
    outputs, states = model.step(x)
    np.testing.assert_allclose(outputs, model(x), **BOUND)
    # The next step is that of a sequence of two.
    later, _ = model.step(2 * x, states)
    pair = np.stack([x, 2 * x], axis=1).reshape(3, 2, 4)
    features, *_ = model.stack(pair)
    np.testing.assert_allclose(later, model.head(features)[:, 1], **BOUND)
    if cell != "mlstm":
        # Whose read-out may be the same from any state, at the start.
        assert np.abs(later - model(2 * x)).max() > 1e-4


# === Writers ===


def written_step_by_step(model, source, target):
    """Logits `(batch, timesteps, vocabulary)`, one token at a time."""
    states, constants = model.decoder.begin(model.encode(source))
    last, logits = ops.full((len(target),), BEGIN, "int32"), []
    for t in range(target.shape[1]):
        step, states = model.decoder.step(last, states, constants)
        logits.append(step)
        last = ops.convert_to_tensor(target[:, t], "int32")
    return np.stack(logits, axis=1)


@pytest.mark.parametrize(("cell", "attention"), rows.EVERY_ATTENTION)
def test_seq2seq_writes(cell, attention):
    model = rows.build("seq2seq", cell, attention=attention)
    logits = written_step_by_step(model, rows.SOURCE, rows.TARGET)
    whole = model({"source": rows.SOURCE, "target": rows.TARGET})
    np.testing.assert_allclose(logits, whole, **BOUND)


@pytest.mark.parametrize(("cell", "condition"), rows.cells_with(CONDITIONS))
def test_one_to_many_writes(cell, condition):
    model = rows.build("one_to_many", cell, condition=condition)
    x = rows.feed("one_to_many")[0]
    logits = written_step_by_step(model, x["source"], x["target"])
    whole = model(x)
    np.testing.assert_allclose(logits, whole, **BOUND)
    # The input matters from the first token to the last.
    tools.randomise(model)
    one, other = (
        model({**x, "source": sign * 9 * x["source"]}) for sign in (1, -1)
    )
    difference = one - other
    assert (np.abs(difference).max(axis=(0, 2)) > 1e-5).all()


# === What is wrong ===


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.array([[4, 5]]), r"integer token ids .*\(1, 2, 1\)"),
        (np.array([1.5, 2.0]), "integer token ids .*float64"),
        (np.array([4, 11]), "token id 11 .* vocabulary of 11 ids"),
        (np.array([-1, 4]), "token id -1"),
    ],
)
def test_a_step_checks_its_ids(inputs, message):
    with pytest.raises(ValueError, match=message):
        rows.build("synced").step(inputs)


def test_a_step_checks_its_values():
    with pytest.raises(ValueError, match=r"shape \(batch, 3\).*\(2, 4\)"):
        rows.build("synced", input_dim=3).step(np.ones((2, 4)))
    with pytest.raises(ValueError, match=r"shape \(batch, 2, 2\).*\(2, 2\)"):
        rows.build("one_to_one").step(np.ones((2, 2)))


def test_a_step_checks_its_states():
    model = rows.build("synced")
    wrong = (model.initial_states(3), [], model.initial_states(2)[:1])
    for states in wrong:
        with pytest.raises(ValueError, match="states"):
            model.step(np.array([4, 5]), states)


@pytest.mark.parametrize("cell", rows.KINDS)
def test_two_directions_have_no_step(cell):
    model = rows.build("synced", cell, bidirectional=True)
    message = "reads its whole input before the first output, so it has no"
    with pytest.raises(ValueError, match=message):
        model.step(np.array([4, 5]))
