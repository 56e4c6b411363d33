import itertools
import json

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics.bptt import bptt
from rnnzoo.diagnostics.bptt_terms import bptt_terms, difference, influence

PATH = "encoder/stack/block_0/forward"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(3, 6, 4))
Y = RANDOM.integers(0, 2, (3, 6))
LENGTHS = np.array([6, 2, 4])
MASK = np.arange(6) < LENGTHS[:, None]
IDS = np.array([[5, 6, 7, 2], [7, 2, 0, 0], [4, 2, 0, 0]])


def tagger(cell, **options):
    if isinstance(cell, str):
        options.setdefault("units", 5)
    return rnnzoo.build(
        "synced",
        input_dim=4,
        num_outputs=2,
        cell=cell,
        dtype="float64",
        **options,
    )


def elman_by_hand(model, losses):
    """The terms of one batch, after Werbos.

    Args:
        losses: `(batch, steps)`, by how much each step's loss counts.
    """
    W, U, b = (np.array(w) for w in model.encoder.stack.get_weights())
    V, d = (np.array(w) for w in model.head.get_weights())
    steps = X.shape[1]
    h = [np.zeros((3, 5))]
    for t in range(steps):
        h.append(np.tanh(X[:, t] @ W + h[-1] @ U + b))
    terms = {
        name: np.zeros((steps, *w.shape))
        for name, w in (("kernel", W), ("recurrent_kernel", U), ("bias", b))
    }
    terms["head/kernel"] = np.zeros((steps, *V.shape))
    terms["head/bias"] = np.zeros((steps, *d.shape))
    back = np.zeros((3, 5))
    for t in reversed(range(steps)):
        logits = h[t + 1] @ V + d
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        error = losses[:, t, None] * (p - np.eye(2)[Y[:, t]])
        terms["head/kernel"][t] = h[t + 1].T @ error
        terms["head/bias"][t] = error.sum(axis=0)
        # Of the state after step t, then of what goes into tanh.
        g = (error @ V.T + back) * (1 - h[t + 1] ** 2)
        terms["kernel"][t] = X[:, t].T @ g
        terms["recurrent_kernel"][t] = h[t].T @ g
        terms["bias"][t] = g.sum(axis=0)
        back = g @ U.T
    return {
        name if name.startswith("head") else f"{PATH}/{name}": term
        for name, term in terms.items()
    }


@pytest.mark.parametrize("at", ["last", "every"])
def test_terms_are_those_of_numpy(at):
    model = tagger("elman")
    found = bptt_terms(model, ({"inputs": X, "mask": MASK}, Y), at)
    losses = MASK / MASK.sum()
    if at == "last":
        losses = np.eye(6)[LENGTHS - 1] / 3
    expected = elman_by_hand(model, losses)
    assert set(found) == set(expected)
    for name, terms in expected.items():
        # Losses are float32, whatever the model is.
        np.testing.assert_allclose(
            found[name].terms, terms, rtol=1e-5, atol=1e-7, err_msg=name
        )
        np.testing.assert_allclose(
            found[name].terms.sum(axis=0), found[name].gradient, atol=1e-15
        )


def test_weights_are_grouped_by_what_they_do():
    model = tagger("lstm", num_layers=2)
    found = bptt_terms(model, (X, Y))
    groups = {
        name.removeprefix("encoder/stack/"): weight.group
        for name, weight in found.items()
    }
    assert groups == {
        "block_0/forward/kernel": "input",
        "block_0/forward/recurrent_kernel": "recurrent",
        "block_0/forward/bias": "input",
        "block_1/forward/kernel": "input",
        "block_1/forward/recurrent_kernel": "recurrent",
        "block_1/forward/bias": "input",
        "head/kernel": "output",
        "head/bias": "output",
    }


def learned():
    return rnnzoo.cells.LearnedInitialState(
        rnnzoo.cells.LSTM(5, dtype="float64")
    )


