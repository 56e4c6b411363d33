"""The own cell of the README, as a user's module would hold it."""

import ast
import pathlib

import rnnzoo
from tests import documents

README = pathlib.Path(__file__).parents[2] / "README.md"


def definitions(text):
    """The imports and classes of a block of Python, without what uses them."""
    kinds = ast.Import | ast.ImportFrom | ast.ClassDef
    body = [node for node in ast.parse(text).body if isinstance(node, kinds)]
    return compile(ast.Module(body, []), str(README), "exec")


(_text,) = (
    block.text
    for block in documents.blocks(README.read_text("utf-8"), "python")
    if "(rnnzoo.Cell)" in block.text
)
exec(definitions(_text))

(OwnCell,) = (
    value
    for value in list(globals().values())
    if isinstance(value, type) and issubclass(value, rnnzoo.Cell)
)
