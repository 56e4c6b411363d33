"""`python -m rnnzoo predict`: classes, tags or values, with a trained run."""

import pathlib
import sys

from rnnzoo import console
from rnnzoo.commands import lines, models


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
    _check_n_best(values.n_best, agreed.outputs)
    _check_items(items, values, agreed)
    console.start_tensorflow()
    from rnnzoo.serving import loading, predicting

    options = {} if values.n_best is None else {"n_best": values.n_best}
    found = predicting.predict(
        loading.load(path), agreed, items, values.batch_size, **options
    )
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


def _check_items(items, values, agreed):
    """Files must be there; a text that is the name of one is told."""
    if not agreed.reads_texts:
        absent = [item for item in items if not pathlib.Path(item).exists()]
        if absent:
            raise ValueError(
                f"There is no file {absent[0]!r}, and the run reads files of "
                f"the kind {agreed.inputs['kind']!r}"
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
    tables = [text.splitlines() for text in found]
    rows = [
        f"{item}\t{row}\n"
        for item, table in zip(items, tables, strict=True)
        for row in table[1:]
    ]
    return f"file\t{tables[0][0]}\n{''.join(rows)}"
