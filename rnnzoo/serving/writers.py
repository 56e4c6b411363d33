"""What a model gives to words.

A writer is a function of (model, inputs, steps, contract), of one batch, see
`readers`, and of options; it returns a str for each item, of one line or
several.
"""

import numpy as np


def classes(model, inputs, steps, contract, n_best=1):
    """The `n_best` likeliest classes, each with its probability."""
    labels = contract.outputs["labels"]
    logits = _logits(model, inputs, labels)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    best = np.argsort(-shares, axis=1, kind="stable")[:, :n_best]
    return [
        "\t".join(f"{labels[n]}\t{row[n]:.4f}" for n in order)
        for row, order in zip(shares, best, strict=True)
    ]


def label_sets(model, inputs, steps, contract):
    """The labels that are there, the likeliest first, and probabilities."""
    from rnnzoo.training.label_scores import probabilities

    labels = contract.outputs["labels"]
    lines = []
    for row in probabilities(_logits(model, inputs, labels)):
        found = np.flatnonzero(row >= contract.outputs["threshold"])
        found = sorted(found, key=lambda n: -row[n])
        names = ",".join(labels[n] for n in found) or "-"
        shares = ",".join(f"{row[n]:.4f}" for n in found) or "-"
        lines.append(f"{names}\t{shares}")
    return lines


def tags(model, inputs, steps, contract):
    """Each step with its tag, a line for each, and an empty one at the end."""
    labels = contract.outputs["labels"]
    _check_count(model.head.units, labels)
    return [
        "".join(
            f"{_cell(step)}\t{labels[number]}\n"
            for step, number in zip(names, row, strict=False)
        )
        for names, row in zip(steps, model.labels(inputs), strict=True)
    ]


def transcripts(model, inputs, steps, contract):
    """The labels of each item in their order."""
    labels = contract.outputs["labels"]
    # The first output is blank.
    _check_count(model.head.units - 1, labels)
    return [
        " ".join(labels[number - 1] for number in row if number)
        for row in model.labels(inputs)
    ]


def values(model, inputs, steps, contract):
    """Names of columns, and a line for each step ahead: its time, values."""
    from rnnzoo.pipelines.standard import Standard

    settings, columns = contract.inputs, contract.outputs["columns"]
    places = [settings["columns"].index(name) for name in columns]
    standard = Standard(tuple(settings["mean"]), tuple(settings["deviation"]))
    outputs = np.asarray(model.predict_on_batch(inputs))
    if outputs[0].size % len(columns):
        raise ValueError(
            f"The model gives {outputs[0].size} values, which are no steps of "
            f"the {len(columns)} columns in prediction.json: it belongs to "
            "another model."
        )
    ahead = standard.invert(
        outputs.reshape(len(outputs), -1, len(columns)), places
    )
    head = "\t".join(["time", *columns]) + "\n"
    return [
        head
        + "".join(
            "\t".join([time, *(f"{value:.6g}" for value in row)]) + "\n"
            for time, row in zip(times, rows, strict=False)
        )
        for times, rows in zip(steps, ahead, strict=True)
    ]


def numbers(model, inputs, steps, contract):
    """The values of each item, with tabs between them."""
    outputs = np.asarray(model.predict_on_batch(inputs))
    rows = outputs.reshape(len(outputs), -1)
    return ["\t".join(f"{value:.6g}" for value in row) for row in rows]


def written(model, inputs, steps, contract, beam_width=None):
    """What the model writes, in one line; by the contract's beams if None."""
    beams = beam_width or contract.outputs["beam_width"]
    texts = model.generate(inputs, beam_width=beams)
    return [" ".join(text.splitlines()) for text in texts]


WRITERS = {
    "class": classes,
    "labels": label_sets,
    "tags": tags,
    "transcript": transcripts,
    "values": values,
    "numbers": numbers,
    "text": written,
}


def _logits(model, inputs, labels):
    logits = np.asarray(model.predict_on_batch(inputs))
    if logits.ndim != 2:
        raise ValueError(
            f"The model gives outputs of the shape {logits.shape}, where "
            "prediction.json tells of one set of logits for each input: it "
            "belongs to another model."
        )
    _check_count(logits.shape[1], labels)
    return logits.astype("float64")


def _check_count(count, labels):
    if count != len(labels):
        raise ValueError(
            f"The model has {count} outputs, and prediction.json names "
            f"{len(labels)} labels: it belongs to another model."
        )


def _cell(text):
    """A step that is a tab or a line break would be taken for a new cell."""
    return text.translate(dict.fromkeys(map(ord, "\t\r\n"), " "))
