"""A model whose head judges whole sequences, from `build` to `load`."""

import keras
import numpy as np
import pytest

from rnnzoo.layers import CRFHead, Head, crf
from tests.architectures import rows
from tests.cells import tools

SOURCE, TAGS, _ = rows.feed("synced")
VALID = SOURCE != 0
BY_ROW = np.array([0.2, 1.5, 0.7])


def build(**options):
    options = {"num_layers": 1, "dropout": 0.0, "head": "crf", **options}
    model = rows.build("synced", recurrent_dropout=0.0, **options)
    rng = np.random.default_rng(0)
    for weight in model.head.weights:
        weight.assign(rng.normal(size=weight.shape))
    return model


def evaluate(model, *feed, **options):
    return model.evaluate(*feed, verbose=0, return_dict=True, **options)


def expected(model, x, y, mask, by_row=1):
    """Loss and accuracy, one by one."""
    outputs = model(x)
    losses = -np.array(
        crf.log_likelihood(outputs, y, *model.head.scores(), mask)
    )
    count = (np.ones(len(y)) * by_row * mask.sum(axis=1)).sum()
    known = mask & (y >= 0)
    weights = known * (np.ones(len(y)) * by_row)[:, None]
    best, _ = crf.viterbi(outputs, *model.head.scores(), mask)
    right = np.array(best) == y
    return {
        "loss": (losses * by_row).sum() / count,
        "accuracy": (right * weights).sum() / weights.sum(),
    }


def agree(found, wanted):
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    ("eagerly", "options"),
    [
        pytest.param(False, {}, marks=pytest.mark.slow),
        (True, {"bidirectional": True, "dtype": "mixed_bfloat16"}),
    ],
)
def test_from_build_to_load(eagerly, options, tmp_path):
    model = build(**options)
    model.compile(run_eagerly=eagerly)
    tags = TAGS.copy()
    tags[0, 1:3] = tags[1, 0] = -1
    before = [w.numpy() for w in model.head.weights]
    model.fit(SOURCE, tags, sample_weight=BY_ROW, verbose=0)
    for weight, old in zip(model.head.weights, before, strict=True):
        assert np.any(weight.numpy() != old), weight.path
        assert np.isfinite(weight.numpy()).all()
    found = evaluate(model, SOURCE, tags)
    agree(found, expected(model, SOURCE, tags, VALID))
    agree(
        evaluate(model, SOURCE, tags, sample_weight=BY_ROW),
        expected(model, SOURCE, tags, VALID, BY_ROW),
    )
    labels = model.labels(SOURCE)
    assert labels.dtype == "int32"
    assert not labels[~VALID].any()
    known = VALID & (tags >= 0)
    np.testing.assert_allclose(
        (labels == tags)[known].mean(), found["accuracy"], rtol=1e-6
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.labels(SOURCE), labels)
    assert evaluate(loaded, SOURCE, tags) == found
    loaded.fit(SOURCE, tags, verbose=0)


def test_metrics_are_of_the_weights_that_gave_the_outputs():
    """In each step, though its transitions are no part of the outputs."""
    model = build()
    # A step long enough for other labels to be best after it. What a compiled
    # step may keep of older weights, it keeps on JAX.
    model.compile(keras.optimizers.SGD(3.0), run_eagerly=not tools.ON_JAX)
    accuracies = set()
    for _ in range(3):
        found = evaluate(model, SOURCE, TAGS)
        agree(found, expected(model, SOURCE, TAGS, VALID))
        shown = model.fit(SOURCE, TAGS, verbose=0).history
        agree({name: value[0] for name, value in shown.items()}, found)
        accuracies.add(found["accuracy"])
    assert len(accuracies) > 1


