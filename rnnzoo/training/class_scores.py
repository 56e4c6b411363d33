"""Scores a classifier on examples it has never seen, class by class."""

import itertools
import textwrap

import numpy as np

from rnnzoo.training import report

# A table of more classes goes into a file, and the weakest to the terminal.
_SHOWN = 20
# Characters of a text in samples: enough to see what it is.
_WIDEST = 70


def score_classes(predicted, targets, names, run, source=None):
    """Compares classes, and shows: overall, class by class, and in samples.

    Prints the results, and logs test/accuracy and test/macro_f1, the mean F1
    of the classes that occur, each counting the same. Writes classes.txt,
    precision, recall, F1 and number of examples of each class; what is taken
    for what, as confusion_matrix.png and confusions.txt; and samples.txt,
    where sources can be shown.

    Args:
        predicted: logits `(examples, classes)`, or class ids `(examples,)`.
        targets: class ids `(examples,)`. Examples with a negative one do not
            count.
        names: list of str, of the classes in the order of their ids.
        run: a `tracking.Run` that has been entered.
        source: list of str, what was classified, such as texts; or None.

    Returns:
        list of str: the name of each predicted class.

    Raises:
        ValueError: arrays that do not fit each other; NaN among the logits; an
            id outside of the classes; no examples.
    """
    ids, targets = checked(predicted, targets, names)
    _log(ids, targets, names, run, {}, "examples")
    found = [names[number] for number in ids]
    if source is not None:
        expected = ["" if n < 0 else names[n] for n in targets]
        show_samples(source, expected, found, run)
    return found


def score_tags(predicted, targets, names, run, source=None):
    """Compares the tags of sequences; the same for each step of them.

    test/accuracy is that of tags, and test/sequence_accuracy that of whole
    sequences. Writes what `score_classes` writes, tag by tag.

    Args:
        predicted: for each sequence the ids of its tags, without padding.
        targets: the same. Steps with a negative one do not count.
        names: list of str, of the tags in the order of their ids.
        run: a `tracking.Run` that has been entered.
        source: for each sequence what was tagged, a str of characters or a
            list of words; or None.

    Raises:
        ValueError: sequences of other lengths than their targets; what
            `score_classes` raises.
    """
    report.check_pairs(predicted, targets, "predictions")
    pairs = list(zip(predicted, targets, strict=True))
    for number, (row, expected) in enumerate(pairs, start=1):
        if len(row) != len(expected):
            raise ValueError(
                f"Sequence {number} has {len(row)} predicted tags, and "
                f"{len(expected)} expected ones. Cut padding off both."
            )
    ids, expected = checked(
        np.concatenate(predicted), np.concatenate(targets), names
    )
    right = [
        bool(((row == goal) | (goal < 0)).all())
        for row, goal in (map(np.asarray, pair) for pair in pairs)
    ]
    whole = {"sequence_accuracy": float(np.mean(right))}
    _log(ids, expected, names, run, whole, "tags")
    if source is not None:
        shown = [
            [
                _spelled(text, row, names)
                for text, row in zip(source, rows, strict=True)
            ]
            for rows in (targets, predicted)
        ]
        texts = [x if isinstance(x, str) else " ".join(x) for x in source]
        show_samples(texts, *shown, run)


def checked(predicted, targets, names):
    """Class ids of both, after a look whether they can be compared.

    Args:
        predicted: logits `(examples, classes)`, or ids `(examples,)`.
        targets: ids `(examples,)`; negative ones are unknown.
        names: list of str.

    Returns:
        (predicted, targets): int64 arrays `(examples,)`.

    Raises:
        ValueError: see `score_classes`.
    """
    predicted, targets = np.asarray(predicted), np.asarray(targets)
    report.check_pairs(predicted, targets, "predictions")
    if predicted.ndim == 2:
        if predicted.shape[1] != len(names):
            raise ValueError(
                f"Got logits of {predicted.shape[1]} classes and {len(names)} "
                "names; give a name for each class."
            )
        check_finite(predicted)
        predicted = predicted.argmax(axis=1)
    for what, ids in (("predicted", predicted), ("expected", targets)):
        if ids.ndim != 1 or ids.dtype.kind not in "iu":
            raise ValueError(
                f"The {what} classes are {ids.dtype} of the shape {ids.shape}; "
                "give a class id for each example, (examples,)."
            )
        if ids.max() >= len(names) or what == "predicted" and ids.min() < 0:
            bad = ids.max() if ids.max() >= len(names) else ids.min()
            raise ValueError(
                f"The {what} classes hold the id {bad}, and there are "
                f"{len(names)} classes, numbered from 0."
            )
    if (targets < 0).all():
        raise ValueError("No example has a known class: all are negative.")
    return predicted.astype("int64"), targets.astype("int64")


