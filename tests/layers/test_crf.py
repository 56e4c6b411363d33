"""The recursions against all paths, one by one."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo.layers import crf
from tests.cells import tools

ROWS, TIMESTEPS, LABELS = 40, 5, 3
SEEDS = range(3)


class Case:
    """Random scores of many rows, each with a mask of its own."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        shape = (ROWS, TIMESTEPS, LABELS)
        self.emissions = rng.normal(size=shape).astype("float32")
        self.scores = [
            rng.normal(size=size).astype("float32")
            for size in ((LABELS, LABELS), LABELS, LABELS)
        ]
        self.labels = rng.integers(0, LABELS, shape[:2])
        self.mask = rng.random(shape[:2]) < 0.7
        # Nothing masked, on the right, on the left, a hole, nothing left.
        self.mask[:4] = np.array(
            [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1], [1, 0, 0, 1, 1]]
        )
        self.mask[4] = False

    def forbid(self):
        """Lets no label follow the next, none begin with 0, none end with 1.

        What is left: 1 or 2 first, then 0 -> 0, 2; 1 -> 0, 1; 2 -> 1, 2.
        """
        transitions, start, end = self.scores
        for label in range(LABELS):
            transitions[label, (label + 1) % LABELS] = crf.IMPOSSIBLE
        start[0] = end[1] = crf.IMPOSSIBLE
        return self


def paths_and_scores(case, row):
    """All paths of the valid steps of a row, and what each scores."""
    transitions, start, end = (s.astype("float64") for s in case.scores)
    e = case.emissions[row][case.mask[row]].astype("float64")
    paths = np.array([*itertools.product(range(LABELS), repeat=len(e))])
    scores = start[paths[:, 0]] + end[paths[:, -1]]
    scores += e[np.arange(len(e)), paths].sum(axis=1)
    scores += transitions[paths[:, :-1], paths[:, 1:]].sum(axis=1)
    return paths, scores


def log_sum_exp(scores):
    return scores.max() + np.log(np.exp(scores - scores.max()).sum())


def rows_with_steps(case):
    rows = np.nonzero(case.mask.any(axis=1))[0]
    assert len(rows) > ROWS / 2
    return rows


def call(function, *arguments):
    return keras.tree.map_structure(ops.convert_to_numpy, function(*arguments))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("forbidden", [False, True])