def test_values_with_padding_on_the_left():
    model = build(input_dim=2)
    model.compile(run_eagerly=True)
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, 5, 2)).astype("float32")
    mask = VALID[:, ::-1]
    feed = {"inputs": values, "mask": mask}
    agree(evaluate(model, feed, TAGS), expected(model, feed, TAGS, mask))
    short = {"inputs": values[1:2, 2:]}
    for padded, alone in (
        (model.labels(feed)[1, 2:], model.labels(short)[0]),
        (model.labels(values)[0], model.labels(feed)[0]),
    ):
        np.testing.assert_array_equal(padded, alone)


def test_causal_models_stream_their_emissions():
    model = build()
    whole, states = model.predict(SOURCE[:1], verbose=0), None
    for t in range(5):
        emissions, states = model.step(SOURCE[:1, t], states)
        np.testing.assert_allclose(emissions, whole[:, t], atol=1e-5)


def test_a_head_with_options(tmp_path):
    head = CRFHead(4, forbidden=[("start", 0), (1, 1)])
    model = build(head=head)
    assert model.output_shape == (None, None, 4)
    assert not head.built
    tags = np.where(TAGS == 0, 3, TAGS)
    with pytest.raises(ValueError, match="`y` goes from 1 to 1"):
        model.check(SOURCE, np.ones_like(tags))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.head.forbidden == head.forbidden
    labels = loaded.labels(SOURCE)
    np.testing.assert_array_equal(labels, model.labels(SOURCE))
    assert labels[:, 0].all()


def test_labels_of_a_softmax():
    model = build(head="softmax")
    best = model.predict(SOURCE, verbose=0).argmax(axis=-1)
    np.testing.assert_array_equal(model.labels(SOURCE), best * VALID)
    with pytest.raises(ValueError, match="token id 15"):
        model.labels(SOURCE + 5)
    with pytest.raises(ValueError, match="head='sigmoid'"):
        build(head=Head(3, "sigmoid")).labels(SOURCE)


@pytest.mark.slow
def test_learns_a_rule_that_transitions_tell():
    """A row has one tag, which its last token tells; the others tell nothing.

    A causal model knows it at the last step alone, where no softmax would do
    better than the more frequent tag; transitions carry it back to the first.
    """
    rng = np.random.default_rng(0)
    tags = np.repeat(rng.integers(0, 2, (256, 1)), 6, axis=1)
    ids = rng.integers(1, 4, (256, 6))
    ids[:, -1] = 4 + tags[:, -1]
    model = rows.build(
        "synced", head="crf", num_layers=1, dropout=0.0, num_outputs=2
    )
    model.compile(keras.optimizers.Adam(0.1))
    model.fit(ids, tags, epochs=10, batch_size=64, verbose=0)
    found = model.predict(ids, verbose=0).argmax(axis=-1)
    assert (found == tags).mean() < 0.7
    assert (model.labels(ids) == tags).mean() > 0.99


# === Refused ===


@pytest.mark.parametrize("architecture", ["many_to_one", "one_to_one"])
@pytest.mark.parametrize("head", ["crf", CRFHead(3)])
def test_topologies_with_one_output_have_none(architecture, head):
    with pytest.raises(ValueError, match="judges a whole sequence of labels"):
        rows.build(architecture, head=head)


def test_a_loss_is_refused():
    with pytest.raises(ValueError, match="no loss but that of its head"):
        build().compile(loss="sparse_categorical_crossentropy")


def test_weights_by_step_are_refused():
    model = build()
    model.compile(run_eagerly=True)
    with pytest.raises(ValueError, match=r"one weight per row.*\(3, 5\)"):
        model.fit(SOURCE, TAGS, sample_weight=np.ones((3, 5)), verbose=0)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (TAGS + 3, "`y` holds the class id"),
        (TAGS[:, 1:], "one class id per output"),
        (TAGS - 5, "`y` holds the class id -5"),
    ],
)
def test_labels_that_cannot_be_meant(tags, message):
    model = build()
    model.compile(run_eagerly=True)
    with pytest.raises(ValueError, match=message):
        model.fit(SOURCE, tags, verbose=0)
