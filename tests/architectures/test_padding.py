"""Padding changes nothing: not the outputs, the loss, the metrics, the ids."""

import numpy as np
import pytest

from rnnzoo.layers.pooling import POOLINGS
from tests.architectures import rows

# Float32, through two layers of which each divides by a norm.
BOUND = {"rtol": 0, "atol": 5e-5}

# Of `bidirectional`.
DIRECTIONS = (False, True)


def widen(ids, more):
    return np.pad(ids, ((0, 0), (0, more)))


def same_evaluation(model, one, other):
    """Compiles; loss and metrics of two data sets, `(x, y)` each, agree."""
    model.compile(run_eagerly=True)
    found = [
        model.evaluate(x, y, verbose=0, return_dict=True)
        for x, y in (one, other)
    ]
    assert found[0]["loss"] > 0.1
    np.testing.assert_allclose(
        list(found[0].values()), list(found[1].values()), rtol=2e-6
    )


# === Sequences of tokens to sequences of tokens ===


@pytest.mark.parametrize(("cell", "attention"), rows.EVERY_ATTENTION)
def test_seq2seq(cell, attention, eagerly):
    model = rows.build("seq2seq", cell, attention=attention)
    tight = {"source": rows.SOURCE, "target": rows.TARGET}
    for more_source, more_target in ((0, 2), (4, 1)):
        wide = {
            "source": widen(rows.SOURCE, more_source),
            "target": widen(rows.TARGET, more_target),
        }
        outputs = model(wide)
        np.testing.assert_allclose(outputs[:, :6], model(tight), **BOUND)
    same_evaluation(model, (tight, None), (wide, None))
    for width in (1, 3) if cell in rows.KINDS else (3,):
        np.testing.assert_array_equal(
            model.generate(tight["source"], beam_width=width),
            model.generate(wide["source"], beam_width=width),
        )


def test_each_row_is_read_as_if_alone(eagerly):
    model = rows.build("seq2seq")
    together = model.generate(rows.SOURCE, beam_width=3, max_length=5)
    for row, length in enumerate((5, 3, 1)):
        alone = model.generate(
            rows.SOURCE[row : row + 1, :length], beam_width=3, max_length=5
        )
        expected = together[row, : alone.shape[1]]
        np.testing.assert_array_equal(alone[0], expected)
        assert not together[row, alone.shape[1] :].any()


def test_attention_ignores_padding(eagerly):
    model = rows.build("seq2seq")
    tight = model.attention_weights(rows.SOURCE, rows.TARGET)
    wide = model.attention_weights(widen(rows.SOURCE, 3), rows.TARGET)
    assert tight.dtype == "float32"
    assert not wide[:, :, 5:].any()
    np.testing.assert_allclose(wide[:, :, :5], tight, **BOUND)
    np.testing.assert_allclose(tight.sum(axis=-1), 1, rtol=1e-6)
    assert not tight[:, :, :][rows.SOURCE[:, None].repeat(6, 1) == 0].any()


# === Sequences to one output, and to one per step ===


@pytest.mark.parametrize(
    ("cell", "bidirectional", "pooling"),
    rows.cells_with(DIRECTIONS, POOLINGS),
)
def test_many_to_one(cell, bidirectional, pooling):
    model = rows.build(
        "many_to_one", cell, bidirectional=bidirectional, pooling=pooling
    )
    x, y, _ = rows.feed("many_to_one")
    np.testing.assert_allclose(model(widen(x, 4)), model(x), **BOUND)
    if cell == "gru":
        same_evaluation(model, (x, y), (widen(x, 4), y))


@pytest.mark.parametrize(("cell", "bidirectional"), rows.cells_with(DIRECTIONS))
def test_synced(cell, bidirectional):
    model = rows.build("synced", cell, bidirectional=bidirectional)
    x, y, _ = rows.feed("synced")
    wide = model(widen(x, 4))[:, :5]
    valid = x != 0
    np.testing.assert_allclose(wide[valid], model(x)[valid], **BOUND)
    if cell == "gru":
        # Labels of padded steps may be anything, -100 as well.
        padded = np.pad(y, ((0, 0), (0, 4)), constant_values=-100)
        same_evaluation(model, (x, y), (widen(x, 4), padded))


# === Real values, under any mask ===


def values_and_mask():
    """Rows with padding on the right, on the left, and with holes."""
    mask = np.array([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [1, 0, 1, 0, 1]], bool)
    values = np.random.default_rng(0).normal(size=(3, 5, 2)).astype("float32")
    # Whatever stands where nothing counts.
    return np.where(mask[..., None], values, 100), mask


@pytest.mark.parametrize(
    ("cell", "bidirectional", "pooling"),
    rows.cells_with(DIRECTIONS, POOLINGS),
)
def test_masked_values_are_as_if_deleted(cell, bidirectional, pooling):
    model = rows.build(
        "many_to_one",
        cell,
        input_dim=2,
        bidirectional=bidirectional,
        pooling=pooling,
    )
    values, mask = values_and_mask()
    outputs = model({"inputs": values, "mask": mask})
    for row, valid in enumerate(mask):
        alone = model(values[row : row + 1, valid])
        np.testing.assert_allclose(outputs[row], alone[0], **BOUND)


@pytest.mark.parametrize(("cell", "bidirectional"), rows.cells_with(DIRECTIONS))
def test_masked_steps_are_as_if_deleted(cell, bidirectional):
    model = rows.build("synced", cell, input_dim=2, bidirectional=bidirectional)
    values, mask = values_and_mask()
    outputs = model({"inputs": values, "mask": mask}).numpy()
    for row, valid in enumerate(mask):
        alone = model(values[row : row + 1, valid])
        np.testing.assert_allclose(outputs[row, valid], alone[0], **BOUND)


def test_loss_of_masked_values_counts_valid_steps():
    model = rows.build("synced", input_dim=2, num_outputs=3)
    values, mask = values_and_mask()
    y = np.where(mask, np.arange(15).reshape(3, 5) % 3, -1)
    x = {"inputs": values, "mask": mask}
    model.compile(run_eagerly=True)
    loss, accuracy = model.evaluate(x, y, verbose=0)
    outputs = model.predict(x, verbose=0).astype("float64")
    losses = rows.cross_entropy(outputs[mask], y[mask])
    np.testing.assert_allclose(loss, losses.mean(), rtol=2e-6)
    right = outputs[mask].argmax(axis=-1) == y[mask]
    np.testing.assert_allclose(accuracy, right.mean(), rtol=2e-6)


def test_no_mask_is_a_mask_of_ones():
    model = rows.build("many_to_one", input_dim=2, pooling="mean")
    values, mask = values_and_mask()
    alone = model.predict(values, verbose=0)
    for x in (
        {"inputs": values},
        {"inputs": values, "mask": np.ones_like(mask)},
    ):
        np.testing.assert_allclose(model.predict(x, verbose=0), alone, **BOUND)
