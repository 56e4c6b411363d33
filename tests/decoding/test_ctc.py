import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo.decoding import IMPOSSIBLE, ctc_beam_search, ctc_greedy_search
from tests.references import ctc as reference

RNG = np.random.default_rng(0)


def logits(*shape, scale=2.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(scale=scale, size=shape).astype("float32")


def saying(alignment, classes=4):
    """Logits whose likeliest alignment this is."""
    return 9.0 * np.eye(classes, dtype="float32")[np.array(alignment)]


def rows(found):
    return [ops.convert_to_numpy(x) for x in found]


def trimmed(row):
    row = list(map(int, row))
    length = sum(label != 0 for label in row)
    assert not any(row[length:])
    return tuple(row[:length])


# === Greedy ===


@pytest.mark.parametrize(
    "alignment, expected",
    [
        ([0, 0, 0, 0], ()),
        ([1, 1, 1, 1], (1,)),
        ([0, 1, 1, 0], (1,)),
        ([1, 1, 0, 1], (1, 1)),
        ([1, 2, 2, 1], (1, 2, 1)),
        ([1, 0, 0, 3], (1, 3)),
        ([3, 2, 1, 3], (3, 2, 1, 3)),
    ],
)
def test_greedy_leaves_out_repeats_then_blanks(alignment, expected):
    labels, scores = rows(ctc_greedy_search(saying(alignment)[None]))
    assert labels.shape == (1, 4) and labels.dtype == "int32"
    assert trimmed(labels[0]) == expected
    each = 9 - np.log(np.exp(9) + 3)
    np.testing.assert_allclose(scores, [4 * each], atol=1e-5)


def test_greedy_is_the_best_path():
    x = logits(50, 6, 4)
    labels, scores = rows(ctc_greedy_search(x))
    best = reference.log_softmax(x)
    expected = [reference.collapse(row) for row in best.argmax(-1)]
    assert [trimmed(row) for row in labels] == expected
    np.testing.assert_allclose(scores, best.max(-1).sum(-1), rtol=1e-5)


# === Beam ===


@pytest.mark.parametrize("timesteps, classes", [(1, 3), (4, 2), (5, 3), (4, 4)])
def test_a_beam_as_wide_as_the_space_is_exhaustive(timesteps, classes):
    x = logits(20, timesteps, classes, seed=timesteps)
    every = [reference.probabilities(row) for row in x]
    count = len(every[0])
    labels, scores = rows(ctc_beam_search(x, width=count + 3))
    assert labels.dtype == "int32" and scores.dtype == "float32"
    for row in range(len(x)):
        found = [trimmed(beam) for beam in labels[row, :count]]
        assert len(set(found)) == count
        expected = np.log([every[row][beam] for beam in found])
        np.testing.assert_allclose(scores[row, :count], expected, atol=2e-5)
        assert (np.diff(scores[row, :count]) <= 0).all()
    np.testing.assert_allclose(np.exp(scores).sum(1), 1, rtol=1e-5)
    # What is left over is no sequence.
    assert (scores[:, count:] < IMPOSSIBLE).all()


def narrow_beam(gains, width):
    """As the docstring says, with a dictionary: `[(labels, score), ...]`."""
    beams = {(): (0.0, -np.inf)}
    for gain in gains:
        new = {}

        def add(labels, place, value, new=new):
            pair = new.setdefault(labels, [-np.inf, -np.inf])
            pair[place] = np.logaddexp(pair[place], value)

        for labels, (blank, label) in beams.items():
            total = np.logaddexp(blank, label)
            add(labels, 0, total + gain[0])
            if labels:
                add(labels, 1, label + gain[labels[-1]])
            for c in range(1, len(gain)):
                again = labels and labels[-1] == c
                before = blank if again else total
                add((*labels, c), 1, before + gain[c])
        order = sorted(new, key=lambda key: -np.logaddexp(*new[key]))
        beams = {key: new[key] for key in order[:width]}
    return [(key, np.logaddexp(*pair)) for key, pair in beams.items()]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_narrow_beams_are_what_numpy_does(width):
    x = logits(15, 12, 5, scale=1.0, seed=width)
    labels, scores = rows(ctc_beam_search(x, width))
    for row, gains in enumerate(reference.log_softmax(x)):
        expected = narrow_beam(gains, width)
        found = [trimmed(beam) for beam in labels[row]]
        # A beginning without any alignment fills no beam.
        assert found[: len(expected)] == [beam for beam, _ in expected]
        np.testing.assert_allclose(
            scores[row, : len(expected)],
            [score for _, score in expected],
            rtol=1e-5,
        )


def test_the_likeliest_labels_need_not_have_the_likeliest_alignment():
    """Blank is likelier at each step, and yet most alignments say 1."""
    x = np.log(np.array([[[0.6, 0.4], [0.6, 0.4]]], "float32"))
    greedy, score = rows(ctc_greedy_search(x))
    assert trimmed(greedy[0]) == ()
    np.testing.assert_allclose(np.exp(score), [0.36], rtol=1e-5)
    labels, scores = rows(ctc_beam_search(x, 2))
    assert [trimmed(beam) for beam in labels[0]] == [(1,), ()]
    np.testing.assert_allclose(np.exp(scores), [[0.64, 0.36]], rtol=1e-5)


def test_at_most_as_many_labels_as_asked_for():
    """The others compete, and keep their probabilities."""
    x = logits(10, 5, 3)
    labels, scores = rows(ctc_beam_search(x, width=8, max_length=2))
    assert labels.shape == (10, 8, 2)
    for row in range(10):
        every = reference.probabilities(x[row])
        short = {key: p for key, p in every.items() if len(key) <= 2}
        assert len(short) == 7
        found = [trimmed(beam) for beam in labels[row, :7]]
        assert sorted(found) == sorted(short)
        np.testing.assert_allclose(
            np.exp(scores[row, :7]), [short[b] for b in found], rtol=1e-4
        )
        assert scores[row, 7] < IMPOSSIBLE


# === Masks ===


def searches(x, mask=None):
    return [ctc_greedy_search(x, mask), ctc_beam_search(x, 4, mask)]


def test_a_masked_step_is_as_if_it_were_not_there():
    """Padding on the right, on the left, holes."""
    place = np.argsort(RNG.uniform(size=(40, 9)), axis=1)
    place[0] = np.arange(9)
    place[1] = place[0, ::-1]
    mask = place < 6
    x = logits(40, 9, 4, scale=3.0)
    left = searches(x[mask].reshape(40, 6, 4))
    x = np.where(mask[..., None], x, 50 * logits(40, 9, 4, seed=1))
    for one, other in zip(searches(x, mask), left, strict=True):
        (ids, scores), (expected, expected_scores) = rows(one), rows(other)
        np.testing.assert_array_equal(ids[..., :6], expected)
        assert not ids[..., 6:].any()
        np.testing.assert_allclose(scores, expected_scores, rtol=1e-5)


def test_without_any_step_there_are_no_labels():
    mask = np.zeros((2, 5), bool)
    for ids, scores in map(rows, searches(logits(2, 5, 4), mask)):
        assert not ids.any()
        np.testing.assert_array_equal(scores.reshape(2, -1)[:, 0], 0)


# === Running ===


def test_one_graph_for_any_batch_and_length():
    if keras.backend.backend() != "tensorflow":
        import jax

        compiled = jax.jit(lambda x, mask: searches(x, mask))
    else:
        import tensorflow as tf

        compiled = tf.function(
            searches,
            input_signature=[
                tf.TensorSpec((None, None, 4)),
                tf.TensorSpec((None, None), tf.bool),
            ],
        )
    for batch, timesteps in ((3, 5), (2, 8)):
        x = logits(batch, timesteps, 4)
        mask = np.ones((batch, timesteps), bool)
        for one, other in zip(compiled(x, mask), searches(x), strict=True):
            for found, expected in zip(rows(one), rows(other), strict=True):
                np.testing.assert_allclose(found, expected, rtol=1e-5)
