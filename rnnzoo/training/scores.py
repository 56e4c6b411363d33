"""How good generated texts are, in the numbers that papers report."""

import itertools

from rnnzoo.training import report

# What each score is called where people read it, in the order of reading.
LABELS = {
    "bleu": "BLEU",
    "bleu_lowercased": "BLEU lowercased",
    "chrf": "chrF",
    "exact_match": "exact match",
}
NAMES = tuple(LABELS)


def score(predictions, references, metrics=NAMES):
    """Compares texts with what they should be, all of them at once.

    BLEU and chrF are those of sacreBLEU with its default settings, Post 2018,
    https://aclanthology.org/W18-6319, so that they equal those of others on
    plain text, without subwords or tokens of one's own.

    Args:
        predictions: list of str.
        references: list of str, one for each prediction; or of tuples of
            str, all that would be right, one at least.
        metrics: names among `NAMES`: "bleu", cased, tokenised as in "13a";
            "bleu_lowercased", the same of both in lower case; "chrf";
            "exact_match".

    Returns:
        dict from name to float: BLEU and chrF from 0 to 100, exact match from
        0 to 1.

    Raises:
        ValueError: no texts, not one reference for each, an unknown metric.
    """
    report.check_pairs(predictions, references)
    check_names(metrics)
    references = [(r,) if isinstance(r, str) else r for r in references]
    # SacreBLEU wants all first references, then all second ones, ...
    streams = [list(s) for s in itertools.zip_longest(*references)]
    found = {}
    for name in metrics:
        if name == "exact_match":
            pairs = zip(predictions, references, strict=True)
            found[name] = sum(p in r for p, r in pairs) / len(references)
        else:
            corpus_score = _sacrebleu(name).corpus_score
            found[name] = corpus_score(predictions, streams).score
    return found


def signatures(metrics=NAMES):
    """What makes a score of sacreBLEU repeatable: its settings and version.

    Args:
        metrics: names among `NAMES`.

    Returns:
        dict from name to str, such as "nrefs:1|case:mixed|...|version:2.6.0";
        exact match needs none.
    """
    found = {}
    for name in check_names(metrics):
        if name != "exact_match":
            metric = _sacrebleu(name)
            metric.num_refs = 1
            found[name] = str(metric.get_signature())
    return found


def number(name, value):
    """A score as it is read: "28.31", and "66.67%" for exact match."""
    return f"{value:.2%}" if name == "exact_match" else f"{value:.2f}"


def check_names(metrics):
    """The names of some metrics, after a look whether all exist.

    Raises:
        ValueError: an unknown name, or one str instead of several.
    """
    unknown = [name for name in metrics if name not in NAMES]
    if isinstance(metrics, str) or unknown:
        raise ValueError(
            f"Got metrics={metrics!r}; give a tuple of names among "
            f"{', '.join(NAMES)}."
        )
    return metrics


def _sacrebleu(name):
    """A new metric of sacreBLEU, which remembers the texts it has seen."""
    try:
        from sacrebleu.metrics import BLEU, CHRF
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"The score {name!r} needs the module {error.name!r}, which is "
            "not installed: run `pip install 'rnnzoo[recipes]'`.",
            name=error.name,
        ) from error
    if name == "chrf":
        return CHRF()
    # `force` only silences the advice about texts that look tokenised.
    return BLEU(lowercase=name == "bleu_lowercased", force=True)
