import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from rnnzoo.training import class_scores
from tests.training.notes import Notes

NAMES = ["cat", "dog", "eel"]
LOGITS = np.array(
    [[2, 0, 0], [0, 3, 1], [0, 1, 3], [4, 0, 0], [0, 1, 0.5], [0, 2, 1]]
)
PREDICTED = [0, 1, 2, 0, 1, 1]
TARGETS = np.array([0, 1, 1, 0, 1, 2])
SOURCE = ["a\tmew", "b", "c", "d", "e", "f"]


def test_numbers_are_those_of_scikit_learn(capsys):
    run = Notes()
    found = class_scores.score_classes(LOGITS, TARGETS, NAMES, run, SOURCE)
    assert found == ["cat", "dog", "eel", "cat", "dog", "dog"]
    assert run.metrics == {
        "test/accuracy": accuracy_score(TARGETS, PREDICTED),
        "test/macro_f1": pytest.approx(
            f1_score(TARGETS, PREDICTED, average="macro"), abs=1e-12
        ),
    }
    assert run.texts["classes.txt"].split("\n") == [
        "class  precision  recall  F1      examples",
        "-----  ---------  ------  ------  --------",
        "cat    100.0%     100.0%  100.0%  2",
        "dog    66.7%      66.7%   66.7%   3",
        "eel    0.0%       0.0%    0.0%    1",
        "",
    ]
    assert run.texts["confusions.txt"].split("\n")[2:] == [
        "1      dog       eel",
        "1      eel       dog",
        "",
    ]
    (image,) = run.figures["confusion_matrix.png"].axes[0].images
    np.testing.assert_allclose(
        image.get_array(), [[1, 0, 0], [0, 2 / 3, 1 / 3], [0, 1, 0]]
    )
    out = capsys.readouterr().out
    assert "Test: 6 examples, accuracy 66.67%, macro F1 55.56%\n" in out
    assert run.texts["classes.txt"] in out and run.texts["samples.txt"] in out
    assert "cat        cat       yes    a mew" in out
    assert "dog        eel       no     f" in out


def test_a_class_that_is_nowhere_does_not_count_nor_an_unknown_target():
    run = Notes()
    names = [*NAMES, "fox"]
    targets = [0, 1, 1, 0, -1, -1]
    class_scores.score_classes(PREDICTED, targets, names, run)
    expected = f1_score(targets[:4], PREDICTED[:4], average="macro")
    assert run.metrics == {
        "test/accuracy": 0.75,
        "test/macro_f1": pytest.approx(expected, abs=1e-12),
    }
    assert "samples.txt" not in run.texts
    assert "fox    0.0%       0.0%    0.0%    0" in run.texts["classes.txt"]


def test_of_many_classes_the_weakest_are_printed(capsys):
    targets = np.arange(30)
    predicted = np.where(targets == 7, 8, targets)
    names = [f"class{n}" for n in range(30)]
    run = Notes()
    class_scores.score_classes(predicted, targets, names, run)
    out = capsys.readouterr().out
    assert "The 20 weakest of 30; all: classes.txt\n" in out
    shown = [line.split()[0] for line in out.splitlines() if "%" in line][1:]
    assert shown[:2] == ["class7", "class8"] and len(shown) == 20
    assert run.texts["classes.txt"].count("\n") == 32


def test_tags_are_counted_one_by_one_and_sequence_by_sequence(capsys):
    predicted = [np.array([0, 1, 1]), np.array([2]), np.array([0, 0])]
    targets = [np.array([0, 1, -1]), np.array([2]), np.array([0, 1])]
    source = [["the", "dog", "barks"], ["so"], ["a", "cat"]]
    run = Notes()
    class_scores.score_tags(predicted, targets, NAMES, run, source)
    assert run.metrics == {
        "test/accuracy": 0.8,
        "test/macro_f1": pytest.approx((0.8 + 2 / 3 + 1) / 3),
        "test/sequence_accuracy": pytest.approx(2 / 3),
    }
    assert "sequence accuracy 66.67%" in capsys.readouterr().out
    lines = run.texts["samples.txt"].split("\n")
    assert lines[4].split("  ")[:1] == ["a/cat cat/cat"]
    assert "a/cat cat/dog" in lines[4] and lines[4].endswith("no     a cat")
    assert "barks/?" in lines[2]


def test_characters_of_the_same_tag_stand_together():
    run = Notes()
    rows = [np.array([0, 0, 2, 1])]
    class_scores.score_tags(rows, rows, NAMES, run, ["ab c"])
    assert "ab/cat c/dog  ab/cat c/dog  yes    ab c" in run.texts["samples.txt"]


@pytest.mark.parametrize(
    ("predicted", "targets", "words"),
    [
        ([], [], "0 predictions and 0 targets"),
        ([0, 1], [0], "2 predictions and 1 targets"),
        (np.ones((1, 2)), [0], "logits of 2 classes and 3 names"),
        ([[0, np.nan, 1]], [0], "gives NaN or infinity for some examples"),
        ([0.5], [0], "predicted classes are float64"),
        ([0], [[0]], r"expected classes are int64 of the shape \(1, 1\)"),
        ([3], [0], "predicted classes hold the id 3, and there are 3"),
        ([-1], [0], "predicted classes hold the id -1"),
        ([0], [4], "expected classes hold the id 4"),
        ([0], [-1], "No example has a known class"),
    ],
)
def test_what_cannot_be_compared_is_refused(predicted, targets, words):
    with pytest.raises(ValueError, match=words):
        class_scores.score_classes(predicted, targets, NAMES, Notes())


def test_rows_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="Sequence 2 has 1 predicted tags, a"):
        class_scores.score_tags([[0], [1]], [[0], [1, 1]], NAMES, Notes())
