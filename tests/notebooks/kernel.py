"""Notebooks as a reader runs them: from top to bottom, in a kernel."""

import json
import os
import pathlib

import nbformat
from nbclient import NotebookClient

ROOT = pathlib.Path(__file__).parents[2]

# Seconds of processor time, those of the commands that a notebook runs too.
_MEASURE = """
import json, resource
_used = [
    resource.getrusage(who)
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
]
print(json.dumps(sum(used.ru_utime + used.ru_stime for used in _used)))
"""


def run(path, folder):
    """Runs a notebook in smoke mode, with its runs in a folder of its own.

    Args:
        path: of the notebook, which stays as it is.
        folder: `pathlib.Path`, empty: where the kernel works.

    Returns:
        `(outputs, seconds)`: a list of all outputs, and the processor's time.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised an error.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(_MEASURE))
    environment = {
        **os.environ,
        "RNNZOO_SMOKE": "1",
        "PYTHONPATH": str(ROOT),
        # What is set for the person who runs the tests does not count.
        "IPYTHONDIR": str(folder / "ipython"),
    }
    # Where a notebook runs, the recipes are.
    (folder / "recipes").symlink_to(ROOT / "recipes")
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=environment)
    outputs = [
        output for cell in notebook.cells for output in cell.get("outputs", [])
    ]
    return outputs[:-1], json.loads(outputs[-1].text)


def printed(outputs):
    """All that a notebook printed."""
    return "".join(
        output.text
        for output in outputs
        if output.output_type == "stream" and output.name == "stdout"
    )


def figures(outputs):
    """How many figures a notebook shows."""
    return sum("image/png" in output.get("data", {}) for output in outputs)
