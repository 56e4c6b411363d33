"""Scores of generated text, and tables of them for a terminal."""

import unicodedata

# Columns of a table that terminals show without breaking its lines.
_WIDEST = 100


def exact_match(predictions, targets):
    """The share of predictions that equal their target exactly.

    Args:
        predictions: list of str.
        targets: list of str, one for each prediction.

    Returns:
        float from 0 to 1.

    Raises:
        ValueError: no examples, or not one target for each prediction.
    """
    check_pairs(predictions, targets)
    right = sum(
        prediction == target
        for prediction, target in zip(predictions, targets, strict=True)
    )
    return right / len(targets)


def check_pairs(texts, targets, what="texts"):
    """Refuses lists that cannot be compared one by one.

    Args:
        texts, targets: lists.
        what: str. What the first list is called in the message.

    Raises:
        ValueError: no texts, or not one target for each.
    """
    if not len(texts) == len(targets) > 0:
        raise ValueError(
            f"Got {len(texts)} {what} and {len(targets)} targets to compare "
            "them with; give at least one, and one target for each."
        )


def exact_match_by(groups, predictions, targets):
    """Exact match for each group, such as each locale.

    Args:
        groups: list of str, the group of each prediction.
        predictions: list of str.
        targets: list of str.

    Returns:
        dict from group, in alphabetical order, to (share, examples).

    Raises:
        ValueError: the three lists are not equally long.
    """
    if not len(groups) == len(predictions) == len(targets):
        raise ValueError(
            f"Got {len(groups)} groups, {len(predictions)} predictions and "
            f"{len(targets)} targets; give one of each for every example."
        )
    rows = {}
    for group, prediction, target in zip(
        groups, predictions, targets, strict=True
    ):
        rows.setdefault(group, []).append((prediction, target))
    return {
        group: (exact_match(*zip(*rows[group], strict=True)), len(rows[group]))
        for group in sorted(rows)
    }


def samples(source, target, predictions, groups=None, count=10, mistakes=5):
    """Some examples, of different groups, and some of the mistakes.

    Args:
        source, target, predictions: lists of str.
        groups: list of str, the group of each example; None: all the same.
        count: int. Most examples, right or wrong.
        mistakes: int. Most mistakes below them.

    Returns:
        str: a `table`, in which the source comes last, see there; or, where
        that would be wider than 100 columns, one `listing` for each example.
    """
    first = {}
    for index, group in enumerate(groups or []):
        first.setdefault(group, index)
    rows = list(first.values()) + list(range(len(source)))
    rows = list(dict.fromkeys(rows))[:count]
    wrong = [
        index
        for index, text in enumerate(predictions)
        if text != target[index] and index not in rows
    ]
    rows += wrong[:mistakes]
    header = ["predicted", "expected", "right", "from"]
    texts = [
        [
            predictions[index],
            target[index],
            "yes" if predictions[index] == target[index] else "no",
            source[index],
        ]
        for index in rows
    ]
    if groups is not None:
        header = ["group", *header]
        texts = [
            [groups[index], *text]
            for index, text in zip(rows, texts, strict=True)
        ]
    lined_up = table(header, texts)
    if max(map(_width, lined_up.split("\n"))) <= _WIDEST:
        return lined_up
    return "\n\n".join(listing(header, row) for row in texts)


def marked(predicted, expected):
    """What was predicted, and where that is wrong what it is: "3 (not 8)".

    Args:
        predicted, expected: lists of str.
    """
    return [
        text if text == goal else f"{text} (not {goal})"
        for text, goal in zip(predicted, expected, strict=True)
    ]


def table(header, rows):
    """Lines up columns, also of scripts with wide or combining characters.

    The last column is not padded: put right-to-left text there, and a column
    that starts with a Latin letter first, so that no terminal reorders a row.

    Args:
        header: sequence of str.
        rows: sequence of sequences of str, as long as the header.

    Returns:
        str, several lines without a last line break.
    """
    lines = [header, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell))
            for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in [header, rule, *rows]
    )


def listing(names, values):
    """One line for each value, with its name in front, lined up."""
    width = max(map(_width, names))
    return "\n".join(
        f"{name:{width}}  {value}"
        for name, value in zip(names, values, strict=True)
    )


def columns(text, count, gap="    "):
    """Sets a table in several columns, its two head lines over each.

    Args:
        text: str, from `table`.
        count: int. Number of columns.
        gap: str. What stands between them.

    Returns:
        str, several lines.
    """
    lines = text.split("\n")
    head, body = lines[:2], lines[2:]
    height = -(-len(body) // count)
    width = max(map(_width, lines))
    blocks = [
        head + body[start : start + height]
        for start in range(0, len(body), height)
    ]
    return "\n".join(
        gap.join(
            block[row] + " " * (width - _width(block[row]))
            for block in blocks
            if row < len(block)
        ).rstrip()
        for row in range(height + 2)
    )


def _width(text):
    """Columns that a terminal needs: wide characters 2, combining ones 0."""
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )
