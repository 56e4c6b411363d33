"""Imports inside rnnzoo point one way."""

import pathlib

import pytest

import rnnzoo
from tests.imports import Import, cycle, imports

# Room -> the other rooms that it may import. A room is a folder of rnnzoo, or
# a module beside them; `model` is model.py with a half for each backend.
# `text` is where the ids of pad, begin, end and unknown are written down.
ARROWS = {
    "text": set(),
    "cells": set(),
    "kernels": set(),
    "decoding": {"text"},
    "inputs": {"text"},
    "metrics": set(),
    "losses": {"cells", "metrics"},
    "layers": {
        "cells",
        "decoding",
        "inputs",
        "kernels",
        "losses",
        "metrics",
        "text",
    },
    "convert": {"cells", "layers"},
    "model": {"cells", "decoding", "inputs", "layers", "metrics", "text"},
    "architectures": {
        "cells",
        "inputs",
        "layers",
        "losses",
        "metrics",
        "model",
        "text",
    },
    "datasets": {"text"},
    "pipelines": {"text"},
    # Pictures of scores; diagnostics need not know a model for them.
    "training": {"diagnostics", "memory"},
    "diagnostics": {"cells", "kernels", "layers", "memory", "model", "text"},
    "memory": set(),
    # What a trained model makes of texts and files, for all who ask it.
    "serving": {"architectures", "datasets", "pipelines", "training"},
    # `python -m rnnzoo`: answers before anything heavy is loaded.
    "console": set(),
    "commands": {
        "architectures",
        "console",
        "diagnostics",
        "serving",
        "training",
    },
    "__main__": {"commands", "console"},
}

TENSORFLOW_ROOMS = {
    "datasets",
    "diagnostics",
    "pipelines",
    "serving",
    "training",
}
TENSORFLOW_FILES = {
    "rnnzoo.console",
    "rnnzoo.kernels.tensorflow_loop",
    "rnnzoo.model_tensorflow",
    "rnnzoo.model_tensorflow_export",
}
TENSORFLOW = {"tensorflow", "tensorflow_datasets", "mlflow", "keras_tuner"}


def room(module):
    name = module.split(".")[1]
    return "model" if name.startswith("model_") else name


def crossings(found):
    """Imports from one room of ours into another that it must not know.

    `rnnzoo` itself, the window onto everything, is nobody's to import.
    """
    return [
        str(i)
        for i in found
        if i.target.split(".")[0] == "rnnzoo" and i.module != "rnnzoo"
        if i.target == "rnnzoo"
        or room(i.target) not in {room(i.module), *ARROWS[room(i.module)]}
    ]


def tensorflow_outside(found):
    return [
        str(i)
        for i in found
        if i.target.split(".")[0] in TENSORFLOW
        if i.module == "rnnzoo"
        or room(i.module) not in TENSORFLOW_ROOMS
        and i.module not in TENSORFLOW_FILES
    ]


@pytest.fixture(scope="module")
def found():
    return imports(pathlib.Path(rnnzoo.__file__).parent)


def test_every_room_has_its_row(found):
    rooms = {room(i.module) for i in found if i.module != "rnnzoo"}
    assert rooms == set(ARROWS)


def test_no_room_imports_what_stands_on_it(found):
    assert crossings(found) == []


def test_no_module_imports_itself_through_others(found):
    arrows = {}
    for i in found:
        if i.module != "rnnzoo" and i.target.startswith("rnnzoo."):
            arrows.setdefault(i.module, set()).add(i.target)
    assert cycle(arrows) is None


def test_tensorflow_stays_in_its_rooms(found):
    assert tensorflow_outside(found) == []


def test_the_files_with_tensorflow_exist_and_import_it(found):
    importers = {i.module for i in found if i.target == "tensorflow"}
    assert TENSORFLOW_FILES <= importers


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("rnnzoo.cells.gru", "rnnzoo.layers.stack"),
        ("rnnzoo.kernels.loop", "rnnzoo"),
        ("rnnzoo.training.fit", "rnnzoo.model"),
        ("rnnzoo.layers.stack", "rnnzoo.architectures"),
    ],
)
def test_a_forbidden_arrow_is_seen(module, target):
    assert crossings([Import(module, target, 3)]) == [
        f"{module}:3 imports {target}"
    ]


def test_tensorflow_in_a_wrong_place_is_seen():
    bad = [
        Import("rnnzoo.cells.gru", "tensorflow.math", 1),
        Import("rnnzoo.model", "tensorflow", 1),
        Import("rnnzoo", "tensorflow_datasets", 1),
    ]
    good = [Import("rnnzoo.model_tensorflow", "tensorflow", 1)]
    assert tensorflow_outside(bad + good) == [str(i) for i in bad]


def test_all_forms_of_import_are_read(tmp_path):
    package = tmp_path / "zoo"
    (package / "cells").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "cells" / "__init__.py").write_text("from . import gru\n")
    (package / "cells" / "gru.py").write_text(
        "import keras.ops\n"
        "from zoo import cells\n"
        "from zoo.cells import Cell\n"
        "def late():\n"
        "    from ..cells import gru\n"
    )
    assert [(i.module, i.target) for i in imports(package)] == [
        ("zoo.cells", "zoo.cells.gru"),
        ("zoo.cells.gru", "keras.ops"),
        ("zoo.cells.gru", "zoo.cells"),
        ("zoo.cells.gru", "zoo.cells"),
        ("zoo.cells.gru", "zoo.cells.gru"),
    ]


def test_a_ring_is_found():
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert cycle({"a": {"b", "c"}, "b": {"c"}}) is None
