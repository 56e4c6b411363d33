"""Spans of tags, held to seqeval; see tests/parity/README.md."""

import keras
import numpy as np
import pytest

from rnnzoo.metrics import SpanF1
from tests.parity.fixture import FOLDER

TAGS = ["O", "B-X", "I-X", "E-X", "S-X", "B-Y", "I-Y"]


@pytest.fixture(scope="module")
def seqeval():
    with np.load(FOLDER.parent / "seqeval_spans.npz") as stored:
        return dict(stored)


def scores(metric):
    found = metric.precision(), metric.recall(), metric.result()
    return [float(v) for v in found]


def spans(y_true, y_pred, *weights, **options):
    """`(right, predicted, actual)` for the names of tags of one row."""
    metric = SpanF1(TAGS, **options)
    ids = [[[TAGS.index(t) for t in row.split()]] for row in (y_true, y_pred)]
    metric.update_state(*ids, *weights)
    counters = metric.right, metric.predicted, metric.actual
    return tuple(float(c) for c in counters)


@pytest.mark.parametrize("scheme", ["bio", "iobes"])
@pytest.mark.parametrize("mode", ["lenient", "strict"])
def test_scores_are_those_of_seqeval(seqeval, scheme, mode):
    names = ("tags", "true", "predicted", "lengths", mode)
    tags, true, predicted, lengths, expected = (
        seqeval[f"{scheme}_{name}"] for name in names
    )
    weights = np.arange(true.shape[1]) < lengths[:, None]
    logits = np.eye(len(tags))[predicted]
    metric = SpanF1(tags.tolist(), strict=mode == "strict")
    for cut in (slice(0, 20), slice(20, None)):
        metric.update_state(true[cut], logits[cut], weights[cut])
    np.testing.assert_allclose(scores(metric), expected, rtol=1e-6)
    # Ids say the same as logits do.
    again = SpanF1(tags.tolist(), strict=mode == "strict")
    again.update_state(true, predicted, weights)
    assert scores(again) == scores(metric)


@pytest.mark.parametrize(
    ("truth", "guess", "lenient", "strict"),
    [
        # Type, first and last step must agree.
        ("B-X I-X O B-Y", "B-X I-X O B-Y", (2, 2, 2), (0, 0, 0)),
        ("B-X E-X O O", "B-X I-X E-X O", (0, 1, 1), (0, 1, 1)),
        ("B-X I-X E-X O", "S-X B-X E-X O", (0, 2, 1), (0, 2, 1)),
        ("S-X B-X E-X S-X", "S-X S-X S-X S-X", (2, 4, 3), (2, 4, 3)),
        # An I that follows nothing, or another type, begins a span.
        ("O S-X O O", "O I-X O O", (1, 1, 1), (0, 0, 1)),
        ("S-X B-Y I-Y O", "S-X I-Y I-Y O", (2, 2, 2), (1, 1, 1)),
        ("B-X E-X I-X E-X", "B-X E-X S-X S-X", (1, 3, 2), (1, 3, 1)),
        ("O O O O", "O O O O", (0, 0, 0), (0, 0, 0)),
    ],
)
def test_spans_by_hand(truth, guess, lenient, strict):
    assert spans(truth, guess) == lenient
    assert spans(truth, guess, strict=True) == strict


def test_steps_of_no_weight_are_outside():
    tags = "S-X B-X I-X S-X"
    assert spans(tags, tags, [[1, 1, 0, 0]]) == (2, 2, 2)
    assert spans(tags, "S-X B-X I-X O", [[0, 1, 1, 0]]) == (1, 1, 1)
    assert spans("B-X I-X I-X", "B-X O O", [[1, 0, 1]]) == (1, 1, 2)
    # A span has the weight of its first step, and so of its row.
    assert spans(tags, "B-X B-X I-X O", [0.5]) == (1.0, 1.0, 1.5)


def test_nothing_is_no_score():
    assert scores(SpanF1(TAGS)) == [0, 0, 0]


def test_inside_of_a_compiled_step():
    """As a metric of `fit`, at the pace of batches of several widths."""
    rng = np.random.default_rng(0)
    inputs = keras.Input((None, 7))
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=[SpanF1(TAGS)],
    )
    alone = SpanF1(TAGS)
    for timesteps in (1, 5):
        y, guess = rng.integers(0, 7, (2, 9, timesteps))
        logits = np.eye(7)[guess].astype("float32")
        w = rng.integers(0, 2, y.shape).astype("float32")
        alone.reset_state()
        alone.update_state(y, guess, w)
        found = model.evaluate(logits, y, 4, 0, w, return_dict=True)
        np.testing.assert_allclose(found["span_f1"], alone.result(), rtol=1e-6)
    assert float(alone.result()) > 0


def test_comes_back_from_its_config():
    config = keras.saving.serialize_keras_object(SpanF1(TAGS, strict=True))
    again = keras.saving.deserialize_keras_object(config)
    assert (again.tags, again.strict, again.name) == (TAGS, True, "span_f1")


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (["O", "X"], "must be 'O', or one of B, I, E, S.*Received: 'X'"),
        (["O", "B-"], "Received: 'B-'"),
        (["O"], "at least one type"),
        (["O", "B-X", "B-X"], "each tag once"),
    ],
)
def test_what_is_wrong(tags, message):
    with pytest.raises(ValueError, match=message):
        SpanF1(tags)
