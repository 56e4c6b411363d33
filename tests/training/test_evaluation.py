import numpy as np
import pytest

from rnnzoo.training import evaluation, scores
from rnnzoo.training.evaluation import score_texts
from tests.training.notes import Notes


class Shouter:
    """Says its texts in capitals, and then with marks behind them."""

    def __init__(self):
        self.options = []

    def generate(self, source, **options):
        self.options.append(options)
        marks = range(options["n_best"])
        return [
            [(text.upper() + "!" * mark, -0.5 - mark) for mark in marks]
            for text in source
        ]


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
    expected = scores.score(written, EXAMPLES["target"])
    assert expected["chrf"] == 75.0 and expected["exact_match"] == 0.75
    assert run.metrics == {
        **{f"test/{name}": expected[name] for name in expected},
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
    assert "Test: 4 examples, greedy search" in out
    for name in ("samples.txt", "scores.txt"):
        assert run.texts[name] in out
    assert "th     D          ?         no     d" in run.texts["samples.txt"]
    assert "exact match      75.00%\n" in run.texts["scores.txt"] + "\n"
    (line,) = [x for x in run.texts["scores.txt"].split("\n") if "chrF" in x]
    assert line.split() == ["chrF", "75.00", scores.signatures()["chrf"]]


def test_scores_without_groups():
    run, model = Notes(), Shouter()
    score_texts(model, EXAMPLES, run)
    assert model.options == [
        {"beam_width": 1, "length_penalty": 1.0, "n_best": 1}
    ]
    assert set(run.metrics) == {
        "test/bleu",
        "test/bleu_lowercased",
        "test/chrf",
        "test/exact_match",
        "perf/test_seconds",
    }
    assert set(run.texts) == {"samples.txt", "scores.txt", "predictions.txt"}
    assert run.texts["predictions.txt"] == "A\nB\nC\nD\n"


def test_the_n_best_are_written_and_the_best_is_scored(capsys):
    run, model = Notes(), Shouter()
    written = score_texts(
        model, EXAMPLES, run, beam_width=4, length_penalty=0.6, n_best=2
    )
    assert written == ["A", "B", "C", "D"]
    assert model.options == [
        {"beam_width": 4, "length_penalty": 0.6, "n_best": 2}
    ]
    assert run.texts["n_best.tsv"].split("\n")[:5] == [
        "source\trank\tscore\ttext",
        "a\t1\t-0.5000\tA",
        "a\t2\t-1.5000\tA!",
        "b\t1\t-0.5000\tB",
        "b\t2\t-1.5000\tB!",
    ]
    assert "beams of 4, length penalty 0.6" in capsys.readouterr().out


def test_files_have_one_line_for_each_text_whatever_is_in_it():
    assert evaluation.lines(["a\nb", "", "c\u2028d\r\n"]) == "a b\n\nc d\n"
    table = evaluation.n_best_table(["a\tb"], [[("c\nd\t", -0.25)]])
    assert table.split("\n")[1:] == ["a b\t1\t-0.2500\tc d ", ""]


def test_an_empty_test_set_is_refused():
    with pytest.raises(ValueError, match="0 texts and 0 targets"):
        score_texts(Shouter(), {"source": [], "target": []}, Notes())


class Describer:
    """Says how bright an image is."""

    def generate(self, images, beam_width):
        assert beam_width == 2
        return ["dark" if np.mean(image) < 0.5 else "lit" for image in images]


def test_captions_are_right_if_they_are_one_of_several():
    run = Notes()
    images = np.array([0.1, 0.9, 0.8]).reshape(3, 1, 1, 1)
    captions = [("black", "dark"), ("bright",), ("lit",)]
    written = evaluation.score_captions(
        Describer(), images, captions, run, beam_width=2
    )
    assert written == ["dark", "lit", "lit"]
    assert run.metrics["test/exact_match"] == pytest.approx(2 / 3)
    samples = run.texts["samples.txt"].split("\n")[2:]
    assert [line.split() for line in samples] == [
        ["dark", "dark", "yes", "image", "1"],
        ["lit", "bright", "no", "image", "2"],
        ["lit", "lit", "yes", "image", "3"],
    ]
