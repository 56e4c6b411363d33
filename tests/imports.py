"""Who imports whom, read from the source without running it."""

import ast
import dataclasses


@dataclasses.dataclass(frozen=True)
class Import:
    """One import: the module that has it, its target, and the line."""

    module: str
    target: str
    line: int

    def __str__(self):
        return f"{self.module}:{self.line} imports {self.target}"


def modules(package):
    """Name -> path of each module under the folder `package`."""
    names = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        names[".".join(parts)] = path
    return names


def imports(package):
    """All imports of a package, also those inside functions.

    `from a import b` is an import of `a.b` where that is one of our modules,
    and of `a` otherwise.
    """
    names = modules(package)
    return [
        Import(module, target, node.lineno)
        for module, path in names.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for target in _targets(node, module, path, names)
    ]


def _targets(node, module, path, names):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    source = node.module or ""
    if node.level:
        parts = module.split(".") + (["_"] if path.stem == "__init__" else [])
        base = parts[: len(parts) - node.level]
        source = ".".join([*base, *source.split(".")]).rstrip(".")
    members = [f"{source}.{alias.name}" for alias in node.names]
    return [member if member in names else source for member in members]


def cycle(arrows):
    """A list of modules that import each other in a ring, or None.

    Args:
        arrows: dict from module to the set of modules that it imports.
    """
    done = set()

    def visit(module, trail):
        if module in trail:
            return [*trail[trail.index(module) :], module]
        if module not in done:
            for target in sorted(arrows.get(module, ())):
                found = visit(target, [*trail, module])
                if found:
                    return found
            done.add(module)
        return None

    return next(filter(None, (visit(module, []) for module in arrows)), None)
