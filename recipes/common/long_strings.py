"""The tasks of the study of long dependencies, as strings to read and write."""

import numpy as np

# Columns of a sequence in samples.
_WIDEST = 90
_SAMPLES = 5


def contract(task):
    """What `python -m rnnzoo predict` goes by, for a `long_tasks.Task`."""
    from rnnzoo.training.contract import Contract

    if task.name == "adding":
        return Contract(
            {"kind": "steps", "features": task.inputs}, {"kind": "numbers"}
        )
    labels = [str(number) for number in range(task.outputs)]
    return Contract(
        {"kind": "symbols", "count": task.inputs},
        {"kind": "tags", "labels": labels},
    )


def sequences(task, inputs, weights=None):
    """Sequences as the contract reads them.

    Args:
        task: a `long_tasks.Task`.
        inputs: what its models read, `(examples, timesteps, features)`.
        weights: `(examples, timesteps)`, 0 where nothing counts; or None.

    Returns:
        list of str.
    """
    if task.name == "adding":
        return [
            " ".join(",".join(f"{x:.4g}" for x in step) for step in row)
            for row in inputs
        ]
    return _symbols(inputs.argmax(axis=-1), weights)


def samples(task, inputs, outputs, targets, weights=None):
    """The first sequences with what was said and what is right.

    Args:
        task, inputs, weights: as of `sequences`.
        outputs: what a model makes of them.
        targets: what would be right.

    Returns:
        str, several lines for each.
    """
    from rnnzoo.training import report

    first = slice(_SAMPLES)
    read = sequences(task, inputs[first], weights)
    if task.name == "adding":
        said, right = (
            [f"{row[0]:.4f}" for row in values[first]]
            for values in (outputs, targets)
        )
    else:
        said = _symbols(outputs[first].argmax(axis=-1), weights)
        right = _symbols(targets[first], weights)
    names = ("predicted", "expected", "from")
    rows = zip(said, right, read, strict=True)
    return "\n\n".join(report.listing(names, [*map(_end, row)]) for row in rows)


def _end(text):
    """The last steps, which are the hardest."""
    if len(text) <= _WIDEST:
        return text
    return f"... {text[-_WIDEST:].partition(' ')[2]}"


def _symbols(ids, weights):
    counts = [ids.shape[1]] * len(ids)
    if weights is not None:
        counts = np.asarray(weights)[: len(ids)].sum(axis=1).astype(int)
    return [
        " ".join(map(str, row[:count]))
        for row, count in zip(ids, counts, strict=True)
    ]
