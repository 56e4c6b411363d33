import numpy as np
import pytest

from rnnzoo.training.value_scores import score_values
from tests.training.notes import Notes


def test_errors_overall_and_by_how_far_ahead(capsys):
    run = Notes()
    targets = np.zeros((5, 16, 2))
    outputs = targets + np.arange(16)[:, None] * [1, -1]
    found = score_values(outputs, targets, run)
    assert found == {"mse": 77.5, "mae": 7.5}
    assert run.metrics == {"test/mse": 77.5, "test/mae": 7.5}
    lines = run.texts["scores.txt"].split("\n")
    assert lines[2].split() == ["all", "77.5", "7.5"]
    assert lines[3].split() == ["1", "to", "2", "0.5", "0.5"]
    assert lines[-2].split() == ["15", "to", "16", "210.5", "14.5"]
    out = capsys.readouterr().out
    assert "Test: 5 examples, MSE 77.5, MAE 7.5\n" in out
    assert run.texts["scores.txt"] in out


def test_one_value_each(capsys):
    run = Notes()
    score_values([[1.0], [2.0]], [[1.0], [4.0]], run)
    assert run.metrics == {"test/mse": 2.0, "test/mae": 1.0}
    assert "steps ahead" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("outputs", "targets", "words"),
    [
        (np.ones((3, 1)), np.ones(3), r"the shape \(3, 1\), and targets of th"),
        ([np.nan], [0.0], "NaN or infinity"),
        ([], [], "0 predictions and 0 targets"),
    ],
)
def test_what_cannot_be_compared_is_refused(outputs, targets, words):
    with pytest.raises(ValueError, match=words):
        score_values(outputs, targets, Notes())
