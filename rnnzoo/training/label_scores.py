"""Scores a model whose examples may have several labels, or none."""

import numpy as np

from rnnzoo.training import class_scores, report

# What a threshold is chosen among.
_THRESHOLDS = np.arange(1, 20) / 20


def score_label_sets(logits, targets, names, run, threshold=0.5, source=None):
    """Compares sets of labels, and shows: overall, by label, in samples.

    Prints the results, and logs test/micro_f1, F1 over all labels of all
    examples; test/macro_f1, the mean F1 of the labels; and test/exact_match,
    the share of examples all of whose labels are right. Writes classes.txt,
    and samples.txt where sources can be shown.

    Args:
        logits: `(examples, labels)`.
        targets: 0 or 1 `(examples, labels)`.
        names: list of str, of the labels.
        run: a `tracking.Run` that has been entered.
        threshold: float. A label is there from this probability on.
        source: list of str, or None.

    Returns:
        list of lists of str: the names of the predicted labels.

    Raises:
        ValueError: arrays that do not fit each other; NaN among the logits; no
            examples.
    """
    logits, targets = _checked(logits, targets, names)
    predicted = probabilities(logits) >= threshold
    numbers = class_scores.class_numbers(
        predicted.astype(int), targets.astype(int), len(names)
    )
    found = {
        "micro_f1": micro_f1(predicted, targets),
        "macro_f1": macro_f1(predicted, targets),
        "exact_match": float((predicted == targets).all(axis=1).mean()),
    }
    run.log_metrics({f"test/{name}": found[name] for name in found})
    print(
        f"\nTest: {len(targets):,} examples, micro F1 {found['micro_f1']:.2%}, "
        f"macro F1 {found['macro_f1']:.2%}, exact match "
        f"{found['exact_match']:.2%}; labels from a probability of "
        f"{threshold:g} on\n"
    )
    class_scores.show_table(names, numbers, run, what="label")
    sets = [[names[n] for n in np.flatnonzero(row)] for row in predicted]
    if source is not None:
        goals = [[names[n] for n in np.flatnonzero(row)] for row in targets]
        shown = [
            [", ".join(labels) or "(none)" for labels in rows]
            for rows in (goals, sets)
        ]
        class_scores.show_samples(source, *shown, run)
    return sets


def best_threshold(logits, targets, score="macro_f1"):
    """The probability from which on labels are best taken for there.

    To be found on validation examples, never on those of the test.

    Args:
        logits: `(examples, labels)`.
        targets: 0 or 1 `(examples, labels)`.
        score: "macro_f1" or "micro_f1", what is to be highest.

    Returns:
        float, one of 0.05, 0.1, ..., 0.95; of several as good, the one nearest
        to 0.5.

    Raises:
        ValueError: an unknown score; what `score_label_sets` raises.
    """
    scores = {"macro_f1": macro_f1, "micro_f1": micro_f1}
    if score not in scores:
        raise ValueError(
            f"Got score={score!r}; give one of {', '.join(scores)}."
        )
    logits, targets = _checked(logits, targets, range(np.shape(logits)[-1]))
    shares = probabilities(logits)
    found = [
        (scores[score](shares >= threshold, targets), -abs(threshold - 0.5))
        for threshold in _THRESHOLDS
    ]
    return float(_THRESHOLDS[found.index(max(found))])


def probabilities(logits):
    """The logistic function of logits, float64."""
    # By tanh, which no large logit overflows.
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(logits, "float64"))


def micro_f1(predicted, targets):
    """F1 of bools `(examples, labels)`, over all of them at once."""
    both = 2 * (predicted & targets).sum()
    return float(both / max(predicted.sum() + targets.sum(), 1))


def macro_f1(predicted, targets):
    """The mean F1 of the labels; 0 for one that is nowhere."""
    both = 2 * (predicted & targets).sum(axis=0)
    counts = predicted.sum(axis=0) + targets.sum(axis=0)
    return float((both / np.maximum(counts, 1)).mean())


def _checked(logits, targets, names):
    logits, targets = np.asarray(logits), np.asarray(targets)
    report.check_pairs(logits, targets, "predictions")
    shape = (len(logits), len(names))
    if logits.shape != shape or targets.shape != shape:
        raise ValueError(
            f"Got logits of the shape {logits.shape}, targets of the shape "
            f"{targets.shape} and {len(names)} names; give both as (examples, "
            "labels)."
        )
    if not np.isin(targets, (0, 1)).all():
        raise ValueError("A target is 0 or 1 for each label of an example.")
    class_scores.check_finite(logits)
    return logits, targets.astype(bool)
