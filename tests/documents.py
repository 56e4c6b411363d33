"""Examples in documents: where they are, and how they are run."""

import ast
import dataclasses
import io
import re
import textwrap
import tokenize

import numpy as np

_FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block: its language, text, and first line in the document."""

    language: str
    text: str
    line: int


def blocks(document, *languages):
    """The fenced blocks of `document` in one of `languages`, in order."""
    return [
        Block(
            match[2],
            textwrap.dedent(match[3]),
            document.count("\n", 0, match.start(3)) + 1,
        )
        for match in _FENCE.finditer(document)
        if match[2] in languages
    ]


def run(block, namespace, filename, first_line=1):
    """Runs a block of Python and holds it to what its comments say.

    A comment behind a statement that is a Python literal is a promise: a
    tuple is the shape of the value, or the value itself where it has none;
    anything else is the value.

    Args:
        block: Block. Its statements are run one by one in `namespace`.
        namespace: dict. What the statements see and leave.
        filename: path of the document, for tracebacks to show its lines.
        first_line: int. Line of the file on which the document starts.
    """
    comments = _comments(block.text)
    offset = first_line + block.line - 2
    for statement in ast.parse(block.text).body:
        promise = comments.get(statement.end_lineno)
        ast.increment_lineno(statement, offset)
        value = _run_statement(statement, namespace, str(filename))
        if promise is not None:
            _hold(value, promise, f"{filename}:{statement.lineno}")


def _run_statement(statement, namespace, filename):
    """Runs one statement; its value, or that of the name it binds."""
    names = [
        target.id
        for target in getattr(statement, "targets", [])
        if isinstance(target, ast.Name)
    ]
    if isinstance(statement, ast.Expr):
        expression = ast.Expression(statement.value)
        return eval(compile(expression, filename, "eval"), namespace)
    module = ast.Module([statement], [])
    exec(compile(module, filename, "exec"), namespace)
    return namespace[names[0]] if names else None


def _comments(source):
    """Line -> literal, for each comment that is nothing but a literal."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.line.strip()[0] != "#":
            try:
                text = token.string.removeprefix("#").strip()
                found[token.start[0]] = ast.literal_eval(text)
            except (SyntaxError, ValueError):
                continue
    return found


def _hold(value, promise, place):
    if isinstance(promise, tuple) and hasattr(value, "shape"):
        value = tuple(value.shape)
    if isinstance(promise, float):
        np.testing.assert_allclose(value, promise, rtol=1e-3, err_msg=place)
    else:
        assert value == promise, f"{place}: {value!r}, not {promise!r}"
