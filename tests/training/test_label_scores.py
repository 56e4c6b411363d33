import numpy as np
import pytest
from sklearn.metrics import f1_score

from rnnzoo.training import label_scores
from tests.training.notes import Notes

NAMES = ["joy", "fear", "love"]
RANDOM = np.random.RandomState(3)
LOGITS = RANDOM.normal(-1, 2, (40, 3))
TARGETS = (LOGITS + RANDOM.normal(1, 2, (40, 3)) > 0).astype(int)


def test_numbers_are_those_of_scikit_learn(capsys):
    run = Notes()
    source = [f"text {n}" for n in range(40)]
    found = label_scores.score_label_sets(
        LOGITS, TARGETS, NAMES, run, source=source
    )
    predicted = LOGITS >= 0
    assert run.metrics == {
        "test/micro_f1": pytest.approx(
            f1_score(TARGETS, predicted, average="micro")
        ),
        "test/macro_f1": pytest.approx(
            f1_score(TARGETS, predicted, average="macro")
        ),
        "test/exact_match": (predicted == TARGETS).all(axis=1).mean(),
    }
    assert [len(labels) for labels in found] == predicted.sum(axis=1).tolist()
    counts = TARGETS.sum(axis=0)
    lines = run.texts["classes.txt"].split("\n")
    assert [line.split()[0] for line in lines[2:5]] == NAMES
    assert [int(line.split()[-1]) for line in lines[2:5]] == counts.tolist()
    assert "(none)" in run.texts["samples.txt"]
    assert "from a probability of 0.5 on" in capsys.readouterr().out


@pytest.mark.parametrize("score", ["macro", "micro"])
def test_the_best_threshold_is_that_of_the_highest_score(score):
    def of(threshold):
        predicted = label_scores.probabilities(LOGITS) >= threshold
        return f1_score(TARGETS, predicted, average=score)

    found = label_scores.best_threshold(LOGITS, TARGETS, f"{score}_f1")
    scores = [of(n / 20) for n in range(1, 20)]
    assert of(found) == pytest.approx(max(scores)) and found < 0.5
    assert max(scores) > of(0.5) + 0.02
    run = Notes()
    label_scores.score_label_sets(LOGITS, TARGETS, NAMES, run, found)
    assert run.metrics[f"test/{score}_f1"] == pytest.approx(max(scores))


def test_of_thresholds_as_good_the_one_in_the_middle():
    assert label_scores.best_threshold([[9.0], [-9.0]], [[1], [0]]) == 0.5


def test_no_logit_is_too_large():
    found = label_scores.probabilities([-1e4, 0, np.log(3), 1e4])
    np.testing.assert_allclose(found, [0, 0.5, 0.75, 1], atol=1e-12)


@pytest.mark.parametrize(
    ("logits", "targets", "words"),
    [
        (np.ones((2, 3)), np.ones((2, 2)), r"targets of the shape \(2, 2\)"),
        (np.ones((2, 2)), np.ones((2, 2)), "and 3 names"),
        (np.ones((1, 3)), [[0, 1, 2]], "A target is 0 or 1"),
        (np.full((1, 3), np.nan), [[0, 1, 1]], "NaN or infinity"),
        (np.ones((0, 3)), np.ones((0, 3)), "0 predictions and 0 targets"),
    ],
)
def test_what_cannot_be_compared_is_refused(logits, targets, words):
    with pytest.raises(ValueError, match=words):
        label_scores.score_label_sets(logits, targets, NAMES, Notes())


def test_an_unknown_score_is_refused():
    with pytest.raises(ValueError, match="score='f1'; give one of macro_f1"):
        label_scores.best_threshold(LOGITS, TARGETS, "f1")