@pytest.mark.parametrize(
    "cell",
    [
        "lstm",
        "gru",
        "min_gru",
        "indrnn",
        learned(),
        keras.layers.GRUCell(5, dtype="float64"),
    ],
    ids=["lstm", "gru", "min_gru", "indrnn", "learned", "keras"],
)
@pytest.mark.parametrize("at", ["last", "every"])
def test_terms_add_up_to_the_gradient_of_autodiff(cell, at):
    model = tagger(cell, bidirectional=True)
    batch = {"inputs": X, "mask": MASK}, Y
    found = bptt_terms(model, batch, at)
    assert {w.group for w in found.values()} >= {"input", "output"}
    for name, weight in found.items():
        # Backwards, the loss at the last step knows the first step alone.
        assert weight.gradient.any() or (at == "last" and "back" in name)
    assert difference(found) < 1e-14


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "at"),
    list(zip(rnnzoo.list_cells(), itertools.cycle(["last", "every"]))),
)
def test_terms_of_all_cells_add_up(cell, at):
    model = tagger(cell, units=8, bidirectional=True)
    found = bptt_terms(model, ({"inputs": X, "mask": MASK}, Y), at)
    assert difference(found) < 1e-12


@pytest.mark.parametrize("options", [{}, {"input_feeding": True}])
def test_terms_of_a_translator_add_up(options):
    model = rnnzoo.build(
        "seq2seq",
        source_vocabulary=9,
        target_vocabulary=9,
        cell="lstm",
        units=4,
        dtype="float64",
        **options,
    )
    for at in ("last", "every"):
        found = bptt_terms(model, ({"source": IDS, "target": IDS},), at)
        assert difference(found) < 1e-14
        sides = {name.split("/")[0] for name in found}
        assert sides == {"encoder", "decoder"}
        assert found["decoder/head/kernel"].terms.shape == (4, 4, 9)


def test_one_loss_of_a_row_is_at_its_last_step():
    model = rnnzoo.build(
        "many_to_one", input_dim=4, cell="gru", units=5, dtype="float64"
    )
    batch = X, Y[:, 0]
    found = bptt_terms(model, batch)
    assert difference(found) < 1e-14
    terms = found["head/kernel"].terms
    assert terms.shape == (6, 5, 2)
    assert not terms[:5].any() and terms[5].any()
    with pytest.raises(ValueError, match="one loss for each row"):
        bptt(model, batch, at="every")


def test_the_last_layer_of_a_keras_model_makes_its_output():
    inputs = keras.Input((None, 4))
    x = rnnzoo.layers.Recurrent("gru", 5, return_sequences=True)(inputs)
    x = keras.layers.Dense(3, name="top")(keras.layers.Dropout(0.5)(x))
    model = keras.Model(inputs, keras.layers.Activation("tanh")(x))
    model.compile(loss="mse")
    batch = X.astype("float32"), np.zeros((3, 6, 3), "float32")
    found = bptt_terms(model, batch, "every")
    outputs = {n for n, w in found.items() if w.group == "output"}
    assert outputs == {"top/kernel", "top/bias"}
    assert difference(found) < 1e-5


def test_a_model_that_ends_with_its_recurrence_has_no_output_weights():
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, rnnzoo.layers.Recurrent("gru", 5)(inputs))
    model.compile(loss="mse")
    found = bptt_terms(
        model, (X.astype("float32"), np.zeros((3, 5), "float32"))
    )
    assert {w.group for w in found.values()} == {"input", "recurrent"}