def test_log_partition(seed, forbidden):
    case = Case(seed).forbid() if forbidden else Case(seed)
    found = call(crf.log_partition, case.emissions, *case.scores, case.mask)
    for row in rows_with_steps(case):
        _, scores = paths_and_scores(case, row)
        np.testing.assert_allclose(found[row], log_sum_exp(scores), rtol=1e-5)
    assert found[4] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_log_likelihood(seed):
    case = Case(seed)
    # Known everywhere in the first half, and in the others here and there.
    unknown = np.random.default_rng(seed).random(case.mask.shape) < 0.5
    unknown[: ROWS // 2] = False
    labels = np.where(unknown, crf.UNKNOWN, case.labels)
    found = call(
        crf.log_likelihood, case.emissions, labels, *case.scores, case.mask
    )
    for row in rows_with_steps(case):
        paths, scores = paths_and_scores(case, row)
        given = labels[row][case.mask[row]]
        agree = ((paths == given) | (given == crf.UNKNOWN)).all(axis=1)
        expected = log_sum_exp(scores[agree]) - log_sum_exp(scores)
        np.testing.assert_allclose(found[row], expected, rtol=1e-5, atol=2e-6)
    assert found[4] == 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("forbidden", [False, True])
def test_viterbi(seed, forbidden):
    case = Case(seed).forbid() if forbidden else Case(seed)
    found, best = call(crf.viterbi, case.emissions, *case.scores, case.mask)
    assert found.dtype == "int32"
    for row in rows_with_steps(case):
        paths, scores = paths_and_scores(case, row)
        np.testing.assert_array_equal(
            found[row][case.mask[row]], paths[scores.argmax()]
        )
        np.testing.assert_allclose(best[row], scores.max(), rtol=1e-5)
    assert not found[~case.mask].any()
    assert best[4] == 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("forbidden", [False, True])
def test_marginals(seed, forbidden):
    case = Case(seed).forbid() if forbidden else Case(seed)
    found = call(crf.marginals, case.emissions, *case.scores, case.mask)
    for row in rows_with_steps(case):
        paths, scores = paths_and_scores(case, row)
        shares = np.exp(scores - log_sum_exp(scores))
        expected = shares @ np.eye(LABELS)[paths].reshape(len(paths), -1)
        np.testing.assert_allclose(
            found[row][case.mask[row]].ravel(), expected, atol=2e-6
        )
    assert not found[~case.mask].any()


def test_no_mask_is_one_that_is_set_everywhere():
    case = Case(0)
    everywhere = np.ones_like(case.mask)
    for function in (crf.log_partition, crf.viterbi, crf.marginals):
        for found, expected in zip(
            keras.tree.flatten(call(function, case.emissions, *case.scores)),
            keras.tree.flatten(
                call(function, case.emissions, *case.scores, everywhere)
            ),
            strict=True,
        ):
            np.testing.assert_array_equal(found, expected)


def test_what_is_masked_does_not_matter():
    """Neither emissions nor labels there, be they as large as they like."""
    case = Case(1)
    far = np.where(case.mask[..., None], case.emissions, 1e30)
    other = np.where(case.mask, case.labels, 77)
    for emissions, labels in ((far, case.labels), (case.emissions, other)):
        np.testing.assert_array_equal(
            call(
                crf.log_likelihood, emissions, labels, *case.scores, case.mask
            ),
            call(
                crf.log_likelihood,
                case.emissions,
                case.labels,
                *case.scores,
                case.mask,
            ),
        )


@pytest.mark.parametrize("compiled", [False, True])
def test_gradients(compiled):
    """Those of the log-partition are the marginals, forbidden labels or not."""
    case = Case(2).forbid()
    given = (case.emissions, *case.scores)

    def total(*given):
        return ops.sum(crf.log_partition(*given, case.mask))

    _, (by_emissions, *by_scores) = tools.gradients(total, [], given, compiled)
    expected = call(crf.marginals, *given, case.mask)
    np.testing.assert_allclose(by_emissions, expected, atol=2e-6)
    rows, steps = np.nonzero(case.mask)
    first = np.append(True, rows[1:] != rows[:-1])
    last = np.append(rows[1:] != rows[:-1], True)
    shares = expected[rows, steps]
    transitions, start, end = by_scores
    np.testing.assert_allclose(start, shares[first].sum(axis=0), rtol=1e-5)
    np.testing.assert_allclose(end, shares[last].sum(axis=0), rtol=1e-5)
    # Each step but the first came from somewhere, and from nowhere forbidden.
    into = shares[~first].sum(axis=0)
    np.testing.assert_allclose(transitions.sum(axis=0), into, rtol=1e-5)
    assert not transitions[case.scores[0] == crf.IMPOSSIBLE].any()


def test_gradients_are_finite_even_of_what_is_impossible():
    case = Case(3).forbid()
    labels = np.where(case.labels == 2, crf.UNKNOWN, case.labels)

    def total(*given):
        likelihoods = crf.log_likelihood(*given[:1], labels, *given[1:])
        return ops.sum(likelihoods)

    given = (case.emissions, *case.scores)
    value, found = tools.gradients(total, [], given)
    assert value < -1e29
    assert all(np.isfinite(gradient).all() for gradient in found)


def test_long_sequences_stay_exact():
    """The likelihood of a model that is sure, against float64."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, LABELS, (3, 2000))
    emissions = rng.normal(0, 2, size=(3, 2000, LABELS)).astype("float32")
    emissions += 8 * np.eye(LABELS, dtype="float32")[labels]
    scores = [np.float32(0.1) * s for s in Case(0).scores]
    transitions, start, end = (s.astype("float64") for s in scores)
    e = emissions.astype("float64")
    alpha, sums = start + e[:, 0], []
    path = start[labels[:, 0]] + e[np.arange(3), 0, labels[:, 0]]
    for t in range(1, 2000):
        sums = alpha[:, :, None] + transitions
        highest = sums.max(axis=1)
        alpha = e[:, t] + highest
        alpha += np.log(np.exp(sums - highest[:, None]).sum(axis=1))
        path += e[np.arange(3), t, labels[:, t]]
        path += transitions[labels[:, t - 1], labels[:, t]]
    path += end[labels[:, -1]]
    expected = path - [log_sum_exp(row) for row in alpha + end]
    assert (np.abs(expected) > 1).all()
    found = call(crf.log_likelihood, emissions, labels, *scores)
    np.testing.assert_allclose(found, expected, rtol=2e-4)


def test_scores_that_are_far_apart_stay_finite():
    rng = np.random.default_rng(0)
    emissions = rng.normal(0, 30, size=(2, 100, LABELS)).astype("float32")
    case = Case(0).forbid()
    for function in (crf.log_partition, crf.marginals):
        assert np.isfinite(call(function, emissions, *case.scores)).all()
