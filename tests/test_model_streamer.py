"""Steps of a model: compiled, over prefixes of any length, with pooling."""

import keras
import numpy as np
import pytest
from keras import ops

import rnnzoo
from rnnzoo.layers.pooling import POOLINGS
from tests.architectures import rows
from tests.cells import tools

BOUND = {"rtol": 0, "atol": 2e-5}
BATCH, TIMESTEPS, FEATURES = 3, 7, 3


def many_to_one(cell="gru", **options):
    model = rnnzoo.build(
        "many_to_one",
        input_dim=FEATURES,
        num_outputs=2,
        head="regression",
        cell=cell,
        units=8,
        **options,
    )
    tools.randomise(model)
    return model


def values(seed=0):
    rng = np.random.default_rng(seed)
    shape = (BATCH, TIMESTEPS, FEATURES)
    return rng.normal(size=shape).astype("float32")


def of_prefixes(model, x):
    """What the model says of each prefix as a whole: (timesteps, batch, n)."""
    prefixes = np.tril(np.ones((TIMESTEPS, TIMESTEPS), "bool"))
    outputs = model(
        {
            "inputs": np.tile(x, (TIMESTEPS, 1, 1)),
            "mask": np.repeat(prefixes, BATCH, axis=0),
        }
    )
    return np.reshape(outputs, (TIMESTEPS, BATCH, -1))


# One pooling for each kind, and all for one.
PAIRS = [
    *(("gru", pooling) for pooling in POOLINGS),
    ("min_gru", "last"),
    ("mlstm", "attention"),
]


@pytest.mark.parametrize(("cell", "pooling"), PAIRS)
def test_every_prefix_has_the_output_of_a_whole_sequence(cell, pooling):
    model = many_to_one(cell, pooling=pooling, num_layers=2)
    x, states = values(), None
    for t, expected in enumerate(of_prefixes(model, x)):
        outputs, states = model.step(x[:, t], states)
        np.testing.assert_allclose(outputs, expected, **BOUND)
    sizes = [(BATCH, n) for n, _ in model.state_types]
    assert [tuple(s.shape) for s in states] == sizes


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_steps_over_random_prefixes(pooling):
    """Of many sequences, whose scores of attention are far apart."""
    rng = np.random.default_rng(5)
    layer = rnnzoo.layers.SequencePooling(pooling)
    x = rng.normal(0, 20, (40, 9, 5)).astype("float32")
    layer.build(x.shape)
    states = layer.get_initial_state(40, 5)
    for t in range(9):
        summary, states = layer.step(x[:, t], states)
        np.testing.assert_allclose(
            summary, layer(x[:, : t + 1]), rtol=1e-4, atol=1e-4
        )


def test_a_step_is_compiled_once_for_all_batch_sizes(monkeypatch):
    model = rows.build("synced", "gru", num_layers=1)
    calls = []
    advance = model.advance

    def counted(inputs, states):
        calls.append(inputs)
        return advance(inputs, states)

    monkeypatch.setattr(type(model), "advance", lambda self, *a: counted(*a))
    ids = np.array([4, 5, 6])
    for x in (ids, ids[:1], ids[:2]):
        outputs, states = model.step(x)
        outputs, _ = model.step(x, states)
        first = advance(ops.convert_to_tensor(x), model.initial_states(len(x)))
        expected, _ = advance(ops.convert_to_tensor(x), first[1])
        np.testing.assert_allclose(outputs, expected, **BOUND)
    # JAX compiles for every shape.
    once = 1 if keras.backend.backend() == "tensorflow" else 3
    assert len(calls) == once


def test_a_compiled_step_sees_new_weights():
    model = many_to_one()
    x = values()[:, 0]
    before, _ = model.step(x)
    tools.randomise(model, seed=9)
    after, _ = model.step(x)
    np.testing.assert_allclose(after, model(x[:, None]), **BOUND)
    assert np.abs(np.subtract(after, before)).max() > 0.01


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s[:-1], r"sizes \[8, 8, 1\].*\(3, 8\)"),
        (lambda s: [*s, s[0]], r"sizes \[8, 8, 1\]"),
        (lambda s: [s[0], s[2], s[1]], r"\(3, 1\), \(3, 8\)"),
        (lambda s: [x[:2] for x in s], "for 3 rows.*2, 8"),
    ],
)
def test_states_that_no_step_returned(change, message):
    model = many_to_one(pooling="mean")
    x = values()[:, 0]
    states = change(model.initial_states(BATCH))
    with pytest.raises(ValueError, match=message):
        model.step(x, states)


def test_many_to_one_of_two_directions_has_no_step():
    model = many_to_one(bidirectional=True)
    with pytest.raises(ValueError, match="reads its whole input before"):
        model.step(values()[:, 0])


def test_a_step_takes_what_the_model_takes():
    model = rows.build("synced", "gru", num_layers=1)
    ids = np.array([4, 5])
    expected, states = model.step(ids)
    found, _ = model.step({"inputs": ids})
    np.testing.assert_array_equal(found, expected)
    lists = [np.asarray(state).tolist() for state in states]
    for given in (states, lists):
        found, _ = model.step(ids, given)
        np.testing.assert_allclose(found, model.step(ids, states)[0], **BOUND)
    with pytest.raises(ValueError, match="must hold integer token ids"):
        model.step(5)
