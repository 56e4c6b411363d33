"""Scores a model that generates text, on examples it has never seen."""

import time

from rnnzoo.training import generation, report


def score_texts(model, examples, run, by=None):
    """Generates, compares, and shows: overall, by group, and in samples.

    Prints the results, and logs test/exact_match, test/exact_match_by_.../...
    for each group, perf/test_seconds, and the tables as text.

    Args:
        model: with `generate(list of str)`.
        examples: dict of equally long lists of str: "source", "target", and
            what `by` names.
        run: a `tracking.Run` that has been entered.
        by: str, such as "locale": which list names the group of each example;
            None: no groups.

    Returns:
        list of str: what the model generated.

    Raises:
        ValueError: the lists are empty or not equally long.
    """
    source, target = examples["source"], examples["target"]
    groups = None if by is None else examples[by]
    started = time.perf_counter()
    predictions = generation.generate(model, source)
    seconds = time.perf_counter() - started
    share = report.exact_match(predictions, target)
    run.log_metrics({"test/exact_match": share, "perf/test_seconds": seconds})
    print(
        f"\nTest: {share:.2%} of {len(target):,} examples are exactly right\n"
    )
    if groups is not None:
        shares = report.exact_match_by(groups, predictions, target)
        run.log_metrics(
            {
                f"test/exact_match_by_{by}/{group}": right
                for group, (right, _) in shares.items()
            }
        )
        table = report.table(
            [by, "right", "of"],
            [
                [group, f"{right:.1%}", str(count)]
                for group, (right, count) in shares.items()
            ],
        )
        run.log_text(table, f"exact_match_by_{by}.txt")
        print(report.columns(table, 3) + "\n")
    samples = report.samples(source, target, predictions, groups)
    run.log_text(samples, "samples.txt")
    print(samples + "\n")
    return predictions
