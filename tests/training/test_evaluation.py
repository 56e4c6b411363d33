import pytest

from rnnzoo.training.evaluation import score_texts


class Shouter:
    def generate(self, source):
        return [text.upper() for text in source]


class Notes:
    """A run that only remembers."""

    def __init__(self):
        self.metrics = {}
        self.texts = {}

    def log_metrics(self, metrics, step=0):
        self.metrics |= metrics

    def log_text(self, text, path):
        self.texts[path] = text


EXAMPLES = {
    "source": ["a", "b", "c", "d"],
    "target": ["A", "B", "C", "?"],
    "locale": ["de", "th", "de", "th"],
}


def test_scores_are_logged_overall_and_by_group(capsys):
    run = Notes()
    written = score_texts(Shouter(), EXAMPLES, run, by="locale")
    assert written == ["A", "B", "C", "D"]
    assert run.metrics.pop("perf/test_seconds") > 0
    assert run.metrics == {
        "test/exact_match": 0.75,
        "test/exact_match_by_locale/de": 1.0,
        "test/exact_match_by_locale/th": 0.5,
    }
    assert run.texts["exact_match_by_locale.txt"].split("\n") == [
        "locale  right   of",
        "------  ------  --",
        "de      100.0%  2",
        "th      50.0%   2",
    ]
    out = capsys.readouterr().out
    assert "Test: 75.00% of 4 examples are exactly right" in out
    assert run.texts["samples.txt"] in out
    assert "th  D          ?         no     d" in run.texts["samples.txt"]


def test_scores_without_groups():
    run = Notes()
    score_texts(Shouter(), EXAMPLES, run)
    assert set(run.metrics) == {"test/exact_match", "perf/test_seconds"}
    assert set(run.texts) == {"samples.txt"}


def test_an_empty_test_set_is_refused():
    with pytest.raises(ValueError, match="0 texts and 0 targets"):
        score_texts(Shouter(), {"source": [], "target": []}, Notes())
