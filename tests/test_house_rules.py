"""Rules of the house that the source can be read for."""

import ast
import functools
import inspect
import pathlib
import re

import pytest

import rnnzoo

ROOT = pathlib.Path(rnnzoo.__file__).parent

# Files of cells/ that hold no published cell.
CELL_INFRASTRUCTURE = {
    "__init__",
    "cell",
    "checks",
    "keras_cell",
    "linear_cell",
    "matrix_cell",
    "memoryless_cell",
    "norms",
    "products",
}

# Files of architectures/ that hold what several topologies share.
ARCHITECTURE_INFRASTRUCTURE = {
    "__init__",
    "options",
    "reader",
    # A form of many_to_one, with a class of its own.
    "segment_forecast",
    "sequence_inputs",
    "two_sides",
    "writer",
}

# Classes that are there to be subclassed, and never used by themselves. All
# others are final: a variant wraps one, or is a class of its own.
ABSTRACT = {
    "Cell",
    "CellWrapper",
    "Crossentropy",
    "Generator",
    "LinearCell",
    "MatrixCell",
    "MemorylessCell",
    "Model",
    "PaperBlock",
    "Reader",
    "RecurrentBlock",
    "SequenceLayer",
    "StepMean",
    "StepNats",
    "StepExporter",
    "Streamer",
    "TrainStep",
    "Unfinished",
    "Vocabulary",
    "Writer",
}

# The same words everywhere; what Keras itself takes passes through.
KERAS_OPTIONS = {"name", "dtype", "kwargs"}


@functools.cache
def trees():
    return {
        path.relative_to(ROOT): ast.parse(path.read_text("utf-8"))
        for path in sorted(ROOT.rglob("*.py"))
    }


def nodes(kind):
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield path, node


def room(path):
    """Folder of a module, or its name; backends' halves belong to `model`."""
    return path.parts[0].removesuffix(".py").split("_")[0]


@functools.cache
def bases():
    """(room, class) -> names of its bases, but for those of Keras."""
    return {
        (room(path), node.name): {
            ast.unparse(base).split(".")[-1]
            for base in node.bases
            if not ast.unparse(base).startswith("keras.")
        }
        for path, node in nodes(ast.ClassDef)
    }


def depth(place, name):
    """How many classes of the same room stand above a class, at most."""
    above = [base for base in bases()[place, name] if (place, base) in bases()]
    return max((1 + depth(place, base) for base in above), default=0)


def stems(folder):
    return {path.stem for path in (ROOT / folder).glob("*.py")}


# === Classes ===


def test_classes_are_at_most_three_deep():
    # Two abstract classes refine Cell, for linear and for matrix states.
    deep = {key: depth(*key) for key in bases() if depth(*key) > 3}
    assert deep == {}


def test_only_abstract_classes_are_subclassed():
    ours = {name for _, name in bases()}
    subclassed = ours & set().union(*bases().values())
    assert subclassed == ABSTRACT


def test_abstract_classes_are_never_used_by_themselves():
    made = [
        f"{path}:{node.lineno}"
        for path, node in nodes(ast.Call)
        if getattr(node.func, "attr", getattr(node.func, "id", "")) in ABSTRACT
    ]
    assert made == []


# === Errors ===


def test_nothing_is_checked_by_assert():
    found = [f"{path}:{node.lineno}" for path, node in nodes(ast.Assert)]
    assert found == []


def test_no_exception_is_caught_without_a_name_or_reason():
    """`except Exception` needs a comment on its line or the one above."""
    bare = []
    for path, node in nodes(ast.ExceptHandler):
        broad = node.type is None or getattr(node.type, "id", "") in {
            "Exception",
            "BaseException",
        }
        lines = (ROOT / path).read_text("utf-8").splitlines()
        near = lines[node.lineno - 2 : node.lineno + 1]
        if broad and not any("#" in line for line in near):
            bare.append(f"{path}:{node.lineno}")
    assert bare == []


# === The catalogue ===


def test_the_folder_of_cells_is_the_catalogue():
    assert stems("cells") - CELL_INFRASTRUCTURE == set(rnnzoo.cells.CELLS)
    assert rnnzoo.list_cells() == sorted(rnnzoo.cells.CELLS)


def test_the_folder_of_architectures_is_the_catalogue():
    found = stems("architectures") - ARCHITECTURE_INFRASTRUCTURE
    assert found == set(rnnzoo.architectures.ARCHITECTURES)
    assert rnnzoo.list_architectures() == sorted(found)


@pytest.mark.parametrize("room", ["cells", "architectures"])
def test_names_stand_in_order_for_the_class_in_their_file(room):
    package = getattr(rnnzoo, room)
    catalogue = getattr(package, room.upper())
    assert list(catalogue) == sorted(catalogue)
    for name, value in catalogue.items():
        assert value.__module__ == f"rnnzoo.{room}.{name}"
        assert value.__name__.lower() == name.replace("_", "")


@pytest.mark.parametrize("room", ["cells", "architectures"])
def test_aliases_lead_to_names_and_hide_none(room):
    package = getattr(rnnzoo, room)
    catalogue = getattr(package, room.upper())
    assert set(package.ALIASES.values()) <= set(catalogue)
    assert not set(package.ALIASES) & set(catalogue)


@pytest.mark.parametrize("name", sorted(rnnzoo.cells.CELLS))
def test_a_cell_states_its_paper_and_its_equations(name):
    docstring = inspect.getdoc(rnnzoo.cells.CELLS[name])
    assert re.search(r"https://\S+\w", docstring), "no link to the paper"
    equations = re.findall(r"\n\n((?: {4}.*\n)+)\n", docstring)
    assert any("=" in block for block in equations), (
        "no indented block of equations"
    )


@pytest.mark.parametrize("name", sorted(rnnzoo.architectures.ARCHITECTURES))
def test_a_topology_takes_named_options_only(name):
    kind = rnnzoo.architectures.ARCHITECTURES[name]
    for option in inspect.signature(kind).parameters.values():
        refused = getattr(kind, "refused_options", ())
        if option.name in KERAS_OPTIONS or option.name in refused:
            continue
        assert option.kind is inspect.Parameter.KEYWORD_ONLY, option
        assert option.default is not inspect.Parameter.empty, option
        assert re.search(rf"^ .*\b{option.name}\b.*:", kind.__doc__, re.M), (
            f"{option.name} is not in the docstring of {name}"
        )


@pytest.mark.parametrize("name", sorted(rnnzoo.architectures.ARCHITECTURES))
def test_further_options_of_a_topology_go_to_keras_only(name):
    """`**kwargs` is passed on once, to `super().__init__`, and not read."""
    tree = trees()[pathlib.Path("architectures", f"{name}.py")]
    methods = [
        method
        for node in tree.body
        for method in getattr(node, "body", [])
        if isinstance(method, ast.FunctionDef) and method.args.kwarg
    ]
    for method in methods:
        sink = method.args.kwarg.arg
        uses = [n for n in ast.walk(method) if getattr(n, "id", "") == sink]
        passed_on = [
            ast.unparse(call.func)
            for call in ast.walk(method)
            if isinstance(call, ast.Call)
            for value in (
                *(k.value for k in call.keywords if k.arg is None),
                *call.args,
            )
            if value in uses
        ]
        # What `generate` takes, `decoding.Options` checks.
        write = {"generate": "self.write"}
        expected = write.get(method.name, f"super().{method.name}")
        assert passed_on == [expected]
        assert len(uses) == 1
