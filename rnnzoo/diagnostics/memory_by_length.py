"""What the memory of a training step has to do with the length."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.diagnostics.measuring import write
from rnnzoo.diagnostics.of_length import of_length, per_step

_MEGABYTE = 1e6


def memory_by_length(
    model, batch, lengths=(256, 512, 1024, 2048), segment=None
):
    """Draws the most memory that a training step takes, against the length.

    Back-propagation through time keeps what every step has computed until the
    gradient comes back to it, so its memory grows as the sequences do. That of
    truncated back-propagation, which trains on one segment after the other,
    does not.

    Measured in a process of its own, which loads the model and trains it on
    the CPU, on the batch repeated or cut to each length; `model` stays as it
    is. Memory is that of the process above a step on half the shortest length.
    It takes as long as TensorFlow takes to start, and the steps.

    Args:
        model: a `rnnzoo.Model`, compiled or not; or a compiled Keras model;
            for sequences of any length. A cell of your own has to be in a
            module that can be imported.
        batch: `(x, y)` or `(x, y, sample_weight)`, as the model is trained
            on, as arrays.
        lengths: ints, the shortest first.
        segment: int or None. Number of steps of the segments of truncated
            back-propagation, at most the shortest length, to compare with;
            for a model of one output per step. The states that it would carry
            over, `(batch, units)`, are left out.

    Returns:
        `Diagnosis`. Its numbers are `"lengths"`; `"megabytes"`, one for each;
        `"megabytes_per_step"`, the slope of a straight line through them; and
        with `segment` also `"truncated_megabytes"`.

    Raises:
        ValueError: lengths that do not rise; a segment that is too long, or
            of a model without an output per step; a model that reads no
            sequences.
        RuntimeError: the process failed, for want of memory for instance.
    """
    lengths = [int(length) for length in lengths]
    _check(model, lengths, segment)
    of_length(model, batch, lengths[0])
    warm_up = lengths[0] // 2
    pieces = [segment] * (lengths[-1] // segment) if segment else []
    peaks = measure(model, batch, [warm_up, *pieces, *lengths])
    above = [(peak - peaks[0]) / _MEGABYTE for peak in peaks[1:]]
    megabytes = above[len(pieces) :]
    slope = np.polyfit(lengths, megabytes, 1)[0] if len(lengths) > 1 else None
    numbers = {"lengths": lengths, "megabytes": megabytes}
    if slope is not None:
        numbers["megabytes_per_step"] = float(slope)
    if segment:
        numbers["truncated_megabytes"] = [
            above[length // segment - 1] for length in lengths
        ]
    return Diagnosis(_draw(numbers, segment), numbers)


def measure(model, batch, lengths):
    """Trains on one batch of each length after the other.

    Args:
        model, batch: as of `memory_by_length`.
        lengths: list of int.

    Returns:
        list of int: the most bytes that the process has held after each, and
        so never less than before.

    Raises:
        RuntimeError: the process failed.
    """
    with tempfile.TemporaryDirectory(prefix="rnnzoo-memory-") as folder:
        folder = pathlib.Path(folder)
        model.save(folder / "model.keras")
        write(folder / "batch.npz", batch)
        request = {"lengths": lengths, "modules": _modules(model)}
        (folder / "request.json").write_text(json.dumps(request), "utf-8")
        command = [sys.executable, "-m", "rnnzoo.diagnostics.measuring"]
        done = subprocess.run(
            [*command, str(folder)],
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "CUDA_VISIBLE_DEVICES": "",
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
        )
    peaks = [
        int(line.split()[1])
        for line in done.stdout.splitlines()
        if line.startswith("peak ")
    ]
    if done.returncode or len(peaks) != len(lengths):
        at = lengths[len(peaks)] if len(peaks) < len(lengths) else max(lengths)
        raise RuntimeError(
            f"The process that was to train on {at} steps ended with "
            f"{done.returncode}. Its last words: "
            f"{done.stderr.strip()[-1000:] or 'none'}. Killed without any, it "
            "had too little memory: leave the longest lengths out."
        )
    return peaks


def _modules(model):
    """Modules whose classes the model is made of, ours and Keras's aside."""
    names = {type(layer).__module__ for layer in model._flatten_layers()}
    known = ("rnnzoo", "keras", "tensorflow", "__main__")
    return sorted(n for n in names if n.split(".")[0] not in known)


def _check(model, lengths, segment):
    if not lengths or lengths[0] < 2 or sorted(set(lengths)) != lengths:
        raise ValueError(
            "Memory is measured for lengths that rise, as its peak does, from "
            f"2 steps on. Received: lengths={lengths!r}"
        )
    if segment is None:
        return
    if not 0 < segment <= lengths[0]:
        raise ValueError(
            "Segments are as long as the shortest length at most, "
            f"{lengths[0]}. Received: segment={segment!r}"
        )
    if not per_step(model):
        raise ValueError(
            "Only a model with one output per step is trained on segments. "
            f"Received: segment={segment} and the model {model.name!r}, whose "
            "outputs have no axis of time. Leave the segment out."
        )


def _draw(numbers, segment):
    figure = Figure(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.add_subplot()
    lengths = numbers["lengths"]
    label = "back-propagation through time"
    if "megabytes_per_step" in numbers:
        label += f": {numbers['megabytes_per_step']:.2g} MB per step"
    axis.plot(lengths, numbers["megabytes"], "o-", label=label)
    if segment:
        axis.plot(
            lengths,
            numbers["truncated_megabytes"],
            "s--",
            label=f"truncated to {segment} steps",
        )
    axis.set(
        xlabel="steps of a sequence",
        ylabel="MB of a training step",
        xticks=lengths,
    )
    axis.set_ylim(bottom=0)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    return figure
