"""Scores a model that generates text, on examples it has never seen."""

import time

from rnnzoo.training import generation, report, scores


def score_texts(
    model,
    examples,
    run,
    by=None,
    beam_width=1,
    length_penalty=1.0,
    n_best=None,
):
    """Generates, compares, and shows: overall, by group, and in samples.

    Prints the results, and logs test/bleu, test/bleu_lowercased, test/chrf and
    test/exact_match, see `scores.score`; test/exact_match_by_.../... for each
    group; and perf/test_seconds. Writes predictions.txt, one line for each
    example; n_best.tsv, see `n_best_table`; and the tables as text.

    Args:
        model: with `generate(list of str, beam_width, ...)`.
        examples: dict of equally long lists of str: "source", "target", and
            what `by` names.
        run: a `tracking.Run` that has been entered.
        by: str, such as "locale": which list names the group of each example;
            None: no groups.
        beam_width: int. 1: greedy search.
        length_penalty: float. Of beam search.
        n_best: int or None. How many texts for each source n_best.tsv holds,
            at most `beam_width`; None: there is none.

    Returns:
        list of str: what the model generated.

    Raises:
        ValueError: the lists are empty or not equally long; no positive
            `beam_width`, or too small a one for `n_best`.
    """
    source, target = examples["source"], examples["target"]
    report.check_pairs(source, target)
    groups = None if by is None else examples[by]
    started = time.perf_counter()
    best = generation.generate(
        model,
        source,
        show=True,
        beam_width=beam_width,
        length_penalty=length_penalty,
        n_best=n_best or 1,
    )
    seconds = time.perf_counter() - started
    predictions = [texts[0][0] for texts in best]
    run.log_text(lines(predictions), "predictions.txt")
    if n_best is not None:
        run.log_text(n_best_table(source, best), "n_best.tsv")

    run.log_metrics({"perf/test_seconds": seconds})
    _score(predictions, target, run, _search(beam_width, length_penalty))
    if groups is not None:
        _score_groups(by, groups, predictions, target, run)
    samples = report.samples(source, target, predictions, groups)
    run.log_text(samples, "samples.txt")
    print(samples + "\n")
    return predictions


def score_captions(model, images, captions, run, beam_width=1):
    """Describes images, compares, and shows: overall, and in samples.

    Prints and logs what `score_texts` does of whole sets; an image may have
    several captions, each of which would be right.

    Args:
        model: with `generate(images, beam_width)`.
        images: array `(examples, height, width, channels)`, as the model takes
            them.
        captions: list of tuples of str, all captions of each image.
        run: a `tracking.Run` that has been entered.
        beam_width: int. 1: greedy search.

    Returns:
        list of str: what the model wrote.

    Raises:
        ValueError: no images, or not captions for each; no positive
            `beam_width`.
    """
    report.check_pairs(images, captions, "images")
    started = time.perf_counter()
    written = generation.generate(
        model, images, batch_size=128, show=True, beam_width=beam_width
    )
    run.log_metrics({"perf/test_seconds": time.perf_counter() - started})
    run.log_text(lines(written), "predictions.txt")
    _score(written, captions, run, _search(beam_width))
    # The caption that is right, or else the first one.
    expected = [
        text if text in texts else texts[0]
        for text, texts in zip(written, captions, strict=True)
    ]
    numbers = [f"image {number}" for number in range(1, len(images) + 1)]
    samples = report.samples(numbers, expected, written)
    run.log_text(samples, "samples.txt")
    print(samples + "\n")
    return written


def _search(beam_width, length_penalty=1.0):
    """How texts were searched for, in words."""
    if beam_width == 1:
        return "greedy search"
    return f"beams of {beam_width}, length penalty {length_penalty:g}"


def _score(predictions, references, run, search):
    """Logs and prints the scores of a whole set."""
    found = scores.score(predictions, references)
    run.log_metrics({f"test/{name}": found[name] for name in found})
    signatures = scores.signatures()
    table = report.table(
        ["score", "value", "settings"],
        [
            [
                scores.LABELS[name],
                scores.number(name, found[name]),
                signatures.get(name, ""),
            ]
            for name in found
        ],
    )
    run.log_text(table, "scores.txt")
    print(f"\nTest: {len(references):,} examples, {search}\n\n{table}\n")


def lines(texts):
    """A file of one line for each text, whatever is in it."""
    return "".join(" ".join(text.splitlines()) + "\n" for text in texts)


def n_best_table(source, best):
    """Tab-separated values: source, rank from 1, score, text.

    Args:
        source: list of str.
        best: for each of them what `generate(..., n_best=...)` returns.

    Returns:
        str, with a head line. Tabs and line breaks in texts become spaces.
    """
    rows = [("source", "rank", "score", "text")]
    for text, pairs in zip(source, best, strict=True):
        for rank, (written, score) in enumerate(pairs, start=1):
            rows.append((text, str(rank), f"{score:.4f}", written))
    return lines(
        "\t".join(cell.replace("\t", " ") for cell in row) for row in rows
    )


def _score_groups(by, groups, predictions, target, run):
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
