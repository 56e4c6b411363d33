"""Scores a model that transcribes, on recordings it has never heard."""

from rnnzoo.training import report


def score_transcripts(heard, said, names, run):
    """Compares strings of labels, and shows: overall, and in samples.

    Prints the results, and logs test/exact_match, the share of strings that
    are right as a whole, and test/error_rate: the fewest characters to insert,
    to leave out and to change, over those that were said. Writes
    predictions.txt and samples.txt.

    Args:
        heard, said: for each recording an array of ids `(labels,)`.
        names: sequence of str, the character of each id.
        run: a `tracking.Run` that has been entered.

    Returns:
        dict: "exact_match" and "error_rate".

    Raises:
        ValueError: no recordings, or not as many of both.
    """
    report.check_pairs(heard, said, "transcripts")
    heard, said = (
        ["".join(names[number] for number in row) for row in rows]
        for rows in (heard, said)
    )
    found = {
        "exact_match": report.exact_match(heard, said),
        "error_rate": _error_rate(heard, said),
    }
    run.log_metrics({f"test/{name}": found[name] for name in found})
    run.log_text("".join(f"{text}\n" for text in heard), "predictions.txt")
    print(
        f"\nTest: {len(said):,} recordings, exact match "
        f"{found['exact_match']:.2%}, error rate {found['error_rate']:.2%}\n"
    )
    numbers = [f"recording {number}" for number in range(1, len(said) + 1)]
    samples = report.samples(numbers, said, heard)
    run.log_text(samples + "\n", "samples.txt")
    print(samples + "\n")
    return found


def _error_rate(heard, said):
    """That of characters, by jiwer."""
    try:
        import jiwer
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"The error rate needs the module {error.name!r}, which is not "
            "installed: run `pip install 'rnnzoo[recipes]'`.",
            name=error.name,
        ) from error
    return float(jiwer.cer(said, heard))
