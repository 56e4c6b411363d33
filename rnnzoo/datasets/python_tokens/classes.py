"""The class of each character of Python source, as an editor colours it."""

import builtins
import io
import keyword
import tokenize

CLASSES = (
    "builtin",
    "comment",
    "definition",
    "keyword",
    "name",
    "number",
    "operator",
    "space",
    "string",
)

# Some are added by an interactive start, or on one system only.
_BUILTINS = {
    name
    for name in dir(builtins)
    if name[0] != "_" and name not in keyword.kwlist
} - {"WindowsError", "copyright", "credits", "exit", "help", "license", "quit"}

# Since Python 3.12 an f-string is several tokens. Here it is one string, with
# the expressions in it, as before.
_F_STRING = getattr(tokenize, "FSTRING_START", None)
_F_STRING_END = getattr(tokenize, "FSTRING_END", None)

_PLAIN = {
    tokenize.COMMENT: "comment",
    tokenize.NUMBER: "number",
    tokenize.OP: "operator",
    tokenize.STRING: "string",
}


def classes(source):
    """The class of each character, one of `CLASSES`, and where lines begin.

    A `definition` is the name after `def` or `class`; a `builtin` is the name
    of one, unless it is an attribute. Words that are keywords in some places
    only, such as `match`, are names.

    Args:
        source: str. A whole file of Python, lines ending in newlines.

    Returns:
        `(classes, starts)`: a list of str, and a list of int, the offsets
        where a logical line begins, comments on lines of their own included.

    Raises:
        tokenize.TokenError, SyntaxError: `source` is not Python.

    Example:

    >>> found, starts = classes("def f():\\n    return 1  # one\\n")
    >>> found[:5]
    ['keyword', 'keyword', 'keyword', 'space', 'definition']
    >>> found[-4:], starts
    (['comment', 'comment', 'comment', 'space'], [0, 9])
    """
    offsets = [0]
    for line in source.split("\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    found = ["space" if char.isspace() else "operator" for char in source]
    starts = {0}
    brackets = nested = opened = 0
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        start = offsets[token.start[0] - 1] + token.start[1]
        end = offsets[token.end[0] - 1] + token.end[1]
        kind = _class(token, before)
        if token.type == _F_STRING:
            opened = opened if nested else start
            nested += 1
            continue
        if nested:
            nested -= token.type == _F_STRING_END
            if nested:
                continue
            start, kind = opened, "string"
        if kind:
            found[start:end] = [kind] * (end - start)
            before = token.string
        if kind == "operator":
            brackets += (token.string in "([{") - (token.string in ")]}")
        elif token.type in (tokenize.NEWLINE, tokenize.NL) and not brackets:
            starts.add(offsets[token.start[0]])
    return found, sorted(start for start in starts if start < len(source))


def _class(token, before):
    """The class of a token after the one that reads `before`, or None."""
    if token.type != tokenize.NAME:
        return _PLAIN.get(token.type)
    if keyword.iskeyword(token.string):
        return "keyword"
    if before in ("def", "class"):
        return "definition"
    if token.string in _BUILTINS and before != ".":
        return "builtin"
    return "name"
