"""The catalogue of cells: one line for each, from the code and a measurement.

Writes rnnzoo/cells/README.md. Everything in it but the times is read from the
classes; --measure also times every cell, side by side, and keeps what it found
in benchmarks/catalogue.json.

Run: python benchmarks/catalogue.py [--measure] [--rounds 5]
"""

import argparse
import inspect
import json
import math
import pathlib
import re

import keras

from rnnzoo import cells
from rnnzoo.layers import Recurrent, parallel

ROOT = pathlib.Path(__file__).parents[1]
PAGE = ROOT / "rnnzoo" / "cells" / "README.md"
TIMES = ROOT / "benchmarks" / "catalogue.json"
BATCH, TIMESTEPS, FEATURES, UNITS = 16, 256, 128, 128

INTRODUCTION = """\
# The cells

Made by `python benchmarks/catalogue.py` from the classes in this folder; a test
fails when it is out of date. Sizes and weights are those of `units={units}` on
{features} features, options at their defaults. A step is one training step,
loss and gradients of a sequence layer, on a batch of {batch} x {timesteps}, as
one TensorFlow graph on {machine}: best of {rounds}, all cells in turns. By the
same measure `keras.layers.GRU` takes {gru:.0f} ms.

"Parallel" is how a sequence runs where it does not need a loop over time:
`scan` for vector states, `chunks` for matrix states, `delta` for matrix states
that erase before they write.

| name | year | what it is | states | parallel | weights | step |
|---|---|---|---|---|---|---|
"""


def paper(cell):
    """`(year, link)` of the paper in the docstring of a cell's class."""
    text = " ".join(inspect.getdoc(cell).split())
    found = re.search(
        r"Paper: .*?\b(\d{4}),.*?(https://[^\s,;]+[^\s,;.])", text
    )
    return found.group(1), found.group(2)


def how_parallel(cell):
    """By which kernel the cell runs without a loop over time, or "no"."""
    if not parallel.runs_in_parallel(cell):
        return "no"
    if isinstance(cell, cells.MatrixCell):
        return "delta" if cell.erases else "chunks"
    return "scan"


def states(cell):
    """Sizes of the states; of equal ones, how many: "2 x 128"."""
    sizes = cell.state_size
    parts = [
        f"{sizes.count(n)} x {n:,}" if sizes.count(n) > 1 else f"{n:,}"
        for n in dict.fromkeys(sizes)
    ]
    return " + ".join(parts)


def line(name, milliseconds):
    """One row of the table."""
    kind = cells.CELLS[name]
    cell = kind(UNITS)
    cell.build((None, None, FEATURES))
    year, link = paper(kind)
    what = inspect.getdoc(kind).splitlines()[0].rstrip(".")
    weights = sum(math.prod(w.shape) for w in cell.weights)
    return (
        f"| [`{name}`]({name}.py) | [{year}]({link}) | {what} | {states(cell)} "
        f"| {how_parallel(cell)} | {weights:,} | {milliseconds:.0f} ms |\n"
    )


def page(times):
    """The whole page, from what `measure` returned."""
    introduction = INTRODUCTION.format(
        units=UNITS,
        features=FEATURES,
        batch=BATCH,
        timesteps=TIMESTEPS,
        machine=times["machine"],
        rounds=times["rounds"],
        gru=times["keras.layers.GRU"],
    )
    lines = (line(name, times["cells"][name]) for name in sorted(cells.CELLS))
    return introduction + "".join(lines)


def measure(rounds, machine):
    """Milliseconds of a training step of every cell, in turns."""
    import tensorflow as tf
    from _race import race
    from training_step import training_step

    inputs = tf.random.normal((BATCH, TIMESTEPS, FEATURES))
    layers = {
        name: Recurrent(name, units=UNITS, return_sequences=True)
        for name in sorted(cells.CELLS)
    }
    reference = "keras.layers.GRU"
    layers[reference] = keras.layers.GRU(UNITS, return_sequences=True)
    for layer in layers.values():
        layer.build(inputs.shape)
    best = race(
        {n: training_step(layer, inputs) for n, layer in layers.items()}, rounds
    )
    found = {name: round(1e3 * best[name], 1) for name in layers}
    gru = found.pop(reference)
    return {
        "machine": machine,
        "rounds": rounds,
        reference: gru,
        "cells": found,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--machine", default="two CPU cores")
    arguments = parser.parse_args()
    if arguments.measure:
        times = measure(arguments.rounds, arguments.machine)
        TIMES.write_text(json.dumps(times, indent=1) + "\n", "utf-8")
    PAGE.write_text(page(json.loads(TIMES.read_text("utf-8"))), "utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
