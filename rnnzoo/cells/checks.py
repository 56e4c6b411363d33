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


def positive_integers(name, values):
    """A tuple of int, from one or several; raises `ValueError` otherwise."""
    several = tuple(values) if hasattr(values, "__iter__") else (values,)
    if not several:
        raise ValueError(
            f"`{name}` must be a positive integer, or several. "
            f"Received: {name}={values!r}"
        )
    return tuple(positive_integer(name, value) for value in several)


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


def in_range(name, value, interval):
    """Returns `value`; raises `ValueError` unless it is a number in `interval`.

    `interval` is written as in mathematics, "(0, 1]" or "[0, inf)".
    """
    low, high = (float(end) for end in interval[1:-1].split(","))
    if (
        isinstance(value, bool)
        or not isinstance(value, numbers.Real)
        or not low <= value <= high
        or (interval[0] == "(" and value == low)
        or (interval[-1] == ")" and value == high)
    ):
        raise ValueError(
            f"`{name}` must be a number in {interval}. "
            f"Received: {name}={value!r}"
        )
    return value


def multiple_of_heads(cell, units, num_heads):
    """Units of one head; raises `ValueError` where they are no integer."""
    if units % num_heads:
        raise ValueError(
            f"`units` of an {cell} must be a multiple of `num_heads`. "
            f"Received: units={units}, num_heads={num_heads}. Change one, for "
            f"example with cell=rnnzoo.cells.{cell.upper()}(units, "
            "num_heads=1)."
        )
    return units // num_heads


def projected_inputs(cell, size):
    """Raises `ValueError` unless a built cell's inputs have this size."""
    if cell.input_dim != size:
        raise ValueError(
            f"{type(cell).__name__} with project_inputs=False reads what "
            f"another layer projected, here {size} features. Received: "
            f"{cell.input_dim} features. Leave project_inputs out for a cell "
            "that projects its inputs itself."
        )


def size_of_heads(cell, units, head_dim):
    """Size of RWKV's heads: 64, or all `units` where that does not divide.

    Raises:
        ValueError: `units` are no multiple of a `head_dim` that was given.
    """
    if head_dim is None:
        return units if units % 64 else 64
    head_dim = positive_integer("head_dim", head_dim)
    if units % head_dim:
        raise ValueError(
            f"`units` of an {cell} must be a multiple of `head_dim`. "
            f"Received: units={units}, head_dim={head_dim}. Change one, or "
            "leave `head_dim` out."
        )
    return head_dim


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


def share(name, value):
    """A number from 0 to 1.

    Raises:
        ValueError: it is none.
    """
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 1:
        raise ValueError(
            f"`{name}` is a share from 0 to 1. Received: {name}={value!r}"
        )
    return float(value)
