"""Truncated back-propagation through time, from batch to batch."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import rnnzoo
from rnnzoo.model_replicas import check_replicas
from rnnzoo.pipelines.continuous import ContinuousText
from tests.architectures import rows
from tests.cells import tools

# Float32, through two layers of which each divides by a norm.
BOUND = {"rtol": 0, "atol": 1e-5}
BOTH = np.array([True, True])


def build(cell="gru", carried_rows=2, **options):
    options = {"num_outputs": 11, "dropout": 0.0, **options}
    if isinstance(cell, str):
        options.setdefault("recurrent_dropout", 0.0)
    model = rows.build("synced", cell, carried_rows=carried_rows, **options)
    tools.randomise(model.encoder.stack)
    return model


def learned(units=rows.UNITS):
    return rnnzoo.cells.LearnedInitialState(rnnzoo.cells.GRU(units))


def documents(seed, count=6, longest=12):
    rng = np.random.default_rng(seed)
    return [
        rng.integers(4, 11, rng.integers(1, longest + 1)).tolist()
        for _ in range(count)
    ]


def padded(given):
    """`(inputs, targets)`: all documents, each a row."""
    y = np.zeros((len(given), max(map(len, given))), int)
    for row, ids in enumerate(given):
        y[row, : len(ids)] = ids
    x = np.where(y > 0, np.roll(y, 1, axis=1), 0)
    x[:, 0] = 1
    return x, y


def losses(model, x, y):
    """`(batch, timesteps)`."""
    return ops.convert_to_numpy(
        keras.losses.sparse_categorical_crossentropy(
            y, model(x), from_logits=True
        )
    )


def weights(model):
    return {w.path: np.array(w) for w in model.trainable_variables}


# === Values ===


@pytest.mark.parametrize(
    "cell", [*rows.EVERY_CELL, pytest.param(learned(), id="learned")]
)
def test_pieces_have_the_losses_of_whole_documents(cell):
    """Each document alone, in one piece, is the reference."""
    model = build(cell, carried_rows=3)
    for seed, length in ((0, 3), (1, 5))[: 2 if cell == "gru" else 1]:
        given = documents(seed)
        text = ContinuousText(given, 3, length, shuffle_seed=seed)
        found = [[] for _ in range(3)]
        for x, y in text.dataset():
            values = losses(model, x, y)
            for row in range(3):
                if x["begins"][row]:
                    found[row].append(([], []))
                valid = y[row] != 0
                if tf.reduce_any(valid):
                    ids, own = found[row][-1]
                    ids += y[row][valid].numpy().tolist()
                    own += values[row][valid].tolist()
        read = [stretch for row in found for stretch in row]
        assert sorted(ids for ids, _ in read) == sorted(given)
        whole = losses(model, *padded([ids for ids, _ in read]))
        for row, (_, own) in enumerate(read):
            np.testing.assert_allclose(own, whole[row, : len(own)], **BOUND)


def test_states_matter():
    """Or the test above would show nothing."""
    model = build()
    x = {"inputs": np.array([[4, 5], [6, 7]]), "begins": BOTH}
    first = model(x)
    np.testing.assert_array_equal(model(x), first)
    later = model({**x, "begins": np.array([True, False])})
    np.testing.assert_array_equal(later[0], first[0])
    assert np.abs(later[1] - first[1]).max() > 1e-3
    # Without `begins`, rows stand for themselves, as many as there are.
    np.testing.assert_allclose(model(x["inputs"][:1]), first[:1], **BOUND)
    np.testing.assert_allclose(model({"inputs": x["inputs"]}), first, **BOUND)


def test_rows_of_padding_keep_their_states():
    model = build()
    x = {"inputs": np.array([[4, 5], [6, 7]]), "begins": BOTH}
    more = np.array([[8, 9], [10, 4]])
    model(x)
    expected = model({"inputs": more, "begins": ~BOTH})
    model(x)
    padding = np.array([[8, 9], [0, 0]])
    model({"inputs": padding, "begins": ~BOTH})
    found = model({"inputs": more, "begins": ~BOTH})
    np.testing.assert_array_equal(found[1], expected[1])
    assert np.abs(found[0] - expected[0]).max() > 1e-3


def test_values_under_a_mask():
    model = build("mlstm", input_dim=3, num_outputs=2, head="regression")
    values = np.random.default_rng(0).normal(size=(2, 6, 3)).astype("float32")
    mask = np.array([[1, 1, 0, 0, 1, 1], [1, 0, 1, 1, 1, 0]], bool)
    whole = model({"inputs": values, "mask": mask})
    for start in (0, 2, 4):
        steps = slice(start, start + 2)
        piece = {"inputs": values[:, steps], "mask": mask[:, steps]}
        found = model({**piece, "begins": np.full(2, start == 0)})
        own = mask[:, steps]
        np.testing.assert_allclose(found[own], whole[:, steps][own], **BOUND)


def test_states_keep_float32_in_mixed_precision():
    model = build("min_gru", dtype="mixed_bfloat16")
    model({"inputs": np.array([[4, 5], [6, 7]]), "begins": BOTH})
    states = model.encoder.carried.of_phase(training=False)
    assert len(states) == 2
    for state in states:
        assert state.dtype == "float32"
        rounded = ops.cast(ops.cast(state.value, "bfloat16"), "float32")
        assert np.abs(state - rounded).max() > 0


# === Gradients ===


@pytest.mark.parametrize("cell", rows.FAST)
def test_gradients_stop_at_the_start_of_a_piece(cell):
    """The reference goes step by step, from states that it knows as values."""
    model = build(cell)
    ids = np.random.default_rng(3).integers(4, 11, (2, 8))
    targets = np.random.default_rng(4).integers(4, 11, (2, 8))

    def stepwise(first, states):
        total = 0.0
        for t in range(first, first + 4):
            logits, states = model.step(ids[:, t], states)
            total += ops.sum(
                keras.losses.sparse_categorical_crossentropy(
                    targets[:, t], logits, from_logits=True
                )
            )
        return total / 8, states

    def gradients(function):
        with tf.GradientTape() as tape:
            loss = function()
        found = tape.gradient(loss, model.trainable_variables)
        return [ops.convert_to_numpy(tf.convert_to_tensor(g)) for g in found]

    def of_model(first):
        x = {
            "inputs": ops.convert_to_tensor(ids[:, first : first + 4]),
            "begins": ops.full((2,), first == 0),
        }
        y = targets[:, first : first + 4]
        return model.compute_loss(x, y, model(x, training=True))

    model.compile()
    of_model(0)
    found = gradients(lambda: of_model(4))
    _, states = stepwise(0, None)
    expected = gradients(lambda: stepwise(4, states)[0])
    through = gradients(lambda: stepwise(4, stepwise(0, None)[1])[0])
    for f, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(f, e, rtol=0, atol=2e-6)
    gaps = [np.abs(e - t).max() for e, t in zip(expected, through, strict=True)]
    assert max(gaps) > 1e-3


def test_a_learned_initial_state_learns_from_rows_that_begin():
    model = build(learned(), num_layers=1)
    (initial,) = [
        w for w in model.trainable_variables if w.name.startswith("initial")
    ]
    ids = ops.convert_to_tensor([[4, 5], [6, 7]])
    found = {}
    for begins in ((True, True), (True, False), (False, False)):
        x = {"inputs": ids, "begins": ops.convert_to_tensor(begins)}
        with tf.GradientTape() as tape:
            one, other = tf.reduce_sum(model(x, training=True) ** 2, (1, 2))
            loss = one + 3 * other
        gradient = tape.gradient(loss, initial.value)
        found[begins] = 0.0 if gradient is None else np.array(gradient)
    assert np.abs(found[True, True]).max() > 1e-3
    assert np.abs(found[True, True] - found[True, False]).max() > 1e-3
    assert not np.any(found[False, False])


# === Training ===


class Validate(keras.callbacks.Callback):
    """Evaluates in the middle of an epoch."""

    def __init__(self, data):
        super().__init__()
        self.data = data

    def on_train_batch_end(self, batch, logs=None):
        self.model.evaluate(self.data, verbose=0)


@pytest.mark.slow
def test_validation_leaves_the_states_of_the_training_alone():
    """A training that is disturbed ends with the weights of one that is not.

    Compiled, against eager steps.
    """
    text = ContinuousText(documents(5, 4), 2, 4).dataset()
    other = ContinuousText(documents(6, 2), 2, 6).dataset()
    first, ended = None, []
    for disturbed in (False, True):
        model = build()
        if first is not None:
            model.set_weights(first)
        first = model.get_weights()
        model.compile("sgd", run_eagerly=not disturbed)
        callbacks = [Validate(other)] if disturbed else []
        options = {"epochs": 2, "shuffle": False, "verbose": 0}
        model.fit(text, callbacks=callbacks, **options)
        ended.append(weights(model))
    for one, two in zip(*(e.values() for e in ended), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=1e-6)


def test_a_loaded_model_goes_on(tmp_path):
    model = build("min_gru")
    x = {"inputs": np.array([[4, 5], [6, 7]]), "begins": BOTH}
    model.predict(x, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_config()["carried_rows"] == 2
    x["begins"] = ~BOTH
    np.testing.assert_array_equal(loaded(x), model(x))


# === What is wrong ===


def test_what_does_not_go_together():
    with pytest.raises(ValueError, match="carried_rows with bidirectional=T"):
        rows.build("synced", bidirectional=True, carried_rows=2)
    with pytest.raises(ValueError, match="`carried_rows` must be a positive"):
        rows.build("synced", carried_rows=0)
    with pytest.raises(ValueError, match="option of many_to_one"):
        rows.build("many_to_one", carried_rows=2)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ({"inputs": rows.SOURCE, "begin": [1]}, "'mask'|'begins'.*with"),
        (
            {"inputs": rows.SOURCE, "begins": np.ones((3, 5), bool)},
            r"`begins` must have the shape \(3,\), one bool per row.*\(3, 5\)",
        ),
        (
            {"inputs": rows.SOURCE, "begins": np.ones(3, bool)},
            "states of 2 rows are carried.*Received: 3 rows. Fill the last",
        ),
        ({"inputs": rows.SOURCE * 0}, "`x` has an empty row, row 0"),
    ],
)
def test_arrays_that_cannot_be_meant(x, message):
    model = build()
    model.compile()
    with pytest.raises(ValueError, match=message):
        model.evaluate(x, np.zeros((3, 5), int), verbose=0)


def test_rows_that_go_on_are_not_shuffled():
    model = build()
    model.compile("sgd", run_eagerly=True)
    x = {"inputs": rows.SOURCE[:2], "begins": np.ones(2, bool)}
    y = np.zeros((2, 5), int)
    with pytest.raises(ValueError, match="would shuffle them.*shuffle=False"):
        model.fit(x, y)
    model.fit(x, y, shuffle=False, verbose=0)


def test_batches_of_another_size():
    model = build()
    x = {"inputs": rows.SOURCE, "begins": np.ones(3, bool)}
    with pytest.raises(ValueError, match="states of 2 rows .* a batch of 3 ro"):
        model(x)


def test_several_devices_are_refused():
    model = build()
    model.compile()
    with pytest.raises(ValueError, match="stateful layer 'carried'"):
        check_replicas(model)
