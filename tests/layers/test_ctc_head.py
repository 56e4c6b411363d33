import itertools

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo.layers import CTCHead
from rnnzoo.layers.ctc_head import log_probability
from rnnzoo.metrics import EditDistance
from tests.references import ctc as reference

RNG = np.random.default_rng(0)


def logits(*shape, scale=2.0, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(scale=scale, size=shape).astype("float32")


def losses(y, x, mask=None, classes=4):
    found = CTCHead(classes).sequence_losses(y, x, mask)
    return [ops.convert_to_numpy(part) for part in found]


def gradient(y, x, mask=None):
    """Of the sum of log-probabilities that exist, by the logits."""
    head = CTCHead(x.shape[-1])

    def total(x):
        return ops.sum(head.sequence_losses(y, x, mask)[0])

    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(total)(ops.convert_to_tensor(x)))
    import tensorflow as tf

    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = total(x)
    return tape.gradient(value, x).numpy()


# === Loss ===


@pytest.mark.parametrize("timesteps, classes", [(1, 2), (4, 3), (5, 3), (4, 4)])
def test_is_the_sum_over_all_alignments(timesteps, classes):
    """Of every sequence of labels that there is, likely or not."""
    x = logits(6, timesteps, classes, seed=classes)
    for row in x:
        every = reference.probabilities(row)
        y = np.array([[*key, *[0] * (timesteps - len(key))] for key in every])
        batch = np.repeat(row[None], len(y), axis=0)
        found, counts = losses(y, batch, classes=classes)
        np.testing.assert_allclose(
            found, -np.log(list(every.values())), atol=2e-5
        )
        lengths = [max(len(key), 1) for key in every]
        np.testing.assert_array_equal(counts, lengths)


def random_rows(batch=30, timesteps=12, labels=6, classes=5):
    """Logits, labels that fit, their lengths, and a mask with holes."""
    x = logits(batch, timesteps, classes)
    lengths = RNG.integers(0, labels + 1, batch)
    y = RNG.integers(1, classes, (batch, labels))
    y = np.where(np.arange(labels) < lengths[:, None], y, 0)
    return x, y, lengths


def test_is_the_loss_of_keras():
    """On both backends, where rows are padded on the right."""
    x, y, lengths = random_rows()
    steps = RNG.integers(11, 13, len(x))
    mask = np.arange(12) < steps[:, None]
    x, y, lengths, steps, mask = (
        part[lengths > 0] for part in (x, y, lengths, steps, mask)
    )
    found, counts = losses(y, x, mask, classes=5)
    expected = ops.ctc_loss(y.astype("int32"), x, lengths, steps)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_array_equal(counts, lengths)


@pytest.mark.parametrize("side", ["left", "right", "holes"])
def test_a_masked_step_is_as_if_it_were_not_there(side):
    x, y, _ = random_rows(timesteps=16, labels=4)
    kept = 12
    place = np.argsort(RNG.uniform(size=(len(x), 16)), axis=1)
    mask = {
        "left": np.arange(16) >= 4,
        "right": np.arange(16) < kept,
        "holes": place < kept,
    }[side]
    mask = np.broadcast_to(mask, (len(x), 16))
    left = x[mask].reshape(len(x), kept, -1)
    x = np.where(mask[..., None], x, 50 * logits(*x.shape, seed=2))
    expected, _ = losses(y, left, classes=5)
    np.testing.assert_allclose(losses(y, x, mask, 5)[0], expected, rtol=1e-5)
    slope = gradient(y, x, mask)
    assert not slope[~mask].any()
    np.testing.assert_allclose(
        slope[mask].reshape(left.shape), gradient(y, left), atol=1e-5
    )


def test_gradients_are_finite_differences():
    x, y, _ = random_rows(batch=5, timesteps=5, labels=3, classes=4)
    y[0] = [1, 1, 1]
    slope = gradient(y, x)
    width = 1e-2
    shifts = width * np.eye(x[0].size, dtype="float32").reshape(-1, *x[0].shape)
    for row in range(len(x)):
        many = np.repeat(y[row : row + 1], len(shifts), axis=0)
        up, down = (losses(many, x[row] + s)[0] for s in (shifts, -shifts))
        expected = (up - down) / (2 * width)
        np.testing.assert_allclose(slope[row].ravel(), expected, atol=2e-3)


def test_long_sequences_stay_exact():
    """Where likelihoods are far below what float32 holds."""
    x = logits(2, 500, 6, scale=5.0)
    y = RNG.integers(1, 6, (2, 60))
    found, _ = losses(y, x, classes=6)
    gains = reference.log_softmax(x)
    expected = []
    for row in range(2):
        labels = [0, *itertools.chain(*((c, 0) for c in y[row]))]
        alpha = np.full(len(labels), -np.inf)
        alpha[0] = 0
        for gain in gains[row]:
            new = np.logaddexp(alpha, np.append(-np.inf, alpha[:-1]))
            for s in range(3, len(labels), 2):
                if labels[s] != labels[s - 2]:
                    new[s] = np.logaddexp(new[s], alpha[s - 2])
            alpha = new + gain[labels]
        expected.append(-np.logaddexp(alpha[-1], alpha[-2]))
    assert min(expected) > 1000
    np.testing.assert_allclose(found, expected, rtol=2e-6)


# === Rows that say nothing, or too much ===


