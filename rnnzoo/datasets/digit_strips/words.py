"""Numbers in English words."""

_BELOW_20 = (
    "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number):
    """A number below a million, as in "four thousand seventy-one".

    Raises:
        ValueError: a number that is negative, or a million or more.

    Example:

    >>> in_words(4071)
    'four thousand seventy-one'
    """
    if not 0 <= number < 1_000_000:
        raise ValueError(
            f"`number` must lie in [0, 999999]. Received: number={number!r}"
        )
    if number < 20:
        return _BELOW_20[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_BELOW_20[ones]}" if ones else "")
    unit, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    many, rest = divmod(number, unit)
    return f"{in_words(many)} {name}" + (f" {in_words(rest)}" if rest else "")
