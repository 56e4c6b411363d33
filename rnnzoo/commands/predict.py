"""`python -m rnnzoo predict`: classes, tags or values, with a trained run."""

import pathlib
import sys

from rnnzoo import console
from rnnzoo.commands import lines, models

# What is read as it stands; all else are paths.
_TEXTS = ("text", "words")


def predict(values):
    """Reads, predicts and writes; see `flags.predict` for the options.

    Raises:
        ValueError: nothing to read, no such run, one that does not say what
            it reads, files that cannot be read.
    """
    items = lines.read(values)
    if values.output is not None:
        lines.check_output(values.output)
    path, beside = models.find(values.run)
    agreed = _contract(path, beside)
    kinds = agreed.inputs["kind"], agreed.outputs["kind"]
    _check_n_best(values.n_best, agreed.outputs)
    _check_items(items, values, kinds[0])
    console.start_tensorflow()
    from rnnzoo.commands.readers import READERS
    from rnnzoo.commands.writers import WRITERS

    model = models.load(path)
    found = [None] * len(items)
    order = range(len(items))
    if kinds[0] in _TEXTS:  # Of similar length, so that little is padded.
        order = sorted(order, key=lambda number: len(items[number]))
    for start in range(0, len(items), values.batch_size):
        rows = order[start : start + values.batch_size]
        batch = [items[row] for row in rows]
        inputs, steps = READERS[kinds[0]](batch, agreed.inputs, model)
        texts = WRITERS[kinds[1]](
            model, inputs, steps, agreed, values.n_best or 1
        )
        for row, text in zip(rows, texts, strict=True):
            found[row] = text
    written = _joined(items, found, agreed.outputs)
    lines.put(written, values.output, f"{len(items):,} inputs")


def _contract(path, beside):
    """What the run reads and gives."""
    from rnnzoo.training import contract

    file = beside(contract.FILE)
    if file is None:
        raise ValueError(
            f"{path} has no {contract.FILE} beside it, which says what its "
            "model reads: give a run of a recipe that predicts, or its folder; "
            "`python -m rnnzoo generate` is for models that write texts."
        )
    return contract.read(file)


def _check_n_best(n_best, outputs):
    if n_best is None:
        return
    if outputs["kind"] != "class":
        raise ValueError(
            f"--n_best {n_best} is for classes, and the run gives "
            f"{outputs['kind']}: leave it out."
        )
    if n_best > len(outputs["labels"]):
        raise ValueError(
            f"--n_best {n_best} is more than the {len(outputs['labels'])} "
            "classes of the run."
        )


def _check_items(items, values, kind):
    """Files must be there; a text that is the name of one is told."""
    if kind not in _TEXTS:
        absent = [item for item in items if not pathlib.Path(item).exists()]
        if absent:
            raise ValueError(
                f"There is no file {absent[0]!r}, and the run reads files of "
                f"the kind {kind!r}"
                + (f"; {len(absent)} are missing." if absent[1:] else ".")
            )
    elif values.file is None and len(items) == 1:
        path = pathlib.Path(items[0][:255])
        if path.is_file():
            print(
                f"note: {items[0]!r} was taken for a text; --file {items[0]} "
                "reads the file",
                file=sys.stderr,
            )


def _joined(items, found, outputs):
    """All of what is written, as one str."""
    if outputs["kind"] == "tags":
        return "\n".join(found)
    if outputs["kind"] != "values":
        return "".join(f"{text}\n" for text in found)
    head = "\t".join(["file", "time", *outputs["columns"]])
    rows = [
        f"{item}\t{row}\n"
        for item, text in zip(items, found, strict=True)
        for row in text.splitlines()
    ]
    return f"{head}\n{''.join(rows)}"
