"""Which tags may follow each other where tags mark spans."""

from rnnzoo.cells.checks import one_of

# Stand for what is before the first step and after the last.
START, END = "start", "end"

# The prefixes of each scheme, of which "B" and "I" leave a span open.
SCHEMES = {"bio": "BI", "iobes": "BIES"}


def forbidden_transitions(tags, scheme="bio"):
    """The pairs of tags that a scheme rules out.

    A span of several steps is tagged B-X I-X ... I-X in BIO, and B-X I-X ...
    E-X in IOBES, where S-X is a span of one step. O is outside of all spans.

    Args:
        tags: list of str. The name of each label, in the order of the ids.
        scheme: `"bio"` or `"iobes"`.

    Returns:
        A list of pairs of ids, or of an id and `"start"` or `"end"`, as
        `rnnzoo.layers.CRFHead` takes it.

    Raises:
        ValueError: an unknown scheme, or a tag that is none of the scheme.

    Example:

    ```python
    pairs = rnnzoo.layers.forbidden_transitions(["O", "B-PER", "I-PER"])
    assert pairs == [(0, 2), ("start", 2)]
    ```
    """
    prefixes = SCHEMES[one_of("scheme", scheme, tuple(SCHEMES))]
    parts = [split(tag, prefixes, scheme) for tag in tags]
    outside = ("O", "")
    befores = [*enumerate(parts), (START, outside)]
    afters = [*enumerate(parts), (END, outside)]
    return [
        (before, after)
        for before, first in befores
        for after, second in afters
        if (before, after) != (START, END)
        if not may_follow(first, second, scheme)
    ]


def split(tag, prefixes, scheme):
    """`(prefix, what the span is)` of a tag."""
    prefix, _, what = str(tag).partition("-")
    if tag == "O" or (len(prefix) == 1 and prefix in prefixes and what):
        return prefix, what
    raise ValueError(
        f"A tag of the scheme {scheme!r} is 'O', or one of "
        f"{', '.join(prefixes)} and a name, such as '{prefixes[0]}-PER'. "
        f"Received: {tag!r}"
    )


def may_follow(first, second, scheme):
    """Whether `second` may come after `first`; both as `split` gives them."""
    is_open = first[0] in ("B", "I")
    if second[0] in ("I", "E"):
        return is_open and first[1] == second[1]
    return not is_open or scheme == "bio"
