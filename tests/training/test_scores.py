import logging
import math
import sys

import pytest

from rnnzoo.training import scores

PREDICTIONS = ["The cat sat on the mat.", "two Dogs ran away"]
REFERENCES = ["The cat sat on a mat.", "Two dogs ran away"]


def bleu(matches, totals, length, reference_length):
    """Papineni et al. 2002, from counts of n-grams."""
    precisions = [m / t for m, t in zip(matches, totals, strict=True)]
    logarithms = sum(map(math.log, precisions)) / len(precisions)
    brevity = min(0.0, 1 - reference_length / length)
    return 100 * math.exp(brevity + logarithms)


def test_bleu_is_that_of_the_paper_cased_and_lowercased():
    found = scores.score(PREDICTIONS, REFERENCES)
    # The full stop is a token of its own: 7 and 4 tokens on either side.
    # n-grams of one to four: 6 + 2, 4 + 1, 2 + 0, 1 + 0 are right.
    expected = bleu([8, 5, 2, 1], [11, 9, 7, 5], 11, 11)
    assert found["bleu"] == pytest.approx(expected, rel=1e-6)
    # In lower case, all of the second text is: 6 + 4, 4 + 3, 2 + 2, 1 + 1.
    expected = bleu([10, 7, 4, 2], [11, 9, 7, 5], 11, 11)
    assert found["bleu_lowercased"] == pytest.approx(expected, rel=1e-6)
    assert list(found) == ["bleu", "bleu_lowercased", "chrf", "exact_match"]
    assert found["exact_match"] == 0.0


def test_bleu_punishes_what_is_too_short():
    short = ["a b c d e f g h"]
    long = ["a b c d e f g h i j"]
    found = scores.score(short, long, ["bleu"])
    assert found == {"bleu": pytest.approx(100 * math.exp(1 - 10 / 8))}


def test_chrf_of_one_letter():
    """All n-grams are the letter itself: precision 1/2, recall 1."""
    found = scores.score(["ab"], ["a"], ["chrf"])
    assert found == {"chrf": pytest.approx(100 * 5 * 0.5 / (4 * 0.5 + 1))}


def test_what_is_right_has_every_score_in_full():
    assert scores.score(REFERENCES, REFERENCES) == {
        "bleu": pytest.approx(100.0),
        "bleu_lowercased": pytest.approx(100.0),
        "chrf": pytest.approx(100.0),
        "exact_match": 1.0,
    }


def test_any_of_several_references_is_right():
    references = [("nothing like it", PREDICTIONS[0]), ("Two dogs ran away",)]
    found = scores.score(PREDICTIONS, references, ("bleu", "exact_match"))
    assert found["exact_match"] == 0.5
    # The second text has four tokens, two of them side by side right.
    expected = bleu([9, 7, 5, 4], [11, 9, 7, 5], 11, 11)
    assert found["bleu"] == pytest.approx(expected, rel=1e-6)


def test_only_what_is_asked_for():
    found = scores.score(PREDICTIONS, PREDICTIONS, ("exact_match",))
    assert found == {"exact_match": 1.0}


def test_nothing_written_is_a_score_of_zero():
    found = scores.score(["", ""], REFERENCES)
    assert found == dict.fromkeys(scores.NAMES, 0.0)


def test_tokenised_text_gives_no_advice(caplog):
    with caplog.at_level(logging.WARNING):
        scores.score(["a b c d ."] * 200, ["a b c d ."] * 200)
    assert caplog.records == []


def test_signatures_tell_the_settings():
    found = scores.signatures()
    assert list(found) == ["bleu", "bleu_lowercased", "chrf"]
    assert found["bleu"].startswith(
        "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2."
    )
    assert "case:lc|eff:no|tok:13a" in found["bleu_lowercased"]
    assert "nc:6|nw:0" in found["chrf"]
    assert scores.signatures(("exact_match",)) == {}


def test_number():
    assert scores.number("bleu_lowercased", 28.306) == "28.31"
    assert scores.number("exact_match", 2 / 3) == "66.67%"


@pytest.mark.parametrize("metrics", ["bleu", ("bleu", "rouge")])
def test_unknown_scores_are_refused(metrics):
    with pytest.raises(ValueError, match="bleu, bleu_lowercased, chrf, exact"):
        scores.score(PREDICTIONS, REFERENCES, metrics)


def test_unpaired_texts_are_refused():
    with pytest.raises(ValueError, match="2 texts and 1 targets"):
        scores.score(PREDICTIONS, REFERENCES[:1])


def test_without_sacrebleu_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics", None)
    with pytest.raises(ModuleNotFoundError, match=r"rnnzoo\[recipes\]"):
        scores.score(PREDICTIONS, REFERENCES)
    assert scores.score(["a"], ["a"], ("exact_match",)) == {"exact_match": 1.0}
