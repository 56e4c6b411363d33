import numpy as np
import pytest

from rnnzoo.training.transcripts import score_transcripts
from tests.training.notes import Notes

NAMES = ("", "4", "0", "7", "1")


def test_strings_and_characters_are_scored(capsys):
    run = Notes()
    # 40 said and heard; 71 heard as 741; 7 not heard at all.
    heard = [np.array([1, 2]), np.array([3, 1, 4]), np.array([], int)]
    said = [np.array([1, 2]), np.array([3, 4]), np.array([3])]
    found = score_transcripts(heard, said, NAMES, run)
    assert found == {
        "exact_match": pytest.approx(1 / 3),
        "error_rate": pytest.approx(2 / 5),
    }
    assert run.metrics == {
        f"test/{name}": value for name, value in found.items()
    }
    assert run.texts["predictions.txt"] == "40\n741\n\n"
    told = capsys.readouterr().out
    assert "3 recordings, exact match 33.33%, error rate 40.00%" in told
    assert "741" in run.texts["samples.txt"]


def test_nothing_to_compare():
    with pytest.raises(ValueError, match="0 transcripts"):
        score_transcripts([], [], NAMES, Notes())
