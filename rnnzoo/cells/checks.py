"""Checks of arguments: what was received, what was expected, what to do."""

import difflib
import numbers


def positive_integer(name, value):
    """`value` as int; raises `ValueError` unless it is an integer above 0."""
    integer = isinstance(value, numbers.Integral)
    if isinstance(value, bool) or not integer or value < 1:
        raise ValueError(
            f"`{name}` must be a positive integer. Received: {name}={value!r}"
        )
    return int(value)


def fraction(name, value):
    """Returns `value`; raises `ValueError` unless it lies in [0, 1)."""
    if isinstance(value, bool) or not (
        isinstance(value, int | float) and 0 <= value < 1
    ):
        raise ValueError(
            f"`{name}` is a share of units to drop and must lie in [0, 1). "
            f"Received: {name}={value!r}"
        )
    return value


def one_of(name, value, choices):
    """Returns `value`; raises `ValueError` with the near match otherwise."""
    if value in choices:
        return value
    known = ", ".join(repr(choice) for choice in choices)
    close = difflib.get_close_matches(
        str(value).lower().replace("-", "_"),
        [choice for choice in choices if isinstance(choice, str)],
        n=1,
    )
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"Unknown {name}: {value!r}.{hint} Expected one of: {known}."
    )
