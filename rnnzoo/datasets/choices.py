"""Words that are among others, or are not."""

import difflib


def did_you_mean(name, known):
    """ "; did you mean 'x'?" with the nearest of `known`, or "." for none."""
    near = difflib.get_close_matches(str(name), map(str, known), n=1)
    return f"; did you mean {near[0]!r}?" if near else "."


def check_choice(option, value, choices):
    """Raises `ValueError`, with the near match, for none of `choices`."""
    if value in choices:
        return
    words = [choice for choice in choices if choice is not None]
    near = difflib.get_close_matches(str(value), words, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(
        f"Unknown {option}: {value!r}.{hint} Expected one of: "
        f"{', '.join(map(repr, choices))}."
    )