def test_rows_without_labels_are_all_blank():
    x = logits(3, 4, 4)
    found, counts = losses(np.zeros((3, 2), int), x)
    expected = -reference.log_softmax(x)[..., 0].sum(axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_array_equal(counts, [1, 1, 1])
    same, _ = losses(np.zeros((3, 0), int), x)
    np.testing.assert_allclose(same, expected, rtol=1e-5)


def test_rows_without_an_alignment_count_nothing():
    """And leave the gradients of others as they are."""
    x = logits(4, 3, 4)
    mask = np.ones((4, 3), bool)
    mask[3] = False
    # Four labels; a repeat that takes a blank; a fit; one label, no step.
    y = np.array([[1, 2, 3, 1], [2, 1, 1, 0], [1, 2, 3, 0], [1, 0, 0, 0]])
    found, counts = losses(y, x, mask)
    np.testing.assert_array_equal(counts, [0, 0, 3, 0])
    np.testing.assert_array_equal(found[[0, 1, 3]], 0)
    slope = gradient(y, x, mask)
    assert not slope[[0, 1, 3]].any()
    np.testing.assert_allclose(slope[2:3], gradient(y[2:3], x[2:3]), atol=1e-6)


def test_no_step_and_no_label_is_certain():
    found, counts = losses([[0]], logits(1, 3, 4), np.zeros((1, 3), bool))
    np.testing.assert_array_equal(found, [0])
    np.testing.assert_array_equal(counts, [1])


def test_certain_logits_leave_gradients_finite():
    y = np.array([[1, 2], [1, 1]])
    x = np.zeros((2, 4, 3), "float32")
    x[..., 0] = 1e4
    assert np.isfinite(losses(y, x, classes=3)[0]).all()
    assert np.isfinite(gradient(y, x)).all()


# === The layer ===


def test_is_linear_in_float32():
    features = logits(2, 4, 5)
    head = CTCHead(3, dtype="mixed_bfloat16")
    outputs = head(features)
    kernel, bias = (ops.convert_to_numpy(w) for w in head.weights)
    np.testing.assert_allclose(outputs, features @ kernel + bias, rtol=1e-5)
    assert outputs.dtype == "float32"


def test_best_is_what_the_searches_say():
    """A beam finds what has the least loss of all labels."""
    x, head = logits(20, 4, 3, scale=1.0), CTCHead(3)
    best = ops.convert_to_numpy(head.best(x, beam_width=40))
    assert best.shape == (20, 4) and best.dtype == "int32"
    for row in range(20):
        every = reference.probabilities(x[row])
        labels = max(every, key=every.get)
        assert tuple(best[row, : len(labels)]) == labels
        assert not best[row, len(labels) :].any()
    own = CTCHead(3, beam_width=40)
    np.testing.assert_array_equal(own.best(x), best)
    greedy = ops.convert_to_numpy(head.best(x))
    np.testing.assert_array_equal(own.decisions(x), greedy)
    np.testing.assert_array_equal(head.decisions(x), greedy)
    expected = [reference.collapse(row) for row in x.argmax(-1)]
    assert [tuple(int(i) for i in row if i) for row in greedy] == expected
    assert (best != greedy).any()


def test_comes_back_from_its_config():
    head = CTCHead(3, beam_width=4, name="mine")
    again = CTCHead.from_config(head.get_config())
    assert (again.name, again.kind, again.units) == ("mine", "ctc", 3)
    assert again.beam_width == 4
    assert again.dtype_policy == head.dtype_policy
    assert head.default_loss() is None
    (metric,) = head.default_metrics()
    assert type(metric) is EditDistance and metric.name == "edit_distance"


def test_log_probability_takes_padding_beyond_the_steps():
    x, y = logits(2, 3, 4), np.array([[1, 2], [3, 0]])
    wide = np.pad(y, ((0, 0), (0, 5)))
    np.testing.assert_allclose(
        log_probability(wide, x), log_probability(y, x), rtol=1e-6
    )


# === What is wrong ===


@pytest.mark.parametrize("num_outputs", [1, 0, 2.5])
def test_too_few_outputs(num_outputs):
    with pytest.raises(ValueError, match=f"num_outputs={num_outputs}"):
        CTCHead(num_outputs)


def test_no_beam():
    with pytest.raises(ValueError, match="beam_width=0"):
        CTCHead(3, beam_width=0)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([[1, 2, 3], [3, 3, 0]], None),
        ([[], []], None),
        ([[1], [2], [3]], r"shape \(2, labels\).*shape \(3, 1\)"),
        ([[1.0], [2.0]], "integer labels.*float64"),
        ([1, 2], r"Received: int64 of the shape \(2,\)"),
        ([[1], [4]], "`y` holds the label 4.*labels are 1 to 3, and 0 pads"),
        ([[1], [-1]], "holds the label -1"),
        ([[1, 0], [0, 2]], r"pad \(0\) before the last label of row 1"),
        ([[1, 2, 0], [1, 1, 2]], "row 1 .*needs 4 steps.*and has 3"),
    ],
)
def test_labels_that_cannot_be_meant(y, message):
    head, valid = CTCHead(4), np.array([[1, 1, 1, 1], [0, 1, 1, 1]], bool)
    y = np.array(y, dtype=int if y == [[], []] else None)
    if message is None:
        head.check("y", y, (2, 4), valid)
        return
    with pytest.raises(ValueError, match=message):
        head.check("y", y, (2, 4), valid)
    if "needs 4 steps" in message:
        head.check("y", y, (2, 4))