def check_finite(outputs):
    """Raises `ValueError` for outputs of a model that are no numbers."""
    if not np.isfinite(outputs).all():
        raise ValueError(
            "The model gives NaN or infinity for some examples, which no "
            "score can be made of. Look at the loss of its training."
        )


def class_numbers(predicted, targets, count):
    """Precision, recall, F1 and examples of each class, by scikit-learn.

    Args:
        predicted, targets: 0 or 1 `(examples, labels)`, or ids `(examples,)`.
        count: int. Number of classes or labels.

    Returns:
        Four arrays `(count,)`. What has no denominator is 0.
    """
    return metrics_of("class scores").precision_recall_fscore_support(
        targets, predicted, labels=range(count), zero_division=0
    )


def metrics_of(what):
    """`sklearn.metrics`, loaded where `what` needs it."""
    try:
        from sklearn import metrics
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"The {what} need the module {error.name!r}, which is not "
            "installed: run `pip install 'rnnzoo[recipes]'`.",
            name=error.name,
        ) from error
    return metrics


def class_table(names, numbers, what="class"):
    """A `report.table` of what `class_numbers` returns, a line per class."""
    return report.table(
        [what, "precision", "recall", "F1", "examples"],
        [
            [name, *(f"{value:.1%}" for value in row[:3]), f"{row[3]:,}"]
            for name, *row in zip(names, *numbers, strict=True)
        ],
    )


def show_table(names, numbers, run, what="class"):
    """Keeps the table in classes.txt, and prints it or its weakest lines."""
    table = class_table(names, numbers, what)
    run.log_text(table + "\n", "classes.txt")
    if len(names) > _SHOWN:
        occurring = [n for n in range(len(names)) if numbers[3][n]]
        weakest = sorted(occurring, key=lambda n: numbers[2][n])[:_SHOWN]
        table = class_table(
            [names[n] for n in weakest],
            [[column[n] for n in weakest] for column in numbers],
            what,
        )
        print(f"The {len(weakest)} weakest of {len(names)}; all: classes.txt")
    print(table + "\n")


def show_samples(source, targets, predictions, run):
    """Prints some examples and mistakes, and keeps them in samples.txt."""
    lines = [
        textwrap.shorten(text, _WIDEST, placeholder=" ...") for text in source
    ]
    samples = report.samples(lines, targets, predictions)
    run.log_text(samples + "\n", "samples.txt")
    print(samples + "\n")


def _log(predicted, targets, names, run, others, unit):
    """Numbers, tables and pictures of those that count."""
    known = targets >= 0
    predicted, targets = predicted[known], targets[known]
    numbers = class_numbers(predicted, targets, len(names))
    occur = np.union1d(predicted, targets)
    found = {
        "accuracy": float((predicted == targets).mean()),
        "macro_f1": float(numbers[2][occur].mean()),
        **others,
    }
    run.log_metrics({f"test/{name}": found[name] for name in found})
    words = [
        f"{name.replace('_', ' ').replace('f1', 'F1')} {found[name]:.2%}"
        for name in found
    ]
    print(f"\nTest: {len(targets):,} {unit}, {', '.join(words)}\n")
    show_table(names, numbers, run)

    from rnnzoo.diagnostics.confusion_map import confusion_map

    counts = metrics_of("class scores").confusion_matrix(
        targets, predicted, labels=range(len(names))
    )
    run.log_figure(confusion_map(counts, names), "confusion_matrix.png")
    run.log_text(_confusions(counts, names), "confusions.txt")


def _confusions(counts, names):
    """Which class was taken for which, the most frequent mistake first."""
    wrong = counts * (1 - np.eye(len(names), dtype=counts.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")
    pairs = [divmod(int(place), len(names)) for place in order]
    rows = [
        [f"{wrong[pair]:,}", names[pair[0]], names[pair[1]]]
        for pair in pairs
        if wrong[pair]
    ]
    return report.table(["times", "expected", "predicted"], rows) + "\n"


def _spelled(text, row, names):
    """Words with their tags behind them; runs of characters with theirs."""
    tags = ["?" if number < 0 else names[number] for number in row]
    pairs = list(zip(text, tags, strict=True))
    if isinstance(text, str):
        runs = itertools.groupby(pairs, key=lambda pair: pair[1])
        pairs = [("".join(c for c, _ in run), tag) for tag, run in runs]
        # What is white space needs no tag to be seen.
        pairs = [(" ".join(run.split()), tag) for run, tag in pairs]
    return " ".join(f"{part}/{tag}" for part, tag in pairs if part)
