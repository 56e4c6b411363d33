"""Pictures of what a network does, and the numbers behind them.

Those of `DIAGNOSTICS` are functions of a model and a batch that return a
`rnnzoo.diagnostics.diagnosis.Diagnosis`; the other modules draw what they are
given.
"""

import importlib

from rnnzoo.cells.checks import one_of

# The name is that of the module, and of the function in it.
DIAGNOSTICS = (
    "attention",
    "bptt",
    "draw",
    "gates",
    "gradient_flow",
    "memory_by_length",
    "states",
    "statistics",
)


def get(name):
    """A diagnostic by its name; only now its module is loaded.

    Args:
        name: str, one of `DIAGNOSTICS`.

    Returns:
        A function `f(model, batch)` that returns a
        `rnnzoo.diagnostics.diagnosis.Diagnosis`.

    Raises:
        ValueError: an unknown name.
    """
    one_of("diagnostic", name, DIAGNOSTICS)
    module = importlib.import_module(f"rnnzoo.diagnostics.{name}")
    return getattr(module, name)
