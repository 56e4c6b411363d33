"""What every vocabulary asks of the lines it is given."""


def checked_lines(texts, what="line"):
    """`texts` as a list of non-empty strings, or a ValueError naming the line.

    Lines are counted from 1, as an editor counts them, and called `what`.
    """
    if isinstance(texts, (str, bytes)):
        raise ValueError(
            f"Received one {what}, {texts!r}, where a sequence of strings is "
            f"expected: wrap it in a list, [{texts!r}]."
        )
    texts = list(texts)
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise ValueError(
                f"{what} {number} is {text!r}, of type {type(text).__name__}, "
                "where a str is expected: decode bytes first, as UTF-8."
            )
        if not text:
            raise ValueError(
                f"{what} {number} is empty, but every line must hold at least "
                "one character: remove it, together with its counterpart."
            )
    return texts
