import itertools
import re

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import metrics
from rnnzoo.layers import (
    CRFHead,
    Head,
    crf,
    forbidden_transitions,
    make_head,
)
from tests.cells import tools

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(6, 5, 4)).astype("float32")
LABELS = RNG.integers(0, 3, (6, 5))
MASK = RNG.random((6, 5)) < 0.6
MASK[0] = False

BIO = ["O", "B-A", "I-A", "B-B", "I-B"]


def random_head(num_outputs=3, **options):
    """With weights that are not zero."""
    head = CRFHead(num_outputs, **options)
    head.build(FEATURES.shape)
    rng = np.random.default_rng(1)
    for weight in head.weights:
        weight.assign(rng.normal(size=weight.shape))
    return head


# === Numbers ===


def test_emissions_are_linear():
    head = random_head()
    kernel, bias = (w.numpy() for w in head.emit.weights)
    expected = FEATURES @ kernel + bias
    np.testing.assert_allclose(head(FEATURES), expected, rtol=1e-5)
    found = head(FEATURES[:, 0])
    np.testing.assert_allclose(found, expected[:, 0], rtol=1e-5)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("float32", "float32"),
        ("mixed_bfloat16", "float32"),
        ("float64", tools.EXACT),
    ],
)
def test_emissions_are_float32_at_least(policy, expected):
    head = CRFHead(3, dtype=policy)
    outputs = head(ops.cast(FEATURES, "bfloat16"))
    assert outputs.dtype == expected
    losses, counts = head.sequence_losses(LABELS, outputs)
    assert (losses.dtype, counts.dtype) == ("float32", "float32")
    assert head.best(outputs).dtype == "int32"


def test_losses_are_negative_log_likelihoods():
    head = random_head()
    emissions = head(FEATURES)
    scores = (head.transitions, head.start, head.end)
    scores = map(ops.convert_to_tensor, scores)
    expected = crf.log_likelihood(emissions, LABELS, *scores, MASK)
    losses, counts = head.sequence_losses(LABELS, emissions, MASK)
    np.testing.assert_allclose(losses, -np.array(expected), rtol=1e-6)
    np.testing.assert_array_equal(counts, MASK.sum(axis=1))
    _, counts = head.sequence_losses(LABELS, emissions)
    np.testing.assert_array_equal(counts, [5] * 6)


def test_without_transitions_it_is_a_softmax():
    head = CRFHead(3)
    emissions = head(FEATURES)
    losses, _ = head.sequence_losses(LABELS, emissions)
    loss = Head(3).default_loss().call(LABELS, emissions)
    np.testing.assert_allclose(losses, ops.sum(loss, axis=1), rtol=1e-5)
    np.testing.assert_allclose(
        head.marginals(emissions), ops.softmax(emissions), rtol=1e-5
    )
    np.testing.assert_array_equal(
        head.best(emissions, MASK), Head(3).best(emissions, MASK)
    )


def test_metrics_are_of_the_best_labels():
    head = random_head()
    emissions = head(FEATURES)
    best = ops.convert_to_numpy(head.best(emissions, MASK))
    decisions = ops.convert_to_numpy(head.decisions(emissions, MASK))
    np.testing.assert_array_equal(decisions, np.eye(3)[best])
    (metric,) = head.default_metrics()
    assert type(metric) is metrics.StepAccuracy
    metric.update_state(LABELS, decisions, MASK)
    expected = (best == LABELS)[MASK].mean()
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)
    assert head.default_loss() is None


def test_what_is_forbidden_never_comes():
    """Over many random heads: not in the best labels, with no probability."""
    pairs = forbidden_transitions(BIO)
    allowed = np.ones((6, 6), bool)
    for before, after in pairs:
        allowed[-1 if before == "start" else before, after] = False
    emissions = RNG.normal(0, 5, size=(300, 7, 5)).astype("float32")
    free, bound = random_head(5), random_head(5, forbidden=pairs)

    def good(head):
        paths = ops.convert_to_numpy(head.best(emissions))
        before = np.concatenate([np.full((300, 1), -1), paths[:, :-1]], axis=1)
        return allowed[before, paths].all(axis=1).mean()

    assert good(free) < 0.5
    assert good(bound) == 1
    shares = ops.convert_to_numpy(bound.marginals(emissions))
    np.testing.assert_array_equal(shares[:, 0, [2, 4]], 0)
    assert (shares[:, 0, [0, 1, 3]] > 0).any(axis=0).all()


# === Tag schemes ===


@pytest.mark.parametrize(
    ("scheme", "spans"),
    [
        ("bio", "O|B I*"),
        ("iobes", "O|S|B I* E"),
    ],
)
def test_schemes_allow_spans_and_nothing_else(scheme, spans):
    """Every short sequence, against a regular expression of the scheme."""
    prefixes = sorted(set(spans) & set("BIES"))
    tags = ["O", *(f"{p}-{what}" for what in "XY" for p in prefixes)]
    one = [spans.replace(" ", "").replace("O|", "") for what in "XY"]
    # A letter for each tag: capitals for X, small ones for Y.
    letters = "O" + "".join(prefixes) + "".join(prefixes).lower()
    pattern = re.compile(f"(?:O|{one[0]}|{one[1].lower()})*")
    pairs = set(forbidden_transitions(tags, scheme))
    for length in (1, 2, 3):
        for path in itertools.product(range(len(tags)), repeat=length):
            whole = ("start", *path, "end")
            steps = zip(whole[:-1], whole[1:], strict=True)
            word = "".join(letters[label] for label in path)
            expected = pattern.fullmatch(word) is not None
            assert pairs.isdisjoint(steps) == expected, word


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((BIO, "bioo"), "Unknown scheme: 'bioo'. Did you mean 'bio'"),
        ((["O", "E-A"],), "B, I and a name, such as 'B-PER'. Received: 'E-A'"),
        ((["B"], "iobes"), "Received: 'B'"),
        ((["PER"],), "Received: 'PER'"),
    ],
)
def test_tags_that_are_none(arguments, message):
    with pytest.raises(ValueError, match=message):
        forbidden_transitions(*arguments)


# === Options ===


def test_comes_back_from_its_config():
    pairs = [("start", 1), (0, 2), (np.int64(1), "end")]
    head = CRFHead(3, forbidden=pairs, name="mine", dtype="mixed_bfloat16")
    config = keras.saving.serialize_keras_object(head)
    again = keras.saving.deserialize_keras_object(config)
    assert (again.name, again.kind, again.units) == ("mine", "crf", 3)
    assert again.forbidden == (("start", 1), (0, 2), (1, "end"))
    assert again.dtype_policy == head.dtype_policy


def test_a_head_is_a_template():
    head = random_head(forbidden=[(0, 1)], name="mine")
    made = make_head(head, 7, dtype="float64", name="head")
    assert (made.name, made.units, made.dtype) == ("head", 3, "float32")
    assert made.forbidden == ((0, 1),)
    assert not made.weights
    assert make_head(Head(4, "sigmoid"), 2).kind == "sigmoid"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "`num_outputs` must be a positive integer"),
        ((3, [(0, 3)]), r"labels from 0 to 2, .*Received: \(0, 3\)"),
        ((3, [(-1, 0)]), r"Received: \(-1, 0\)"),
        ((3, [(0,)]), r"Received: \(0,\)"),
        ((3, [(0, "start")]), r"Received: \(0, 'start'\)"),
        ((3, [("start", "end")]), r"Received: \('start', 'end'\)"),
        ((3, [2]), "Received: 2"),
        ((1, [("start", 0)]), "leaves no sequence of 1 labels"),
        ((2, [("start", 0), (1, 0), (1, 1)]), "no sequence of 2 labels"),
        ((2, [("start", 0), (1, 1), (0, 0), (0, "end")]), "of 2 labels"),
    ],
)
def test_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        CRFHead(*arguments)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[0, 1, 3]], "`y` holds the class id 3; the model has num_outputs=3"),
        ([[0, 1, -2]], "`y` holds the class id -2"),
        ([[0, 1]], r"integers of the shape \(1, 3\). Received: .*\(1, 2\)"),
        ([["a", "b", "c"]], "Received: <U1"),
        ([[0, 2, 0]], r"`y` goes from 0 to 2 \(row 0, step 1\), which `forb"),
        ([[1, 0, 0]], r"`y` goes from start to 1 \(row 0, step 0\)"),
        ([[0, 0, 1]], r"`y` goes from 1 to end \(row 0, step 2\)"),
    ],
)
def test_labels_that_cannot_be_meant(labels, message):
    head = CRFHead(3, forbidden=[(0, 2), ("start", 1), (1, "end")])
    with pytest.raises(ValueError, match=message):
        head.check("y", labels, (1, 3))


def test_a_forbidden_row_counts_nothing():
    """Data sets are not checked, and one such row would be the whole loss."""
    head = CRFHead(3, forbidden=[(0, 1)])
    emissions = head(np.ones((2, 3, 4), "float32"))
    labels = np.array([[0, 1, 2], [2, 1, 0]])
    losses, counts = head.sequence_losses(labels, emissions)
    assert np.asarray(counts).tolist() == [0, 3]
    assert losses[0] == 0 and 1 < losses[1] < 9


def test_pairs_may_be_an_array_or_none():
    assert CRFHead(3, forbidden=np.array([[0, 1]])).forbidden == ((0, 1),)
    assert CRFHead(3, forbidden=None).forbidden == ()


def test_labels_that_can():
    head = CRFHead(3, forbidden=[(0, 2), ("start", 1), (1, "end")])
    head.check("y", [[0, -1, 2], [-1, -1, -1], [2, 2, 2]], (3, 3))
    # 0 and 2 are neighbours of masked steps only, and of other rows.
    labels = np.array([[9, 2, 9, 0], [2, 9, 2, 9], [9] * 4])
    head.check("y", labels, (3, 4), labels != 9)
    with pytest.raises(ValueError, match=r"0 to 2 \(row 1, step 2\)"):
        head.check("y", [[0, 9, 0], [0, 9, 2]], (2, 3), [[1, 0, 1]] * 2)
    head.check("y", [[5, 5]], (1, 2), [[0, 0]])


@pytest.mark.parametrize("kind", ["sigmoid", "regression"])
def test_other_heads_have_no_best_label(kind):
    with pytest.raises(ValueError, match=f"Received: head='{kind}'"):
        Head(3, kind).best(FEATURES)
