import keras
import numpy as np
import pytest
from sacrebleu.metrics import BLEU

from rnnzoo.metrics import Bleu


def corpus(rows=30):
    rng = np.random.default_rng(0)
    words = np.array(["a", "the", "Cat", "cat", "dog", "saw", "sat.", "it's"])
    references, hypotheses = [], []
    for _ in range(rows):
        text = rng.choice(words, rng.integers(3, 12))
        other = np.where(rng.uniform(size=len(text)) < 0.8, text, "The")
        references.append(" ".join(text))
        hypotheses.append(" ".join(other[: rng.integers(2, 12)]))
    return references, hypotheses


def update(metric, references, hypotheses):
    for cut in (slice(0, 1), slice(1, 9), slice(9, None)):
        metric.update_state(references[cut], hypotheses[cut])


@pytest.mark.parametrize(
    "options",
    [{}, {"lowercase": True}, {"tokenize": "char"}, {"tokenize": "intl"}],
)
def test_of_a_corpus_in_parts(options):
    references, hypotheses = corpus()
    whole = BLEU(**options).corpus_score(hypotheses, [references]).score
    assert 20 < whole < 90
    metric = Bleu(**options)
    for _ in range(2):
        update(metric, references, hypotheses)
        assert abs(metric.result() - whole) <= 1e-9
        metric.reset_state()
    assert metric.result() == 0


def test_several_references_and_not_as_many_for_all():
    references, hypotheses = corpus()
    others = references[1:] + references[:1]
    pairs = [list(pair) for pair in zip(references, others, strict=True)]
    pairs[3], pairs[4] = pairs[3][:1], pairs[4][0]
    others[3] = others[4] = None
    whole = BLEU().corpus_score(hypotheses, [references, others]).score
    metric = Bleu()
    update(metric, pairs, hypotheses)
    assert abs(metric.result() - whole) <= 1e-9


def test_smoothing_is_that_of_a_corpus():
    """No 4-gram agrees in either part, nor in both together."""
    references, hypotheses = ["a b c x", "d e"], ["a b c y", "d f"]
    whole = BLEU().corpus_score(hypotheses, [references]).score
    metric = Bleu()
    for pair in zip(references, hypotheses, strict=True):
        metric.update_state(*([text] for text in pair))
    assert abs(metric.result() - whole) <= 1e-9
    assert whole > 0


def test_signature():
    metric = Bleu(lowercase=True)
    metric.update_state(["a"], ["a"])
    assert metric.signature().startswith(
        "nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:"
    )


def test_comes_back_from_its_config():
    metric = Bleu(True, "char", name="mine")
    config = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(config)
    assert (again.lowercase, again.tokenize) == (True, "char")
    assert again.name == "mine"


@pytest.mark.parametrize(
    ("references", "hypotheses", "message"),
    [
        (np.ones((2, 3)), ["a", "b"], "lists of texts.* Received: array"),
        (["a", "b"], ["a"], "Received: 2 for 1"),
        ([["a"], []], ["a", "b"], r"Received: \[\]"),
        (["a"], [5], "compares texts. Received: 5. Decode ids"),
        ([], [], "lists of texts"),
    ],
)
def test_what_is_wrong(references, hypotheses, message):
    with pytest.raises(ValueError, match=message):
        Bleu().update_state(references, hypotheses)
