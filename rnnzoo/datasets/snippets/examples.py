"""Pieces of functions, and the module that each is from."""

import ast
import functools
import re
import textwrap

from rnnzoo.datasets import standard_library

# Large modules that every release and distribution of Python has.
MODULES = (
    "argparse",
    "asyncio",
    "datetime",
    "decimal",
    "doctest",
    "email",
    "http",
    "importlib",
    "inspect",
    "ipaddress",
    "logging",
    "mailbox",
    "multiprocessing",
    "re",
    "tarfile",
    "typing",
    "unittest",
    "urllib",
    "xml",
    "zipfile",
)
# Where the code of a module is, if not under its name: behind it is C, and
# Python in a file that some releases keep apart.
_ELSEWHERE = {
    "datetime": ("datetime", "_pydatetime"),
    "decimal": ("_pydecimal",),
}
# Lines of a snippet, and how many there are at least.
LINES = 10
FEWEST = 4
# Lines from one snippet of a function to the next: training ones overlap.
STRIDES = {"train": 4, "validation": LINES, "test": LINES}
# Most snippets of a module.
SIZES = {"train": 800, "validation": 50, "test": 100}

# What stands for the name of any of the modules.
MASK = "module"
_NAMES = re.compile(
    rf"(?<![^\W_])_?(?:py)?({'|'.join(MODULES)})(?![^\W_])", re.IGNORECASE
)
_IMPORT = re.compile(r"\s*(import|from)\s")


def examples(split):
    """Yields the examples of a split, `{"text": str, "label": str}`."""
    for label, texts in _chosen()[split].items():
        for text in texts:
            yield {"text": text, "label": label}


@functools.cache
def _chosen():
    """Split -> module -> texts. No text occurs twice."""
    chosen = {split: {} for split in SIZES}
    functions, found = set(), {}
    for label in MODULES:
        names = _ELSEWHERE.get(label, (label,))
        for path, source in standard_library.sources(names).items():
            for name, text in _functions(source):
                # Packages have copies of some functions.
                if text not in functions:
                    functions.add(text)
                    split = standard_library.split_of(f"{path} {name}")
                    for snippet in _snippets(text, STRIDES[split]):
                        found.setdefault(snippet, set()).add((label, split))
    for text in sorted(found, key=standard_library.place):
        if len(found[text]) == 1:
            [(label, split)] = found[text]
            texts = chosen[split].setdefault(label, [])
            if len(texts) < SIZES[split]:
                texts.append(text)
    return chosen


def _functions(source):
    """Yields name and lines of each function and method that stands alone."""
    lines = source.split("\n")
    nodes = [("", ast.parse(source))]
    while nodes:
        prefix, parent = nodes.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text = lines[node.lineno - 1 : node.end_lineno]
                yield f"{prefix}{node.name}", "\n".join(text)
            elif isinstance(node, ast.ClassDef):
                nodes.append((f"{prefix}{node.name}.", node))
            elif isinstance(node, ast.If | ast.Try):
                nodes.append((prefix, node))


def _snippets(text, stride):
    """Yields pieces of a function, without names of modules and imports."""
    lines = [
        _NAMES.sub(MASK, line.rstrip())
        for line in text.split("\n")
        if line.strip() and not _IMPORT.match(line)
    ]
    for start in range(0, max(len(lines) - LINES, 0) + stride, stride):
        piece = lines[start : start + LINES]
        if len(piece) >= FEWEST:
            yield textwrap.dedent("\n".join(piece)).strip()
