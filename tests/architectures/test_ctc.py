"""The CTC head in its topology, from build to load."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.datasets import digit_strips
from rnnzoo.metrics import EditDistance, edit_distances


def columns(split, count):
    """Strips read column by column: `(x, labels)`, padded on the right.

    A label is the digit and 1.
    """
    found = digit_strips.examples(split, 4)
    strips = [strip for _, strip in zip(range(count), found, strict=False)]
    widths = np.array([strip["image"].shape[1] for strip in strips])
    shape = (count, widths.max())
    values = np.zeros((*shape, digit_strips.HEIGHT), "float32")
    labels = np.zeros((count, 4), "int32")
    for row, strip in enumerate(strips):
        values[row, : widths[row]] = strip["image"][..., 0].T / 255
        digits = [int(digit) + 1 for digit in strip["digits"]]
        labels[row, : len(digits)] = digits
    mask = np.arange(shape[1]) < widths[:, None]
    return {"inputs": values, "mask": mask}, labels


def build(units, **options):
    return rnnzoo.build(
        "synced",
        input_dim=digit_strips.HEIGHT,
        num_outputs=11,
        units=units,
        bidirectional=True,
        **{"head": "ctc", **options},
    )


def test_from_build_to_load(tmp_path):
    x, y = columns("validation", 24)
    model = build(8, head=rnnzoo.layers.CTCHead(11, beam_width=3))
    model.compile()
    weights = np.linspace(0, 1, 24)
    history = model.fit(x, y, batch_size=24, sample_weight=weights, verbose=0)
    assert set(history.history) == {"loss", "edit_distance"}

    # === The displayed numbers are the head's ===
    logits = model.predict(x, verbose=0)
    losses, counts = model.head.sequence_losses(y, logits, x["mask"])
    greedy = model.head.decisions(logits, x["mask"])
    scores = model.evaluate(x, y, batch_size=24, verbose=0, return_dict=True)
    np.testing.assert_allclose(
        scores["loss"], np.sum(losses) / np.sum(counts), rtol=1e-5
    )
    np.testing.assert_allclose(
        scores["edit_distance"],
        np.sum(edit_distances(y, greedy)) / (y > 0).sum(),
        rtol=1e-5,
    )

    # === After loading ===
    labels = model.labels(x)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.labels(x), labels)
    assert again.head.beam_width == 3
    same = again.evaluate(x, y, batch_size=24, verbose=0, return_dict=True)
    assert same == pytest.approx(scores, rel=1e-5)


def test_labels_that_do_not_fit_are_refused():
    x, y = columns("validation", 3)
    x["mask"][1, 2:] = False
    y[1] = [3, 3, 0, 0]
    model = build(4)
    model.compile()
    with pytest.raises(ValueError, match="row 1 than its steps can hold"):
        model.fit(x, y, verbose=0)


@pytest.mark.slow
def test_strips_of_writers_never_seen_are_read():
    """0.134 greedy and 0.131 with a beam when written; at first it is 1."""
    model = build(48)
    model.compile(keras.optimizers.Adam(5e-3, global_clipnorm=1.0))
    model.fit(*columns("train", 10_000), batch_size=32, epochs=2, verbose=0)
    x, y = columns("test", 1000)
    logits = model.predict(x, batch_size=250, verbose=0)
    for width in (None, 8):
        metric = EditDistance()
        found = model.head.best(logits, x["mask"], beam_width=width)
        metric.update_state(y, found)
        assert metric.result() < 0.2