def test_influence_is_what_each_loss_alone_asks_for():
    model = tagger("elman")
    losses_at, norms = influence(model, (X, Y))
    assert losses_at.tolist() == list(range(6))
    name = f"{PATH}/recurrent_kernel"
    for k in range(6):
        losses = np.zeros((3, 6))
        losses[:, k] = 1 / 18
        terms = elman_by_hand(model, losses)[name]
        np.testing.assert_allclose(
            norms[PATH][k],
            np.linalg.norm(terms.reshape(6, -1), axis=1),
            rtol=1e-5,
            atol=1e-12,
        )
    # An input cannot matter to a loss before it; the first state is zero.
    assert not norms[PATH][np.triu_indices(6, 1)].any()
    losses_at, norms = influence(model, (X, Y), rows=3)
    assert losses_at.tolist() == [0, 2, 5]
    assert norms[PATH].shape == (3, 6)


def test_figure_and_numbers_tell_the_same():
    model = tagger("lstm", num_layers=2)
    batch = X, Y
    diagnosis = bptt(model, batch, at="every")
    figure, numbers = diagnosis
    found = bptt_terms(model, batch, "every")
    assert numbers["difference"] < 1e-14
    for name, weight in found.items():
        norms = np.linalg.norm(weight.terms.reshape(6, -1), axis=1)
        np.testing.assert_allclose(numbers[f"norms/{name}"], norms)
    assert numbers["weights"] == list(found)
    whole = [np.linalg.norm(weight.gradient) for weight in found.values()]
    np.testing.assert_allclose(numbers["gradient"], whole)
    np.testing.assert_allclose(numbers["sum"], whole)
    titles = [axis.get_title() for axis in figure.axes]
    assert [t for t in titles if "forward" in t] == [
        PATH,
        PATH.replace("0", "1"),
    ]
    assert titles.count("recurrent weights, each loss alone") == 2
    line = figure.axes[0].lines[0]
    assert line.get_label() == "kernel (input)"
    np.testing.assert_allclose(
        line.get_ydata(), numbers[f"norms/{PATH}/kernel"]
    )
    assert json.loads(diagnosis.json())["losses_at"] == list(range(6))
    assert diagnosis.scalars() == {"difference": numbers["difference"]}
    last, _ = bptt(model, batch)
    assert "recurrent weights, each loss alone" not in [
        axis.get_title() for axis in last.axes
    ]


def test_a_model_that_broke_is_still_drawn():
    model = tagger("elman")
    model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])
    figure, numbers = bptt(model, (X, Y), at="every")
    assert np.isnan(numbers[f"influence/{PATH}"]).any()
    figure.draw_without_rendering()


def test_linear_cells_without_recurrent_weights_have_no_heat_map():
    _, numbers = bptt(tagger("min_gru"), (X, Y), at="every")
    assert not any(name.startswith("influence/") for name in numbers)


def test_another_place_of_the_loss_is_refused():
    with pytest.raises(ValueError, match="Received: at='first'"):
        bptt(tagger("gru"), (X, Y), at="first")


def test_a_layer_with_states_keeps_them():
    inputs = keras.Input((6, 4), batch_size=3)
    layer = rnnzoo.layers.Recurrent(
        "gru", 5, stateful=True, return_sequences=True
    )
    model = keras.Model(inputs, keras.layers.Dense(2)(layer(inputs)))
    model.compile(loss="mse")
    model(X)
    before = [np.array(state) for state in layer.states]
    found = bptt_terms(model, (X, np.ones((3, 6, 2))), at="every")
    assert difference(found) < 1e-5
    for state, old in zip(layer.states, before, strict=True):
        np.testing.assert_array_equal(np.array(state), old)


def test_single_terms_are_seen():
    model = rnnzoo.build("synced", vocabulary=9, num_outputs=3, units=4)
    ids = np.array([[5, 6, 7, 8, 4], [5, 6, 0, 0, 0]])
    figure, numbers = bptt(model, (ids, np.zeros((2, 5), int)))
    np.testing.assert_array_equal(
        numbers["norms/head/kernel"] > 0, [False, True, False, False, True]
    )
    for axis in figure.axes:
        for line in axis.lines:
            known = np.isfinite(line.get_ydata())
            # No line leads to them.
            assert axis.get_title() != "head" or known.tolist() == (
                line.get_markevery().tolist()
            )
