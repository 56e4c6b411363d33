import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics.gradient_flow import factor, gradient_flow

PATH = "encoder/stack/block_0/forward"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(4, 30, 3)).astype("float32")


def linear_reader(decay, units=4, head="softmax", **options):
    """A reader whose state is multiplied by `decay` at each step."""
    cell = rnnzoo.cells.Elman(units, activation="linear")
    model = rnnzoo.build(
        "many_to_one", input_dim=3, cell=cell, head=head, **options
    )
    model.get_layer("encoder").stack.blocks[
        0
    ].forward.cell.recurrent_kernel.assign(decay * np.eye(units))
    return model


@pytest.mark.parametrize("decay", [0.5, 1.0, 1.5])
def test_a_linear_recurrence_decays_as_its_matrix(decay):
    model = linear_reader(decay)
    y = np.array([0, 1, 0, 1])
    figure, numbers = gradient_flow(model, (X, y))
    norms = numbers[f"norms/{PATH}"]
    # By hand: softmax, head, then one matrix per step.
    W, U, b = (np.float64(w) for w in model.encoder.stack.get_weights())
    kernel, bias = (np.float64(w) for w in model.head.get_weights())
    h = np.zeros((4, 4))
    for t in range(30):
        h = X[:, t] @ W + h @ U + b
    logits = h @ kernel + bias
    p = np.exp(logits - logits.max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    error = np.linalg.norm((p - np.eye(2)[y]) @ kernel.T, axis=1).mean()
    expected = error * decay ** np.arange(1, 31)
    np.testing.assert_allclose(norms, expected, rtol=1e-4)
    assert numbers[f"factor/{PATH}"] == pytest.approx(decay, rel=1e-5)
    (axis,) = figure.axes
    assert axis.get_yscale() == "log"
    np.testing.assert_allclose(axis.lines[0].get_ydata(), norms)


def test_padding_is_no_distance():
    model = linear_reader(0.5)
    y = np.array([0, 1, 0, 1])
    mask = np.ones((4, 30), bool)
    _, whole = gradient_flow(model, (X[:, :12], y))
    mask[:, 5:20] = mask[:, 27:] = False
    x = X.copy()
    x[:, mask[0]] = X[:, :12]
    _, padded = gradient_flow(model, ({"inputs": x, "mask": mask}, y))
    np.testing.assert_allclose(
        padded[f"norms/{PATH}"], whole[f"norms/{PATH}"], rtol=1e-5
    )


def test_rows_of_all_lengths_count_where_they_reach():
    model = linear_reader(0.5)
    y = np.array([0, 1])
    mask = np.array([[True] * 6, [True] * 2 + [False] * 4])
    batch = {"inputs": X[:2, :6], "mask": mask}, y
    _, both = gradient_flow(model, batch)
    _, long = gradient_flow(model, (X[:1, :6], y[:1]))
    _, short = gradient_flow(model, (X[1:2, :2], y[1:]))
    mean = (long[f"norms/{PATH}"][:2] + short[f"norms/{PATH}"]) / 2
    found = both[f"norms/{PATH}"]
    np.testing.assert_allclose(found[:2], mean, rtol=1e-5)
    np.testing.assert_allclose(found[2:], long[f"norms/{PATH}"][2:], rtol=1e-5)
    # A row of weight zero has no loss.
    _, weighted = gradient_flow(model, (*batch, np.array([3.0, 0.0])))
    np.testing.assert_allclose(
        weighted[f"norms/{PATH}"], long[f"norms/{PATH}"], rtol=1e-5
    )


def test_a_loss_at_the_last_step_alone_counts():
    model = rnnzoo.build("synced", input_dim=3, units=4, num_outputs=2)
    y = RANDOM.integers(0, 2, (4, 30))
    _, one = gradient_flow(model, (X, y))
    y[:, :-1] = 1 - y[:, :-1]
    _, other = gradient_flow(model, (X, y))
    np.testing.assert_array_equal(one[f"norms/{PATH}"], other[f"norms/{PATH}"])


def test_backward_steps_count_from_where_the_loss_depends_on_them():
    model = rnnzoo.build(
        "synced", input_dim=3, units=4, num_outputs=2, bidirectional=True
    )
    _, numbers = gradient_flow(model, (X, np.zeros((4, 30), int)))
    assert len(numbers[f"norms/{PATH}"]) == 30
    # The last step is the first that is read backwards.
    (norm,) = numbers["norms/encoder/stack/block_0/backward"]
    assert norm > 0
    assert "factor/encoder/stack/block_0/backward" not in numbers


def test_models_and_batches_stand_beside_each_other():
    models = {
        cell: rnnzoo.build("many_to_one", input_dim=3, cell=cell, units=4)
        for cell in ("elman", "lstm")
    }
    y = np.zeros(4, int)
    batches = {"10 steps": (X[:, :10], y), "30 steps": (X, y)}
    figure, numbers = gradient_flow(models, batches)
    assert [axis.get_title() for axis in figure.axes] == list(batches)
    for axis in figure.axes:
        names = [line.get_label().split(":")[0] for line in axis.lines]
        assert names == ["elman", "lstm"]
    assert len(numbers[f"norms/30 steps/lstm/{PATH}"]) == 30
    # The same gradients, further back.
    _, alone = gradient_flow(models["lstm"], batches["10 steps"])
    np.testing.assert_array_equal(
        alone[f"norms/{PATH}"], numbers[f"norms/10 steps/lstm/{PATH}"]
    )
    assert all(np.isfinite(norms).all() for norms in numbers.values())


def test_a_gradient_that_has_vanished_ends_its_curve():
    figure, numbers = gradient_flow(linear_reader(1e-6), (X, np.zeros(4, int)))
    norms = numbers[f"norms/{PATH}"]
    assert norms[0] > 0 and norms[-1] == 0
    assert numbers[f"factor/{PATH}"] == pytest.approx(1e-6, rel=1e-3)
    line = figure.axes[0].lines[0].get_ydata()
    assert np.isnan(line[-1]) and not np.isnan(line[0])


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_where_there_is_no_gradient_there_is_no_curve(value):
    model = linear_reader(0.5)
    model.set_weights([np.full_like(w, value) for w in model.get_weights()])
    figure, numbers = gradient_flow(model, (X, np.zeros(4, int)))
    assert not np.any(numbers[f"norms/{PATH}"] > 0)
    assert np.isnan(figure.axes[0].lines[0].get_ydata()).all()
    figure.draw_without_rendering()


def test_a_factor_needs_two_norms():
    assert factor(np.array([8.0, 4.0, 2.0])) == pytest.approx(0.5)
    assert factor(np.array([8.0, 0.0, 0.0])) is None
    assert factor(np.array([np.nan, np.inf, 2.0])) is None


@pytest.mark.parametrize("topology", rnnzoo.list_architectures())
def test_every_topology_has_a_gradient_flow(topology):
    ids = np.array([[5, 6, 2], [7, 2, 0]])
    options, batch = {
        "one_to_one": ({"input_shape": (3,)}, (X[:, 0], np.arange(4))),
        "many_to_one": ({"input_dim": 3}, (X, np.zeros(4, int))),
        "synced": ({"vocabulary": 9}, (ids, ids % 2)),
        "one_to_many": (
            {"input_shape": (3,), "vocabulary": 9},
            {"source": X[:2, 0], "target": ids},
        ),
        "seq2seq": (
            {"source_vocabulary": 9, "target_vocabulary": 9},
            ({"source": ids, "target": ids}, None),
        ),
    }[topology]
    model = rnnzoo.build(topology, units=4, **options)
    _, numbers = gradient_flow(model, batch)
    norms = [v for k, v in numbers.items() if k.startswith("norms/")]
    assert norms and all((v > 0).any() for v in norms)


def test_a_keras_model_is_looked_into_as_well():
    inputs = keras.Input((None, 3))
    x = keras.layers.Bidirectional(rnnzoo.layers.Recurrent("gru", 4))(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    batch = X, np.zeros((4, 1), "float32")
    with pytest.raises(ValueError, match="compiled with one loss"):
        gradient_flow(model, batch)
    model.compile(loss="mse")
    _, numbers = gradient_flow(model, batch)
    found = [v for k, v in numbers.items() if k.startswith("norms/")]
    assert [len(v) for v in found] == [30, 30]


def test_a_thousand_steps_are_looked_at():
    model = linear_reader(1.0)
    x = RANDOM.normal(size=(2, 1000, 3)).astype("float32")
    _, numbers = gradient_flow(model, (x, np.array([0, 1])))
    norms = numbers[f"norms/{PATH}"]
    np.testing.assert_allclose(norms, np.full(1000, norms[0]), rtol=1e-3)


def test_padding_of_targets_is_no_distance():
    model = rnnzoo.build("seq2seq", source_vocabulary=9, units=4)
    x = {"source": np.array([[5, 6, 7]]), "target": np.array([[5, 6, 2]])}
    _, whole = gradient_flow(model, x)
    x["target"] = np.array([[5, 6, 2, 0, 0]])
    _, padded = gradient_flow(model, x)
    assert len(whole) > 2
    for name in whole:
        np.testing.assert_allclose(padded[name], whole[name], rtol=1e-5)


def test_the_characters_of_a_word_are_of_its_row():
    characters = rnnzoo.layers.CharacterEncoder(9, units=4, kind="lstm")
    model = rnnzoo.build(
        "synced", vocabulary=9, characters=characters, units=4, num_outputs=2
    )
    x = {
        "words": np.array([[5, 6, 7], [7, 8, 0]]),
        "characters": RANDOM.integers(4, 9, (2, 3, 4)),
    }
    x["characters"][1, 2] = 0
    y = np.zeros((2, 3), int)
    first, second = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    for row, weights in enumerate((first, second)):
        _, of_both = gradient_flow(model, (x, y, weights))
        alone = {name: ids[row : row + 1] for name, ids in x.items()}
        _, of_one = gradient_flow(model, (alone, y[row : row + 1]))
        assert of_one.keys() == of_both.keys()
        for name in of_one:
            np.testing.assert_allclose(of_both[name], of_one[name], rtol=1e-4)


def test_rows_that_go_on_in_several_add_up():
    # All segments to come begin with the last state of the past.
    cell = rnnzoo.cells.Elman(4, activation="linear")
    model = rnnzoo.build(
        "many_to_one", input_dim=2, segment=3, horizon=6, cell=cell
    )
    (stack,) = (m for m in model._flatten_layers() if m.name == "stack")
    cell = stack.blocks[0].forward.cell
    cell.recurrent_kernel.assign(0.5 * np.eye(4))
    x, y = RANDOM.normal(size=(2, 12, 2)), RANDOM.normal(size=(2, 6, 2))
    _, numbers = gradient_flow(model, (x, y))
    (norms,) = (numbers[name] for name in numbers if "norms" in name)
    # Four steps of the past, and one that is taken for each segment.
    expected = norms[0] * 0.5 ** np.arange(5)
    np.testing.assert_allclose(norms, expected, rtol=1e-5)
